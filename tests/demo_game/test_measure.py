"""The measurements of the game while it is played."""

import time

import pygame
import pytest

from tilewright_demo.game import Game
from tilewright_demo.measure import frame_times, memory
from tilewright_demo.screens.playing import Playing


@pytest.fixture
def game(assets, tmp_path, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    return Game(assets, 7, 1, tmp_path)


def test_frames_are_timed_while_a_bot_plays(game):
    began = time.time()
    shared = game.shown.shared
    shared.worker._futures[(7, 1, 0)].result()  # a busy machine may need longer than the title is shown
    times = frame_times(game, 1.5, began)
    assert len(times.frames) == len(times.cpu) == 90 and isinstance(game.shown, Playing)
    assert 0 < times.title < times.first < time.time() - began and times.depths == 1
    assert [line.partition(" ")[0] for line in times.lines()] == ["title", "90", "CPU", "longest"]


def test_memory_is_told_for_each_minute(game, monkeypatch):
    monkeypatch.setattr("tilewright_demo.measure._DRAWN", 600)
    told = []
    used = memory(game, 1, told.append)
    assert len(used) == 1 and used[0] > 10_000 and told[0].startswith(f"minute 1: {used[0]} kB, depth ")
    assert int(told[0].rpartition(" ")[2]) >= 1, "the bot played"


def test_a_closed_window_ends_both(game, assets, tmp_path):
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert frame_times(game, 60, time.time()).frames == []
    other = Game(assets, 7, 1, tmp_path)
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert memory(other, 1, print) == []
