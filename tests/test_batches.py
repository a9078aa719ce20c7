"""TileBatch: arrays, kinds, pickling and surfaces. tests/cuda covers DeviceBatch."""

import pickle
import sys
from pathlib import Path

import numpy as np
import pygame
import pytest

import tilewright as tw
from tilewright.batches import TileBatch
from tilewright.generator import Pack
from tilewright.pack import check_pack

from .networks import dcgan_pack, drawn_palette_pack, palette_pack
from .step_networks import masked_pack

PACKS = {
    "shared": lambda: palette_pack(transparent=True),
    "masked": masked_pack,
    "drawn": lambda: drawn_palette_pack(transparent=True),
    "rgb": dcgan_pack,
    "rgba": lambda: dcgan_pack(transparent=True),
}


@pytest.fixture(params=PACKS)
def pack(request: pytest.FixtureRequest) -> Pack:
    return Pack(check_pack(PACKS[request.param](), Path(f"{request.param}.onnx")))


@pytest.mark.parametrize("palette", [None, "pico-8"])
def test_every_array_is_read_only(pack: Pack, palette: str | None) -> None:
    batch = pack.generate(3, palette=palette)
    again = pickle.loads(pickle.dumps(batch))
    assert batch.rgba is batch.rgba
    for one in (batch, again):
        arrays = [a for a in (one.indices, one.palettes, one.rgba, one.kind_ids) if a is not None]
        assert len(arrays) == (2 if one.indices is None else 4)
        for array in arrays:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1
    np.testing.assert_array_equal(again.rgba, batch.rgba)
    assert again.kinds == batch.kinds


def test_what_a_caller_owns_can_be_changed(pack: Pack) -> None:
    tiles = tw.generate_tiles(3, pack=pack)
    tiles[0] = 0
    assert not tiles[0].any()


@pytest.mark.parametrize("palette", [None, "pico-8"])
@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_shared_palette_is_known_by_its_shape(pack: Pack, count: int, palette: str | None) -> None:
    batch = pack.generate(count, palette=palette)
    assert batch.rgba.shape == (count, pack.tile_size, pack.tile_size, 4)
    if batch.indices is None or batch.palettes is None:
        return
    shared = pack.name != "drawn" and pack.file.head.palette is not None
    assert batch.palettes.shape == (1 if shared else count, pack.palette_size, 4)
    for i in range(count):
        expected = batch.palettes[0 if shared else i][batch.indices[i]]
        np.testing.assert_array_equal(batch.rgba[i], expected)


def test_kinds(pack: Pack) -> None:
    batch = pack.generate(40, seed=2)
    assert (batch.kind_ids.shape, batch.kind_ids.dtype) == ((40,), np.int32)
    assert batch.kinds == tuple(pack.kinds[i] for i in batch.kind_ids)
    assert batch.kinds is batch.kinds
    assert len(set(batch.kinds)) == len(pack.kinds)


def blitted(surface: pygame.Surface) -> bytes:
    canvas = pygame.Surface(surface.get_size(), pygame.SRCALPHA, 32)
    canvas.blit(surface, (0, 0))
    return pygame.image.tobytes(canvas, "RGBA")


def test_surfaces_show_the_tiles(pack: Pack) -> None:
    batch = pack.generate(4, seed=1)
    surfaces = batch.surfaces()
    shared = batch.palettes is not None and len(batch.palettes) == 1
    assert [surface.get_bitsize() for surface in surfaces] == [8 if shared else 32] * 4
    for surface, tile in zip(surfaces, batch.rgba, strict=True):
        assert blitted(surface) == tile.tobytes()
    assert pack.generate(0).surfaces() == []


def test_a_surface_is_recoloured_by_its_palette() -> None:
    """Two transparent entries, and an opaque one of the same colour, in pictures that are wider than high."""
    palette = np.array([[[0, 0, 0, 0], [0, 0, 0, 255], [0, 0, 0, 0], [9, 8, 7, 255]]], np.uint8)
    indices = np.random.default_rng(0).integers(0, 4, (2, 3, 5), np.uint8)
    batch = TileBatch(indices, palette, None, np.zeros(2, np.int32), ("wall",))
    for surface, tile in zip(batch.surfaces(), batch.rgba, strict=True):
        assert surface.get_size() == (5, 3)
        assert blitted(surface) == tile.tobytes()
        surface.set_palette_at(3, (1, 2, 3))
        tile = tile.copy()
        tile[(tile == (9, 8, 7, 255)).all(axis=-1)] = (1, 2, 3, 255)
        assert blitted(surface) == tile.tobytes()


def test_surfaces_without_pygame(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygame", None)
    with pytest.raises(tw.MachineError) as error:
        pack.generate(1).surfaces()
    assert str(error.value) == "surfaces need the module pygame: pip install pygame-ce (or pygame)"
