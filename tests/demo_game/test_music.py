"""Music of the game: a tune per biome, composed on a thread, looped, as loud as the settings say."""

import threading
import time

import numpy as np
import pygame
import pytest

import tilewright as tw
from tilewright_demo.assets import SOUND_RATE, tune
from tilewright_demo.audio import open_mixer
from tilewright_demo.content.biomes import BIOMES, VILLAGE
from tilewright_demo.music import Music
from tilewright_demo.screens.title import Title
from tilewright_demo.settings import Settings


@pytest.fixture
def mixer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    open_mixer()
    yield pygame.mixer
    pygame.mixer.quit()


def follow(music: Music, wanted: tuple[int, str]) -> None:
    """Follow until the tune sounds."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        music.follow(wanted)
        if music._heard == wanted:
            return
        time.sleep(0.001)
    raise AssertionError("the tune was not played")


def test_a_tune_is_looped_and_follows_the_biome(mixer):
    made = []

    def make(seed, mood):
        made.append((seed, mood))
        return np.zeros(2000, np.int16)

    settings = Settings(music=5)
    music = Music(settings, make)
    try:
        follow(music, (7, "grave"))
        channel = mixer.Channel(0)
        assert channel.get_busy() and channel.get_volume() == pytest.approx(0.5, abs=0.01)
        follow(music, (7, "home"))
        follow(music, (7, "grave"))
        assert made == [(7, "grave"), (7, "home"), (7, "grave")]
        settings.muted = True
        music.follow((7, "grave"))
        assert channel.get_volume() == 0
        settings.muted = False
        music.follow(None)
        assert music._heard is None
        follow(music, (8, "grave"))
        assert made[-1] == (8, "grave")
    finally:
        music.close()


def test_nothing_is_composed_without_sound(mixer):
    def make(seed, mood):
        raise AssertionError

    muted = Music(Settings(muted=True), make)
    muted.follow((7, "grave"))
    assert muted._made is None
    muted.close()
    mixer.quit()
    before = threading.active_count()
    silent = Music(Settings(), make)
    silent.follow((7, "grave"))
    silent.follow(None)
    silent.close()
    assert silent._made is None and threading.active_count() == before


def test_moods_of_screens_and_biomes_are_those_of_tunes(shared):
    assert Title(shared).tune == (7, "bright") and "bright" in tw.music.mood_names()
    moods = {biome.mood for biome in (*BIOMES, VILLAGE)}
    assert len(moods) == len(BIOMES) + 1 and moods <= set(tw.music.mood_names())


def test_a_tune_of_a_mood():
    samples = tune(7, "fierce", bars=1)
    assert samples.dtype == np.int16 and len(samples) == 16 * round(SOUND_RATE * 60 / (132 * 4))
