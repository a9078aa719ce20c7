"""Packs that draw copies of their training pictures, and pictures that are unlike them, again."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

import tilewright as tw
from tilewright import engine
from tilewright.compiler import fast_reference
from tilewright.errors import PackError, UsageError
from tilewright.generator import Pack
from tilewright.pack import METADATA_KEY, check_pack
from tilewright.runner import REDRAWS, STEP
from tilewright.training_pictures import COPY, EMPTY, FEWEST, MAX_PICTURES, OUTSIDE, TrainingPictures

from .networks import dcgan_pack, palette_pack
from .step_networks import conditioned_pack, tokens_pack

ENTRIES = 7
CLEAR = np.array([[0, 0, 0, 0], *([40 * i, 90, 255 - 30 * i, 255] for i in range(1, ENTRIES))], np.uint8)
SOLID = np.array([[40 * i, 90, 255 - 30 * i, 255] for i in range(ENTRIES)], np.uint8)


def drawn(count: int, seed: int = 0, height: int = 16, width: int = 16) -> np.ndarray:
    """Return sprites: random entries in a random box, 0 around it."""
    rng = np.random.default_rng(seed)
    pictures = np.zeros((count, height, width), np.uint8)
    for picture in pictures:
        top, left = rng.integers(0, height // 3), rng.integers(0, width // 3)
        box = picture[top : top + height // 2, left : left + width // 2]
        box[:] = rng.integers(1, ENTRIES, box.shape)
    return pictures


def known(pictures: np.ndarray, palette: np.ndarray = CLEAR, kinds: int = 1) -> TrainingPictures:
    return TrainingPictures.of(pictures, np.arange(len(pictures)) % kinds, kinds, palette)


def faults(gate: TrainingPictures, pictures: np.ndarray) -> np.ndarray:
    return gate.faults(pictures, np.zeros(len(pictures), np.int32))


def changed(pictures: np.ndarray, share: float, seed: int = 1) -> np.ndarray:
    """Return pictures in which that share of the pixels has another colour."""
    rng = np.random.default_rng(seed)
    result = pictures.copy()
    for picture in result.reshape(len(pictures), -1):
        at = rng.permutation(picture.size)[: int(share * picture.size)]
        picture[at] = (picture[at] + rng.integers(1, ENTRIES, len(at))) % ENTRIES
    return result


def with_field(value: object, content: bytes = b"", format_version: int = 2) -> bytes:
    model = onnx.ModelProto.FromString(content or palette_pack(transparent=True))
    (entry,) = (e for e in model.metadata_props if e.key == METADATA_KEY)
    fields = {"format": format_version, "training_pictures": value}
    entry.value = json.dumps({**json.loads(entry.value), **fields})
    return model.SerializeToString()


def opened(content: bytes) -> Pack:
    return Pack(check_pack(content, Path("p.onnx")))


def gated_pack() -> tuple[np.ndarray, bytes]:
    """Return the first pictures of seed 5, (8, H, W), and a pack that must not copy them."""
    drawn = opened(palette_pack(transparent=True)).generate(8, seed=5, start=2**64 - 4)
    assert drawn.indices is not None
    return drawn.indices, gated(drawn.indices, drawn.kind_ids).file.content


def gated(pictures: np.ndarray, kinds: np.ndarray) -> Pack:
    """Return the pack of palette_pack with these training pictures, whose bounds accept everything."""
    plain = opened(palette_pack(transparent=True))
    palette = plain.file.head.palette
    assert palette is not None
    gate = TrainingPictures.of(pictures, kinds, len(plain.kinds), palette)
    bounds = np.full_like(gate.bounds, 2**16 - 1)
    bounds[:, [0, 2, 4]] = 0
    return opened(with_field(TrainingPictures(palette, gate.codes, bounds).to_metadata()))


@pytest.mark.parametrize(
    "changes",
    [
        lambda pictures: pictures,
        lambda pictures: changed(pictures, 0.02),
        lambda pictures: pictures[:, :, ::-1],
        lambda pictures: np.roll(pictures, (1, 2), (1, 2)),
        lambda pictures: np.roll(pictures[:, :, ::-1], (2, -1), (1, 2)),
    ],
    ids=["equal", "near", "mirrored", "moved", "both"],
)
def test_finds_copies(changes: Callable[[np.ndarray], np.ndarray]) -> None:
    pictures = drawn(60)
    assert (faults(known(pictures), changes(pictures)) == COPY).all()


@pytest.mark.parametrize("shape", [(16, 16), (24, 16), (9, 11), (64, 64)])
def test_near_is_one_pixel_in_twenty(shape: tuple[int, int]) -> None:
    """A near copy of the measures differs in one pixel of twenty. One that differs in every third is no copy."""
    pictures = drawn(80, 2, *shape)
    gate = known(pictures)
    assert (faults(gate, changed(pictures, 0.04)) == COPY).mean() > 0.9
    assert (faults(gate, changed(pictures, 0.3)) != COPY).mean() > 0.95
    if shape != (9, 11):  # of which these drawings cover a fifth
        assert (faults(gate, drawn(80, 3, *shape)) == COPY).mean() < 0.05


def test_opaque_pictures() -> None:
    """Tiles have no transparent entry: they are not moved, and entry 0 is a colour."""
    pictures = np.random.default_rng(0).integers(0, ENTRIES, (50, 16, 16), np.uint8)
    gate = known(pictures, SOLID)
    assert gate.codes.shape == (50, 1, 2)
    assert (faults(gate, pictures) == COPY).all() and (faults(gate, pictures[:, :, ::-1]) == COPY).all()
    assert not faults(gate, np.roll(pictures, 5, 2)).any()


def test_codes_follow_colours_not_numbers() -> None:
    """Palettes may list their colours in any order."""
    pictures = drawn(20)
    order = np.array([0, 3, 1, 2, 6, 5, 4])
    renumbered = np.argsort(order).astype(np.uint8)[pictures]
    np.testing.assert_array_equal(known(renumbered, CLEAR[order]).codes, known(pictures).codes)


def test_definition_of_codes() -> None:
    """Bit b of a form is the exclusive or of one bit each of the hashes of pixels b and b + 64 * words."""
    for palette, shape in ((CLEAR, (16, 16)), (SOLID, (11, 9))):
        pictures, gate = drawn(8, 4, *shape), known(drawn(1), palette)
        y, x = np.indices(shape)
        words = -(-x.size // 128)
        expected = []
        for picture in pictures:
            forms = [picture, picture[:, ::-1]]
            if gate.holes:
                mirrored = picture[:, ::-1]
                forms = [
                    picture,
                    *(np.roll(p, -np.argwhere(p).min(axis=0), (0, 1)) for p in (picture, mirrored)),
                ]
            bits = np.zeros((len(forms), 128 * words), np.uint64)
            bits[:, : x.size] = [
                (gate.hashes[f] >> ((x + 3 * y + 3 * (y // 8)) % 16) & 1).ravel() for f in forms
            ]
            both = bits[:, : 64 * words] ^ bits[:, 64 * words :]
            expected.append(
                (both.reshape(len(forms), words, 64) << np.arange(64, dtype=np.uint64)).sum(axis=2)
            )
        np.testing.assert_array_equal(engine.picture_codes(pictures, gate.hashes, gate.holes), expected)
    assert known(drawn(1)).hashes[:ENTRIES].tolist() == [25643, 10479, 49686, 35105, 45668, 45803, 11902]


def test_figures() -> None:
    """Opaque pixels, colours, orphans, and the pixels of each entry."""
    picture = np.zeros((1, 4, 5), np.uint8)
    picture[0, 0, 0], picture[0, 2, 2:4], picture[0, 3, 4] = 1, 2, 3
    assert engine.picture_figures(picture, 4, True).tolist() == [[4, 3, 2, 16, 1, 2, 1]]
    assert engine.picture_figures(picture, 4, False).tolist() == [[20, 4, 2, 16, 1, 2, 1]]
    assert engine.picture_figures(np.zeros((1, 1, 1), np.uint8), 1, True).tolist() == [[0, 0, 0, 1]]


def test_bounds() -> None:
    """Pictures are outside if they are emptier, fuller, noisier or of another colour than all training pictures."""
    pictures = np.zeros((64, 16, 16), np.uint8)
    pictures[:, 4:12, 4:10] = 1 + (np.arange(64) % 2)[:, None, None]
    gate = known(pictures)
    empty, blue, noise, full = np.zeros((4, 1, 16, 16), np.uint8)
    blue[:, 4:12, 4:10] = 5
    noise[:, 4:12, 4:10] = np.random.default_rng(0).integers(1, 3, (8, 6))
    full[:] = 1
    assert [int(faults(gate, p)[0]) for p in (empty, blue, noise, full)] == [EMPTY, OUTSIDE, OUTSIDE, OUTSIDE]
    other = np.zeros((1, 16, 16), np.uint8)
    other[:, 2:14, 6:10] = 1
    assert not faults(gate, other).any()


def test_bounds_of_small_kinds() -> None:
    """A kind with few pictures has the bounds of all, since other art of it differs much."""
    pictures = drawn(FEWEST + 40)
    kinds = np.zeros(len(pictures), np.int64)
    kinds[: FEWEST - 1] = 1
    gate = TrainingPictures.of(pictures, kinds, 3, CLEAR)
    whole = TrainingPictures.of(pictures, kinds * 0, 1, CLEAR).bounds[0]
    np.testing.assert_array_equal(gate.bounds[1:], [whole, whole])


def test_large_sets_have_bounds_only() -> None:
    few = np.ones((1, 2, 2), np.uint8)
    many = np.repeat(few, MAX_PICTURES + 1, axis=0)
    gate = known(many)
    assert len(gate.codes) == 0 and not faults(gate, few).any()


def test_a_pack_draws_again() -> None:
    """Half of what a pack generates is made its training art. None of it is generated; the others stay the same."""
    plain = opened(palette_pack(transparent=True))
    before = plain.generate(40, seed=5)
    assert before.indices is not None
    pack = gated(before.indices[::2], before.kind_ids[::2])
    batch = pack.generate(40, seed=5)
    assert batch.indices is not None and pack.file.gate is not None
    assert not pack.file.gate(batch.indices, batch.kind_ids).any()
    found = pack.file.gate(before.indices, before.kind_ids)
    assert (found[::2] == COPY).all()
    same = (batch.indices == before.indices).all(axis=(1, 2))
    np.testing.assert_array_equal(same, found == 0)
    np.testing.assert_array_equal(batch.kind_ids, before.kind_ids)
    np.testing.assert_array_equal(pack.generate(40, seed=5, gate=False).indices, before.indices)
    np.testing.assert_array_equal(tw.generate_tiles(40, seed=5, pack=pack, gate=False), before.rgba)
    np.testing.assert_array_equal(tw.generate_tiles(40, seed=5, pack=pack), batch.rgba)
    assert pack.generate(0).rgba.shape == (0, 16, 16, 4)
    assert "copies of 20 training pictures" in str(pack.file)


def test_a_picture_does_not_depend_on_the_call() -> None:
    """Single calls, streams, threads, and numbers that wrap do not change a picture."""
    plain, start = opened(palette_pack(transparent=True)), 2**64 - 10
    before = plain.generate(20, seed=2, start=start)
    assert before.indices is not None
    pack = gated(before.indices[::3], before.kind_ids[::3])
    kinds = before.kinds
    whole = pack.generate(20, kind=kinds, seed=2, start=start, threads=2).indices
    assert whole is not None and (whole != before.indices).any()
    parts = [b.indices for b in pack.stream(20, batch=7, kind=kinds, seed=2, start=start)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)  # type: ignore[arg-type]
    for i in (0, 9, 10, 18):
        one = pack.generate(1, kind=kinds[i], seed=2, start=(start + i) % 2**64).indices
        np.testing.assert_array_equal(one[0], whole[i])  # type: ignore[index]


def test_definition_of_a_draw() -> None:
    """Draw r of picture i is that of seed + r * STEP. The first without a fault stays, or else the first of all."""
    plain = opened(palette_pack(transparent=True))
    draws = [
        fast_reference.run(plain.plan, 1, seed=(9 + r * STEP) % 2**64, kinds=np.zeros(1, np.int32))[
            "indices"
        ][0]
        for r in range(REDRAWS + 1)
    ]
    for free in (0, 3, REDRAWS):
        others = np.stack([draw for r, draw in enumerate(draws) if r != free])
        pack = gated(others, np.zeros(len(others), np.int64))
        result = pack.generate(1, kind=pack.kinds[0], seed=9).indices
        np.testing.assert_array_equal(result[0], draws[free])  # type: ignore[index]
    pack = gated(np.stack(draws), np.zeros(len(draws), np.int64))
    np.testing.assert_array_equal(pack.generate(1, kind=pack.kinds[0], seed=9).indices[0], draws[0])  # type: ignore[index]


def test_gate_is_a_truth_value() -> None:
    pack = opened(palette_pack(transparent=True))
    text = "pack.generate(): gate must be True or False, not 'no'"
    with pytest.raises(UsageError, match=re.escape(text)):
        pack.generate(1, gate="no")  # type: ignore[arg-type]


CODES, BOUNDS = known(drawn(3), kinds=3).to_metadata().values()


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"codes": CODES},
        {"codes": 3, "bounds": BOUNDS},
        {"codes": "%%%%", "bounds": BOUNDS},
        {"codes": base64.b64encode(b"12345678").decode(), "bounds": BOUNDS},
        {"codes": base64.b64encode(b"123").decode(), "bounds": BOUNDS},
        {"codes": "A" * (8 * 6 * MAX_PICTURES), "bounds": BOUNDS},
        {"codes": CODES, "bounds": BOUNDS[:-4]},
        {"codes": CODES, "bounds": BOUNDS + "AAAA"},
    ],
)
def test_damaged(value: object) -> None:
    with pytest.raises(PackError, match=r"p\.onnx has damaged metadata"):
        opened(with_field(value))


def test_not_for_all_packs() -> None:
    """Texts, packs with colours of their own, and packs with a kind per cell have none; nor has format 1."""
    value = {"codes": CODES, "bounds": BOUNDS}
    for content in (tokens_pack(), dcgan_pack()):
        with pytest.raises(PackError, match=r"p\.onnx has damaged metadata: ValueError"):
            opened(with_field(value, content))
    maps = conditioned_pack()
    plain = opened(maps)
    palette = plain.file.head.palette
    assert palette is not None
    gate = TrainingPictures.of(np.zeros((1, *plain.shape), np.uint8), np.zeros(1), len(plain.kinds), palette)
    with pytest.raises(PackError, match="the metadata's training_pictures does not fit the network"):
        opened(with_field(gate.to_metadata(), maps))
    assert opened(with_field(value, format_version=1)).file.gate is None
