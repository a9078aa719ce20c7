"""Formats of frames: Aseprite, JSON of a sheet, GIF and APNG."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tilewright as tw

from ..level.drawn_map import layered_map
from . import ase_files


def test_aseprite_has_the_layers_and_times_of_a_map(level: tw.Map, tmp_path: Path) -> None:
    (path,) = level.save(tmp_path / "map.aseprite")
    sprite = ase_files.read(path.read_bytes())
    times, loop = level.times()
    assert sprite.layers == [layer.name for layer in level.layers]
    assert sprite.durations == np.diff([*times, loop or 100]).tolist()
    assert sprite.tags == ([("loop", 0, len(times) - 1)] if loop else [])
    height, width = level.tileset.shape
    assert sprite.grid == (0, 0, width, height)
    for number, at in enumerate(times):
        assert np.array_equal(sprite.picture(number), level.picture(at))
    assert f"pack: {level.tileset.provenance['pack']}" in sprite.text.splitlines()
    assert f"map seed: {level.seed}" in sprite.text.splitlines()


def test_aseprite_has_a_frame_per_tile_and_tags_of_animations(level: tw.Map, tmp_path: Path) -> None:
    tileset = level.tileset
    (path,) = tileset.save(tmp_path / "set.ase")
    sprite = ase_files.read(path.read_bytes())
    assert sprite.size == tileset.shape
    for tile in range(len(tileset)):
        assert np.array_equal(sprite.picture(tile), tileset.rgba[tile])
    assert sprite.tags[0] == ("tiles", 0, len(tileset) - 1)
    for (name, first, last), animation in zip(sprite.tags[1:], tileset.animations, strict=True):
        assert name == f"tile {animation.tile}"
        assert sprite.durations[first : last + 1] == list(animation.milliseconds)
        for frame, tile in zip(range(first, last + 1), animation.frames, strict=True):
            assert np.array_equal(sprite.picture(frame), tileset.rgba[tile])
    if tileset.palette is not None:
        assert (sprite.depth, sprite.transparent) == (8, 0)
        assert np.array_equal(sprite.palette, tileset.palette)


def test_a_palette_of_opaque_colours_gets_a_transparent_one(tmp_path: Path) -> None:
    for count, depth in ((255, 8), (256, 32)):
        colours = np.full((count, 4), 255, np.uint8)
        colours[:, 0] = np.arange(count)
        tileset = tw.Tileset("a", (np.arange(256) % count).astype(np.uint8).reshape(1, 16, 16), colours)
        (path,) = tileset.save(tmp_path / "set.ase")
        sprite = ase_files.read(path.read_bytes())
        assert sprite.depth == depth
        assert np.array_equal(sprite.picture(0), tileset.rgba[0])


def test_json_names_the_place_of_every_frame(level: tw.Map, tmp_path: Path) -> None:
    tileset = level.tileset
    paths = tileset.save(tmp_path / "set.json")
    assert [path.name for path in paths] == ["set.png", "set.json"]
    atlas = json.loads(paths[1].read_text())
    meta, frames = atlas["meta"], list(atlas["frames"].items())
    assert (meta["image"], meta["scale"], meta["format"]) == ("set.png", "1", "RGBA8888")
    assert meta["provenance"] == tileset.provenance
    with Image.open(paths[0]) as sheet:
        assert meta["size"] == {"w": sheet.width, "h": sheet.height}
        art = np.asarray(sheet.convert("RGBA"))
    height, width = tileset.shape

    def cut(number: int) -> np.ndarray:
        frame = frames[number][1]
        assert (frame["rotated"], frame["trimmed"]) == (False, False)
        assert frame["sourceSize"] == {"w": width, "h": height}
        assert frame["spriteSourceSize"] == {"x": 0, "y": 0, "w": width, "h": height}
        x, y, w, h = (frame["frame"][key] for key in "xywh")
        return art[y : y + h, x : x + w]

    for tile in range(len(tileset)):
        assert frames[tile][0] == f"set-{tile}.png"
        assert np.array_equal(cut(tile), tileset.rgba[tile])
    assert meta["frameTags"][0] == {
        "name": "tiles",
        "from": 0,
        "to": len(tileset) - 1,
        "direction": "forward",
    }
    for tag, animation in zip(meta["frameTags"][1:], tileset.animations, strict=True):
        assert tag["name"] == f"tile {animation.tile}"
        for number, (tile, duration) in enumerate(zip(animation.frames, animation.milliseconds, strict=True)):
            assert frames[tag["from"] + number][1]["duration"] == duration
            assert np.array_equal(cut(tag["from"] + number), tileset.rgba[tile])
        assert tag["to"] - tag["from"] == len(animation.frames) - 1
    assert len(frames) == meta["frameTags"][-1]["to"] + 1


def shown(path: Path) -> list[tuple[int, np.ndarray]]:
    """The duration and the picture of each frame, as Pillow reads them."""
    found = []
    with Image.open(path) as opened:
        for number in range(getattr(opened, "n_frames", 1)):
            opened.seek(number)
            pixels = np.asarray(opened.convert("RGBA")).copy()
            pixels[pixels[..., 3] == 0] = 0
            found.append((round(opened.info.get("duration", 0)), pixels))
    return found


def test_apng_plays_the_map(level: tw.Map, tmp_path: Path) -> None:
    (path,) = level.save(tmp_path / "map.apng")
    times, loop = level.times()
    frames = shown(path)
    assert [duration for duration, _ in frames] == np.diff([*times, loop or 1000]).tolist()
    for (_, picture), at in zip(frames, times, strict=True):
        assert np.array_equal(picture, level.picture(at))
    with Image.open(path) as opened:
        assert opened.mode == ("RGBA" if level.tileset.palette is None else "P")
        opened.load()
        assert opened.text == level.tileset.provenance


def test_gif_plays_the_map_in_its_colours(level: tw.Map, tmp_path: Path) -> None:
    if level.tileset.palette is None:
        with pytest.raises(
            tw.UsageError, match=r"^save\(\): a GIF has at most 256 colours, and these tiles have more"
        ):
            level.save(tmp_path / "map.gif")
        return
    (path,) = level.save(tmp_path / "map.gif")
    times, _ = level.times()
    frames = shown(path)
    for (_, picture), at in zip(frames, times, strict=True):
        assert np.array_equal(picture, level.picture(at))
    with Image.open(path) as opened:
        assert opened.info["comment"].decode().splitlines() == [
            f"{key}: {text}" for key, text in level.tileset.provenance.items()
        ]
        assert opened.info.get("loop", 0) == 0


def test_an_animated_sheet_shows_all_tiles(tmp_path: Path) -> None:
    tileset = layered_map().tileset
    for suffix in (".gif", ".apng"):
        (path,) = tileset.save(tmp_path / f"set{suffix}")
        frames = shown(path)
        assert [duration for duration, _ in frames] == [100, 200, 100, 200]
        assert np.array_equal(frames[1][1][:16, 64:80], tileset.rgba[5])  # tile 4 of 5 columns


def test_the_same_map_is_the_same_bytes(level: tw.Map, tmp_path: Path) -> None:
    for suffix in (".aseprite", ".json", ".apng", ".gif", ".tmj"):
        if suffix == ".gif" and level.tileset.palette is None:
            continue
        first, again = (level.save(tmp_path / name / f"map{suffix}") for name in ("a", "b"))
        assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]


def test_other_suffixes_are_refused_and_named(tmp_path: Path) -> None:
    level = layered_map()
    with pytest.raises(tw.UsageError) as caught:
        level.save(tmp_path / "map.bmp")
    assert str(caught.value) == (
        "Map.save(): the name must end in .png, .tmx, .tsx, .ldtk, .tmj, .tsj, .tscn, .tres, .aseprite, .ase, .json, "
        ".a2.png, .gif, .apng, not 'map.bmp'"
    )
    with pytest.raises(
        tw.UsageError, match=r"^Tileset\.save\(\): \.tmx is a format of maps, and this is a tileset$"
    ):
        level.tileset.save(tmp_path / "set.tmx")
    with pytest.raises(tw.UsageError, match=r"not '\.tmx'$"):
        level.save(tmp_path / ".tmx")
    with pytest.raises(tw.UsageError, match=r"^Map\.save\(\): path must be the name of a file, not 7$"):
        level.save(7)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_another_reader_of_aseprite_draws_the_map(level: tw.Map, tmp_path: Path) -> None:
    reader = pytest.importorskip("py_aseprite", reason="needs pygame-aseprite-animation")
    (path,) = level.save(tmp_path / "map.aseprite")
    read = reader.AsepriteFile(path.read_bytes())
    times, _ = level.times()
    assert [layer.name for layer in read.layers] == [layer.name for layer in level.layers]
    assert (read.header.height, read.header.width) == level.picture().shape[:2]
    assert len(read.frames) == len(times)
    colours = None
    for chunk in read.frames[0].chunks:
        if type(chunk).__name__ == "PaletteChunk":  # this reader exchanges the names of green and blue
            table = [(c["red"], c["blue"], c["green"], c["alpha"]) for c in chunk.colors]
            colours = np.array(table, np.uint8)
    assert (colours is None) == (read.header.color_depth == 32)
    for frame, at in zip(read.frames, times, strict=True):
        canvas = np.zeros(level.picture().shape, np.uint8)
        for cel in (chunk for chunk in frame.chunks if type(chunk).__name__ == "CelChunk"):
            width, height = cel.data["width"], cel.data["height"]
            pixels = np.frombuffer(cel.data["data"], np.uint8).reshape(height, width, -1)
            rgba = pixels if colours is None else colours[pixels[..., 0]]
            part = canvas[cel.y_pos : cel.y_pos + height, cel.x_pos : cel.x_pos + width]
            np.copyto(part, rgba, where=rgba[..., 3:] > 0)
        assert np.array_equal(canvas, level.picture(at))
