"""Flowing tiles: the level stays what it is, cells follow one another, and all returns."""

import time

import numpy as np
import pytest

import tilewright as tw
from tilewright_demo.assets import Assets, plan_of
from tilewright_demo.morph import ORIGINAL, Morph
from tilewright_demo.rules.run import Run
from tilewright_demo.screens.playing import Playing
from tilewright_demo.screens.screen import Shared
from tilewright_demo.view import HEIGHT, WIDTH
from tilewright_demo.worker import Worker

from ..level.drawn_map import overlay_set
from .test_beginning import STILL, pixels


@pytest.fixture(scope="module")
def assets_with_latents():
    return Assets(tw.load("dawn-tiles"), tw.load("dawn-sprites"), {})


@pytest.fixture(scope="module")
def scene(assets_with_latents):
    return assets_with_latents.scene(7, 3)


def flow(morph, steps):
    """Take steps, and wait for pictures where they are late."""
    for _ in range(steps):
        clock = morph._clock
        while morph._clock == clock:
            morph.step()
            time.sleep(0.001)


@pytest.fixture
def morph(assets_with_latents, scene):
    made = Morph(assets_with_latents, scene, None, scene.level.start)
    yield made
    made.close()


def test_cells_flow_from_the_origin_outwards_and_return(morph, scene):
    height, width = scene.ground.shape[1:3]

    def own():
        return morph.pixels(0, 0, 0, width, height) == ORIGINAL

    flow(morph, 30)
    row, column = (16 * place for place in scene.level.start)
    begun = own()
    assert not begun[row, column] and begun.any()
    first = morph.pixels(0, column, row, 16, 16)
    flow(morph, 150)
    later, shown = own(), morph.shown
    assert (later <= begun).all() and later.sum() < begun.sum()
    assert not np.array_equal(morph.pixels(0, column, row, 16, 16), first)
    assert shown >= 200, "hundreds of pictures at a time"
    morph.stop()
    flow(morph, 20)
    assert own()[row, column] and not own().all() and not morph.over
    for _ in range(morph._lag.max() + 1):
        flow(morph, 1)
        if morph.over:
            break
    assert morph.over and own().all()


def test_light_and_kinds_are_those_of_the_level(morph, scene):
    """With a table that holds the drawn pixels of one kind, the level's own shades come out again."""
    flow(morph, 1)
    codes, size = morph._codes, 16
    walls = scene.level.cells == scene.level.kinds.index("wall")
    wall_codes = np.unique(codes[0].reshape(40, size, 56, size).transpose(0, 2, 1, 3)[walls])
    floor_codes = np.unique(codes[0].reshape(40, size, 56, size).transpose(0, 2, 1, 3)[~walls])
    assert not set(wall_codes.tolist()) & set(floor_codes.tolist())
    assert codes.min() >= 0 and codes.max() < morph._table.shape[1]
    assert set(morph._light.tolist()) <= {26, 55, 58, 62, 78, 100} and 100 in morph._light
    rows, columns = np.indices(codes.shape[1:])
    np.testing.assert_array_equal(codes[0] % size, columns % size)
    np.testing.assert_array_equal(codes[0] // size % size, rows % size)


def test_parts_fit_together_and_palettes_hold(assets_with_latents, scene):
    morph = Morph(assets_with_latents, scene, "game-boy", scene.level.start)
    flow(morph, 40)
    whole = morph.pixels(0, 0, 0, 200, 100)
    np.testing.assert_array_equal(morph.pixels(0, 37, 21, 90, 60), whole[21:81, 37:127])
    assert len(np.unique(whole[whole != ORIGINAL])) <= 4
    still = morph.pixels(0, 0, 0, 200, 100, still=True)
    flow(morph, 5)
    np.testing.assert_array_equal(morph.pixels(0, 0, 0, 200, 100, still=True), still)
    morph.close()


def test_tiles_that_cannot_flow_are_told(packs, shared, assets_with_latents):
    with pytest.raises(tw.UsageError, match="no latents"):
        Morph(Assets(overlay_set(cells=False), packs[1], {}), None, None, (0, 0))
    small = shared.assets.scene(7, 3)
    with pytest.raises(tw.UsageError, match="tiles of 16 pixels cannot flow in a depth with tiles of 8"):
        Morph(assets_with_latents, small, None, (0, 0))
    playing = Playing(shared, Run(7, plan_of))
    playing.step(["morph"], STILL)
    assert playing._morph is None and "no latents" in playing.messages[-1]


def test_t_begins_and_ends_it(assets_with_latents, tmp_path):
    worker = Worker(assets_with_latents.scene)
    shared = Shared(assets_with_latents, worker, tmp_path, 7)
    playing = Playing(shared, Run(7, plan_of))
    before = pixels(playing)
    playing.step(["morph"], STILL)
    for _ in range(2000):
        playing.step([], STILL)
        if playing._morph.begun and playing._morph._clock > 40:
            break
        time.sleep(0.002)
    assert pixels(playing) != before and len(pixels(playing)) == 3 * WIDTH * HEIGHT
    playing.step(["palette"], STILL)
    assert playing._morph is not None and not playing._morph.begun
    playing.step(["morph"], STILL)
    playing._end_morph()
    worker.close()


def test_death_ends_it(assets_with_latents, tmp_path):
    worker = Worker(assets_with_latents.scene)
    playing = Playing(Shared(assets_with_latents, worker, tmp_path, 7), Run(7, plan_of))
    playing.step(["morph"], STILL)
    assert playing.flows
    playing.run.hero.health = 0
    playing.step([], STILL)
    assert not playing.flows and playing.next is not playing
    worker.close()
