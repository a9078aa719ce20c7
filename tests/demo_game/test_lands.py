"""Depths that are drawn with generated tilesets."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pygame
import pytest

import tilewright as tw
from tilewright.generator import Pack
from tilewright.level.kinds import WALKABLE
from tilewright.pack import check_pack
from tilewright_demo.assets import Assets, plan_of, scenes
from tilewright_demo.assets.statues import statues_in
from tilewright_demo.content.biomes import BIOMES, VILLAGE
from tilewright_demo.rules.run import Run
from tilewright_demo.screens.playing import Playing
from tilewright_demo.screens.screen import Shared
from tilewright_demo.view import HEIGHT, WIDTH
from tilewright_demo.worker import Worker

from ..step_networks import conditioned_pack

TERRAINS = (("floor", "floor"), ("grass", "floor"), ("sand", "floor"), ("water", "water"), ("lava", "water"))


@pytest.fixture
def lands(packs, monkeypatch):
    """Assets with a small pack of terrains, for biomes of those."""
    pack = Pack(check_pack(conditioned_pack(edges=(16, 16), cell=8), Path("land.onnx")))
    biome = replace(BIOMES[0], ground="floor", terrains=(*TERRAINS, ("wall", "wall")), pack="land", walls=())
    monkeypatch.setattr(scenes, "biome_of", lambda seed, depth: biome)
    return Assets(*packs, {}, lands={"land": pack})


def pixels(shown):
    screen = pygame.Surface((WIDTH, HEIGHT))
    shown.draw(screen)
    return pygame.surfarray.array3d(screen)


def test_a_depth_is_drawn_with_a_tileset_of_its_biome(lands):
    made = lands.scene(7, 1)
    rows, columns = made.level.cells.shape
    assert made.ground.shape[1:] == (rows * 8, columns * 8, 4) and made.pack == lands.lands["land"].name
    assert [terrain.name for terrain in made.map.tileset.terrains] == ["floor", "water", "wall"]
    np.testing.assert_array_equal(made.map.solid[:rows, :columns], ~made.level.walkable)
    np.testing.assert_array_equal(lands.scene(7, 1).ground, made.ground)
    assert not np.array_equal(lands.scene(7, 1, again=1).ground, made.ground)
    assert lands.draft(7, 1).pack == lands.tiles.name


def test_a_run_begins_before_its_tileset_is_there(lands, tmp_path):
    worker = Worker(lands.scene)
    try:
        worker.ready = lambda place: False
        shared = Shared(lands, worker, tmp_path, 7)
        playing = Playing(shared, Run(7, plan_of))
        assert playing.scene.pack == lands.tiles.name and playing.draft
        simple = pixels(playing)
        del worker.ready
        worker._futures[(7, 1, 0)].result()
        playing.step([], (0, 0))
        assert (
            playing.scene.pack == lands.lands["land"].name and not playing.draft and not playing.next.run.over
        )
        few = (pixels(playing) != simple).any(axis=2).mean()
        for _ in range(200):
            playing.step([], (0, 0))
        assert few < (pixels(playing) != simple).any(axis=2).mean() / 4, "they spread from the hero"
    finally:
        shared.close()


@pytest.fixture
def waiting(lands, tmp_path):
    """What the screens share while tilesets take for ever."""
    may_draw = threading.Event()

    def make(*place):
        assert may_draw.wait(60)
        return lands.scene(*place)

    made = Shared(lands, Worker(make), tmp_path, 7)
    yield made
    may_draw.set()
    made.close()


def test_a_draft_of_another_seed_is_not_shown(waiting):
    waiting.prepare()
    waiting.prepare((8, 1, 0))
    scene, draft = waiting.take((8, 1, 0))
    assert draft and scene.seed == 8 and not waiting.ready((7, 1, 0))


def test_a_draft_that_cannot_be_made_leaves_the_tileset(lands, tmp_path):
    shared = Shared(lands, Worker(lands.scene), tmp_path, 7)
    try:
        shared.drafts.close()
        shared.drafts = Worker(lambda *place: (_ for _ in ()).throw(tw.DataError("no draft")), "drafts")
        scene, draft = shared.take((7, 1, 0))
        assert not draft and scene.pack == lands.lands["land"].name
    finally:
        shared.close()


def test_a_tileset_that_is_there_first_replaces_the_draft(lands, tmp_path):
    shared = Shared(lands, Worker(lands.scene), tmp_path, 7)
    try:
        shared.prepare()
        shared.drafts._futures[(7, 1, 0)].result()
        shared.worker._futures[(7, 1, 0)].result()
        scene, draft = shared.take((7, 1, 0))
        assert not draft and scene.pack == lands.lands["land"].name and not shared.drafts._futures
    finally:
        shared.close()


def test_a_biome_may_have_walls_with_fronts(lands, monkeypatch):
    biome = replace(scenes.biome_of(7, 1), walls=("wall",))
    monkeypatch.setattr(scenes, "biome_of", lambda seed, depth: biome)
    made = lands.scene(7, 1)
    assert [terrain.name for terrain in made.map.tileset.terrains] == ["floor", "water", "wall", "void"]
    rows, columns = made.level.cells.shape
    assert made.ground.shape[1:] == (rows * 8, columns * 8, 4) and made.map.shape == (rows, columns)
    np.testing.assert_array_equal(made.map.solid, ~made.level.walkable)
    alone = statues_in(made.level)
    ground, *_, statues = (layer.tiles for layer in made.map.layers)
    np.testing.assert_array_equal(statues >= 0, alone)
    assert alone.any() and not made.map.tileset.solid[ground[alone]].any(), "they stand on floor"
    assert not np.array_equal(scenes.restyle(made, "game-boy").ground, made.ground)


@pytest.mark.parametrize("biome", [*BIOMES, VILLAGE], ids=lambda biome: biome.name)
def test_biomes_have_terrains_of_their_packs(biome):
    kinds = dict(biome.terrains)
    assert {biome.ground, *kinds.values()} <= set(tw.load(biome.pack).kinds)
    assert set(biome.walls) <= {kinds["wall"]}
    open_terrains = {terrain for kind, terrain in kinds.items() if kind in WALKABLE}
    assert not open_terrains & {terrain for kind, terrain in kinds.items() if kind not in WALKABLE}
    for seed in range(3):
        level = tw.make_level(40, 30, seed, biome.style)
        assert {level.kinds[kind] for kind in np.unique(level.cells)} <= kinds.keys() | {"grass", "sand"}
