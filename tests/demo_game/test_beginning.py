"""A run waits for its pictures on a screen of its own."""

import threading
import time

import numpy as np
import pygame
import pytest

import tilewright as tw
from tilewright_demo.assets import Assets, plan_of
from tilewright_demo.rules.run import Run
from tilewright_demo.screens.beginning import Beginning, begin
from tilewright_demo.screens.boxes import Paused
from tilewright_demo.screens.playing import Playing
from tilewright_demo.screens.screen import Shared
from tilewright_demo.screens.settings import SettingsScreen
from tilewright_demo.view import HEIGHT, WIDTH
from tilewright_demo.worker import Worker

STILL = (0, 0)


@pytest.fixture
def held(packs, tmp_path):
    """What a run waits for: the screen, and the event after which its pictures are made."""
    may_draw = threading.Event()

    def make(*place):
        assert may_draw.wait(60)
        return assets.scene(*place)

    assets = Assets(*packs, {})
    shared = Shared(assets, Worker(make), tmp_path, 7)
    yield begin(shared, Run(7, plan_of), Playing), may_draw
    may_draw.set()
    shared.close()


def after(screen):
    """Return the screen that follows once the pictures of a run are there."""
    until = time.monotonic() + 60
    while isinstance(screen, Beginning) and time.monotonic() < until:
        time.sleep(0.01)
        screen.step([], STILL)
        screen = screen.next
    return screen


def in_play(screen):
    """Return the screen of a run once its pictures are there."""
    playing = after(screen)
    assert isinstance(playing, Playing)
    return playing


def pixels(shown):
    """Return what a screen shows."""
    screen = pygame.Surface((WIDTH, HEIGHT))
    shown.draw(screen)
    return pygame.image.tobytes(screen, "RGB")


def test_a_run_waits_for_its_pictures_without_blocking(held):
    waiting, may_draw = held
    waiting.step([], STILL)
    assert waiting.next is waiting and waiting.waiting
    screen = pygame.Surface((WIDTH, HEIGHT))
    waiting.draw(screen)
    assert len(np.unique(pygame.surfarray.array2d(screen))) > 1, "it says what it waits for"
    waiting.step(["pause"], STILL)
    assert waiting.next is None
    waiting.next = waiting
    may_draw.set()
    assert in_play(waiting).run.seed == 7
    shared = waiting.shared
    shared.prepare()
    shared.worker._futures[(7, 1, 0)].result()
    assert isinstance(begin(shared, Run(7, plan_of), Playing), Playing)


def test_the_sound_is_turned_off_at_once(held):
    waiting, _ = held
    silent = pixels(waiting)
    waiting.step(["mute"], STILL)
    assert waiting.shared.settings.muted and waiting.next is waiting
    off = pixels(waiting)
    waiting.step(["mute"], STILL)
    assert not waiting.shared.settings.muted
    assert len({silent, off, pixels(waiting)}) == 3, "it says what the sound is"


def test_the_settings_open_and_the_run_begins_after_them(held):
    waiting, may_draw = held
    waiting.step(["settings"], STILL)
    opened = waiting.next
    assert isinstance(opened, SettingsScreen) and opened.tune == waiting.tune
    may_draw.set()
    opened.step(["pause"], STILL)
    assert opened.next is waiting and waiting.next is waiting
    assert in_play(waiting).run.seed == 7


def test_a_run_begins_paused_if_the_gamepad_is_unplugged_meanwhile(held):
    waiting, may_draw = held
    waiting.step(["unplugged"], STILL)
    assert waiting.next is waiting
    may_draw.set()
    paused = after(waiting)
    assert isinstance(paused, Paused) and paused.below.run.clock == 0
    assert any("unplugged" in message for message in paused.below.messages)
    paused.step(["act"], STILL)
    assert in_play(paused.next) is paused.below


def test_a_run_whose_pictures_cannot_be_made_returns_to_the_title(assets, tmp_path):
    def make(*place):
        raise tw.DataError("the pack is gone")

    shared = Shared(assets, Worker(make), tmp_path, 7)
    try:
        shared.prepare()
        with pytest.raises(tw.DataError):
            shared.worker._futures[(7, 1, 0)].result()
        ended = begin(shared, Run(7, plan_of), Playing)
        assert ended.next is None and shared.notes == ["the pack is gone"]
    finally:
        shared.close()
