"""LDtk's projects: all keys, numbers that resolve, the picture, and auto-layer rules that give the tiles of the map."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import tilewright as tw

from ..level.drawn_map import blob_map, corner_map, layered_map, palette, pictures
from . import ldtk_files
from .generated_map import LAYOUTS, generated_map, walled_map


def saved(level: tw.Map, folder: Path) -> dict[str, Any]:
    """The project of a map."""
    level.save(folder / "map.ldtk")
    project: dict[str, Any] = json.loads((folder / "map.ldtk").read_text())
    return project


def drawn(project: dict[str, Any], folder: Path) -> np.ndarray:
    """The picture of the only level of a project: its layers from the last to the first."""
    (level,), (tileset,) = project["levels"], project["defs"]["tilesets"]
    with Image.open(folder / tileset["relPath"]) as sheet:
        art = np.asarray(sheet.convert("RGBA"))
    assert art.shape[:2] == (tileset["pxHei"], tileset["pxWid"])
    size = tileset["tileGridSize"]
    canvas = np.zeros((level["pxHei"], level["pxWid"], 4), np.uint8)
    for layer in reversed(level["layerInstances"]):
        for tile in layer["autoLayerTiles"] + layer["gridTiles"]:
            left, top = tile["px"][0] + layer["__pxTotalOffsetX"], tile["px"][1] + layer["__pxTotalOffsetY"]
            source = art[tile["src"][1] : tile["src"][1] + size, tile["src"][0] : tile["src"][0] + size]
            assert tile["src"] == [
                tile["t"] % tileset["__cWid"] * size,
                tile["t"] // tileset["__cWid"] * size,
            ]
            rows, columns = np.nonzero(source[..., 3])
            inside = (rows + top >= 0) & (rows + top < len(canvas)) & (columns + left >= 0)
            inside &= columns + left < canvas.shape[1]
            rows, columns = rows[inside], columns[inside]
            canvas[rows + top, columns + left] = source[rows, columns]
    return canvas


def test_a_project_is_complete_and_shows_the_map(level: tw.Map, tmp_path: Path) -> None:
    if level.tileset.shape[0] != level.tileset.shape[1]:
        with pytest.raises(
            tw.UsageError, match=r"^Map\.save\(\): LDtk has square tiles, and these are 16x9$"
        ):
            level.save(tmp_path / "map.ldtk")
        return
    project = saved(level, tmp_path)
    ldtk_files.check(project)
    still = replace(level, tileset=replace(level.tileset, animations=()))  # LDtk has no animated tiles
    assert np.array_equal(drawn(project, tmp_path), still.picture())
    (enum,) = project["defs"]["tilesets"][0]["enumTags"]
    assert enum == {"enumValueId": "Solid", "tileIds": np.flatnonzero(level.tileset.solid).tolist()}
    text = project["levels"][0]["fieldInstances"][0]["__value"]
    assert text.splitlines() == [
        *(f"tileset {key}: {value}" for key, value in level.tileset.provenance.items()),
        *(f"map {key}: {value}" for key, value in level.facts.items()),
    ]
    again = level.save(tmp_path / "again" / "map.ldtk")
    assert again[-1].read_bytes() == (tmp_path / "map.ldtk").read_bytes()


@pytest.mark.parametrize(
    "make",
    [
        corner_map,
        blob_map,
        lambda: blob_map(outside=-1),
        walled_map,
        *(partial(generated_map, layout, transparent) for layout in LAYOUTS for transparent in (False, True)),
    ],
)
def test_rules_give_the_tiles_of_the_map(make: Any, tmp_path: Path) -> None:
    level = make()
    project = saved(level, tmp_path)
    ldtk_files.check(project)
    allowed = ldtk_files.rule_tiles(project)
    tiles = level.layers[0].tiles
    assert set(allowed) == {(x, y) for (y, x), tile in np.ndenumerate(tiles) if tile >= 0}
    assert all(tiles[y, x] in found for (x, y), found in allowed.items())
    assert len({found for found in allowed.values()}) > 10
    assert np.array_equal(drawn(project, tmp_path), level.picture())


def test_likelier_tiles_occur_more_often(tmp_path: Path) -> None:
    level = corner_map()
    art, codes = np.repeat(level.tileset.pictures, 2, axis=0), np.repeat(level.tileset.codes, 2, axis=0)
    twice = tw.Tileset(
        "twice", art, palette(), level.tileset.terrains, codes, probabilities=np.tile([3.0, 1.0], 16)
    )
    layer = tw.Layer("ground", level.layers[0].tiles * 2)
    project = saved(replace(level, tileset=twice, layers=(layer,)), tmp_path)
    for (x, y), found in ldtk_files.rule_tiles(project).items():
        tile = int(layer.tiles[y, x])
        assert found == (tile, tile, tile, tile + 1)


def test_tiles_that_do_not_follow_the_terrain_are_kept_as_they_are(tmp_path: Path) -> None:
    level = corner_map()
    tiles = level.layers[0].tiles.copy()
    tiles[2, 3] = (tiles[2, 3] + 1) % 16
    changed = replace(level, layers=(tw.Layer("ground", tiles),))
    project = saved(changed, tmp_path)
    ldtk_files.check(project)
    assert not ldtk_files.rule_tiles(project)
    assert [layer["__type"] for layer in project["levels"][0]["layerInstances"]] == ["Tiles", "IntGrid"]
    assert np.array_equal(drawn(project, tmp_path), changed.picture())


def test_entities_are_the_objects(tmp_path: Path) -> None:
    project = saved(layered_map(), tmp_path)
    (layer,) = (one for one in project["levels"][0]["layerInstances"] if one["__type"] == "Entities")
    found = [
        (one["__identifier"], one["px"], one["width"], one["height"], one["fieldInstances"][0]["__value"])
        for one in layer["entityInstances"]
    ]
    assert found == [("Start", [16, 32], 16, 16, "start"), ("Door", [48, 0], 16, 16, "exit <1>")]


def test_names_become_identifiers(tmp_path: Path) -> None:
    tileset = tw.Tileset("1 ground!", pictures(1), palette(), (tw.Terrain("a b"), tw.Terrain("a-b")))
    tiles = np.zeros((2, 2), np.int32)
    layers = tuple(tw.Layer(name, tiles) for name in ("a b", "a-b", "地"))
    level = tw.Map("übung", tileset, layers, terrain=tiles.astype(np.int16))
    project = saved(level, tmp_path)
    ldtk_files.check(project)
    names = [layer["identifier"] for layer in project["defs"]["layers"]]
    assert names == ["Layer", "A_b", "A_b_2", "Terrain"]
    assert project["defs"]["tilesets"][0]["identifier"] == "Tileset_1_ground"
    assert project["levels"][0]["identifier"] == "Bung"
    assert [v["identifier"] for v in project["defs"]["layers"][-1]["intGridValues"]] == ["a_b", "a_b_"]
