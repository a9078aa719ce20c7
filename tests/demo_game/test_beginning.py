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
from tilewright_demo.screens.playing import Playing
from tilewright_demo.screens.screen import Shared
from tilewright_demo.view import HEIGHT, WIDTH
from tilewright_demo.worker import Worker

STILL = (0, 0)


def in_play(screen):
    """Return the screen of a run once its pictures are there."""
    until = time.monotonic() + 60
    while isinstance(screen, Beginning) and time.monotonic() < until:
        time.sleep(0.01)
        screen.step([], STILL)
        screen = screen.next
    assert isinstance(screen, Playing)
    return screen


def test_a_run_waits_for_its_pictures_without_blocking(packs, tmp_path):
    may_draw = threading.Event()

    def make(*place):
        assert may_draw.wait(60)
        return assets.scene(*place)

    assets = Assets(*packs, {})
    shared = Shared(assets, Worker(make), tmp_path, 7)
    try:
        waiting = begin(shared, Run(7, plan_of), Playing)
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
        shared.prepare()
        shared.worker._futures[(7, 1, 0)].result()
        assert isinstance(begin(shared, Run(7, plan_of), Playing), Playing)
    finally:
        may_draw.set()
        shared.close()


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
