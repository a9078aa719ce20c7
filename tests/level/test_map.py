"""`Tileset` and `Map`: what is drawn, in which colours and when, and errors."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

import tilewright as tw

from .drawn_map import corner_map, layered_map, palette, pictures


def drawn_slowly(level: tw.Map, at: int) -> np.ndarray:
    """The picture of a map, pixel by pixel."""
    (rows, columns), (height, width) = level.shape, level.tileset.shape
    canvas = np.zeros((rows * height, columns * width, 4), np.uint8)
    for layer in level.layers:
        for (row, column), tile in np.ndenumerate(layer.tiles):
            for y in range(height if tile >= 0 else 0):
                for x in range(width):
                    colour = level.tileset.rgba[level.tileset.shown(at)[tile], y, x]
                    to_y, to_x = row * height + y + layer.offset[1], column * width + x + layer.offset[0]
                    if colour[3] and 0 <= to_y < len(canvas) and 0 <= to_x < canvas.shape[1]:
                        canvas[to_y, to_x] = colour
    return canvas


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize("at", [0, 100, 899])
def test_a_picture_is_its_layers_one_over_the_other(indexed, at):
    level = layered_map((9, 16), indexed)
    picture = level.picture(at)
    assert np.array_equal(picture, drawn_slowly(level, at))
    if indexed:
        entries, colours = level.indexed(at)
        assert entries.dtype == np.uint8
        assert np.array_equal(colours, level.tileset.palette)
        assert np.array_equal(colours[entries], picture)


def test_animations_change_the_picture_at_their_times():
    level = layered_map()
    times, loop = level.times()
    assert (times, loop) == ((0, 100, 300, 400), 600)
    frames = [level.picture(at) for at in times]
    assert all(not np.array_equal(a, b) for a, b in zip(frames, frames[1:] + frames[:1], strict=True))
    assert np.array_equal(level.picture(299), frames[1])
    assert np.array_equal(level.picture(loop + 300), frames[2])
    assert level.tileset.shown(100)[[4, 5, 7]].tolist() == [5, 5, 8]
    still = replace(level, layers=(tw.Layer("a", np.zeros((2, 2), np.int32)),))
    assert still.times() == ((0,), 0)


def test_durations_that_do_not_fit_are_named():
    level = layered_map()
    animations = (tw.Animation(0, (0, 1), (997, 1)), tw.Animation(2, (2, 1), (991, 2)))
    tiles = np.array([[0, 2]], np.int32)
    odd = replace(
        level, tileset=replace(level.tileset, animations=animations), layers=(tw.Layer("a", tiles),)
    )
    with pytest.raises(
        tw.UsageError, match=r"^the animated tiles together repeat after 991014 ms, in more than 1024"
    ):
        odd.times()


def test_holes_are_transparent_whatever_the_palette():
    opaque = palette()[1:]
    tileset = tw.Tileset("a", pictures(4, colours=11) * 0 + 3, opaque)
    level = tw.Map("a", tileset, (tw.Layer("a", np.array([[0, -1]], np.int32)),))
    entries, colours = level.indexed()
    assert np.array_equal(colours[:-1], opaque)
    assert colours[-1].tolist() == [0, 0, 0, 0]
    assert (level.picture()[:, 16:] == 0).all()
    assert (entries[:, :16] == 3).all()
    full = replace(tileset, palette=np.concatenate([opaque] * 24)[:256])
    with pytest.raises(tw.UsageError, match="empty cells, and all 256 colours are opaque"):
        replace(level, tileset=full).indexed()


def test_surfaces_have_the_palette():
    pygame = pytest.importorskip("pygame")
    for indexed in (True, False):
        level = layered_map(indexed=indexed)
        surface = level.surface(100)
        assert surface.get_bitsize() == (8 if indexed else 32)
        seen = np.frombuffer(pygame.image.tobytes(surface, "RGBA"), np.uint8)
        assert np.array_equal(seen.reshape(level.picture(100).shape), level.picture(100))
        assert level.tileset.surfaces()[0].get_bitsize() == surface.get_bitsize()


def test_nothing_can_be_changed_and_copies_are_whole():
    art = pictures(3)
    tileset = tw.Tileset("a", art, palette())
    art[:] = 0
    assert tileset.pictures.any()
    for array in (
        tileset.pictures,
        tileset.palette,
        tileset.codes,
        tileset.solid,
        corner_map().layers[0].tiles,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0
    again = pickle.loads(pickle.dumps(layered_map()))
    assert np.array_equal(again.picture(), layered_map().picture())
    assert again.tileset.provenance == layered_map().tileset.provenance


def test_solid_cells_have_a_solid_tile_in_any_layer():
    level = layered_map()
    expected = np.zeros(level.shape, bool)
    for layer in level.layers:
        expected |= (layer.tiles >= 0) & (layer.tiles % 5 == 0)
    assert np.array_equal(level.solid, expected)


TILES = tw.Tileset("a", pictures(3), palette())
FLAT = np.zeros((2, 2), np.int32)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: replace(TILES, name="a\nb"),
            "Tileset: name must be 1 to 200 printable characters, not 'a\\nb'",
        ),
        (
            lambda: replace(TILES, palette=None),
            "Tileset: pictures must be uint8 (N, H, W, 4), as there is no palette, not (3, 16, 16)",
        ),
        (lambda: replace(TILES, palette=palette()[:5]), "Tileset: a picture has entry 11 of a palette of 5"),
        (
            lambda: replace(TILES, pictures=TILES.pictures.astype(np.int32)),
            "Tileset: pictures must be an array uint8, not int32 (3, 16, 16)",
        ),
        (
            lambda: replace(TILES, codes=np.zeros((3, 4), np.int16)),
            "Tileset: codes must be an array int16 (3, 8), not int16 (3, 4)",
        ),
        (
            lambda: replace(TILES, codes=np.zeros((3, 8), np.int16)),
            "Tileset: codes must be -1..-1, the terrains' numbers",
        ),
        (
            lambda: replace(TILES, probabilities=np.array([1, -1, 1.0])),
            "Tileset: probabilities must be finite, 0 or more",
        ),
        (
            lambda: replace(TILES, animations=(tw.Animation(0, (3,), (10,)),)),
            "Tileset: animations must name tiles 0..2, each as an animated tile at most once",
        ),
        (
            lambda: tw.Animation(0, (1, 2), (10,)),
            "Animation: tile 0 has 2 frames and 1 durations; each of 1 to 256 frames needs one",
        ),
        (lambda: tw.Animation(0, (1,), (0,)), "Animation: a frame of tile 0 takes 0 ms, not 1 to 60000"),
        (
            lambda: tw.Terrain("a", (1, 2, 256)),
            "Terrain: colour must be three integers in 0..255, not (1, 2, 256)",
        ),
        (lambda: tw.Terrain("a", behind_walls=1), "Terrain: behind_walls must be True or False, not 1"),
        (
            lambda: replace(TILES, terrains=(tw.Terrain("a"), tw.Terrain("a"))),
            "Tileset: terrains must be at most 254, with different names",
        ),
        (
            lambda: replace(TILES, provenance={"a": "b\nc"}),
            "Tileset: provenance: a must be a printable text, not 'b\\nc'",
        ),
        (lambda: tw.Map("m", TILES, ()), "Map: there must be 1 to 64 layers and at most 65536 objects"),
        (
            lambda: tw.Map("m", TILES, (tw.Layer("a", FLAT), tw.Layer("b", FLAT[:1]))),
            "Map: layers differ in shape: (2, 2) and (1, 2)",
        ),
        (
            lambda: tw.Map("m", TILES, (tw.Layer("a", FLAT + 3),)),
            "Map: tiles of layer 'a' must be -1..2, the tileset's",
        ),
        (
            lambda: tw.Map("m", TILES, (tw.Layer("a", FLAT),), terrain=np.zeros((2, 3), np.int16)),
            "Map: terrain must be (2, 2), one of each cell, or (3, 3), one of each corner, not (2, 3)",
        ),
        (
            lambda: tw.Map("m", TILES, (tw.Layer("a", FLAT),), seed=-1),
            "Map: seed must be an integer in 0..2**64-1, not -1",
        ),
        (
            lambda: tw.Layer("a", np.zeros((0, 5), np.int32)),
            "Layer: tiles must be (H, W) with 1 to 4194304 cells, not (0, 5)",
        ),
        (
            lambda: tw.Map("m", TILES, (tw.Layer("a", FLAT),)).picture(1.5),
            "Map.picture(): at must be an integer in milliseconds, not 1.5",
        ),
        (
            lambda: replace(layered_map(indexed=False)).indexed(),
            "Map.indexed(): the tileset has no palette: Map.picture() draws it in RGBA",
        ),
    ],
)
def test_errors_are_named(make, text):
    with pytest.raises(tw.UsageError) as caught:
        make()
    assert str(caught.value) == text


def test_a_picture_of_too_many_pixels_is_refused():
    tileset = tw.Tileset("a", pictures(1, (64, 64)), palette())
    level = tw.Map("a", tileset, (tw.Layer("a", np.zeros((512, 512), np.int32)),))
    with pytest.raises(tw.UsageError, match=r"^the sheet would have 1073741824 pixels, more than 268435456"):
        level.picture()
