"""Packs with an upsampler, a second network that doubles the size of the pictures."""

import base64
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tilewright as tw
from tilewright.compiler import fast_reference
from tilewright.engine import backends
from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright.training_pictures import TrainingPictures
from tilewright.upsampling import PHASES, SEED_STEP, guides, guiding

from .networks import palette_pack
from .step_networks import autoregressive_pack, conditioned_pack, masked_pack, tokens_pack, upsampler_pack
from .test_heads import changed

SEED = 2**64 - 3  # the seed of the second network wraps around


def with_upsampler(content: bytes, upsampler: bytes) -> bytes:
    return changed(content, format=3, upsampler=base64.b64encode(upsampler).decode())


def opened(content: bytes, backend: str = "") -> Pack:
    return Pack(check_pack(content, Path("two.onnx")), backend)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return opened(with_upsampler(autoregressive_pack(), upsampler_pack()))


@pytest.fixture(scope="module")
def first() -> Pack:
    return opened(autoregressive_pack())


def by_reference(pictures: np.ndarray, start: int = 0) -> np.ndarray:
    """What the second network draws from pictures, by the definition in docs/pack_format.md."""
    count, height, width = pictures.shape
    kinds = np.zeros((count, 2 * height, 2 * width), np.uint8)
    for y in range(2 * height):
        for x in range(2 * width):
            row = y // 2 + y % 2 + x % 2
            entry = pictures[:, row, x // 2] if row < height else 0
            kinds[:, y, x] = 4 * entry + 2 * (y % 2) + x % 2
    plan = check_pack(upsampler_pack(), Path("up.onnx")).plan
    seed = (SEED + 0xD1B54A32D192ED03) % 2**64
    allowed = (pictures[..., None] == np.arange(9)).any(axis=(1, 2))
    return fast_reference.run(plan, count, seed=seed, start=start, kind_maps=kinds, allowed=allowed)[
        "indices"
    ]


def test_the_second_network_draws_from_the_pictures_of_the_first(pack: Pack, first: Pack) -> None:
    assert pack.shape == (12, 12) and pack.tile_size == 12 and first.shape == (6, 6)
    batch = pack.generate(5, kind="wall", seed=SEED, start=2)
    small = first.generate(5, kind="wall", seed=SEED, start=2)
    np.testing.assert_array_equal(batch.indices, by_reference(small.indices, start=2))
    assert batch.rgba.shape == (5, 12, 12, 4) and batch.kinds == ("wall",) * 5
    np.testing.assert_array_equal(batch.indices, pack.upsample(small.indices, seed=SEED, start=2).indices)


def test_the_second_network_draws_the_colours_of_the_picture_only(pack: Pack) -> None:
    for entries in ([3], [0, 5], range(9)):
        picture = np.resize(np.array(entries, np.uint8), (6, 6))
        drawn = pack.upsample(np.stack([picture] * 20), seed=2).indices
        assert set(np.unique(drawn)) == set(entries)


def test_places_of_the_entries_in_guides() -> None:
    found = guides(np.arange(3 * 4, dtype=np.uint8).reshape(1, 3, 4))
    entries, phases = found[0] // PHASES, found[0] % PHASES
    assert phases[:2, :4].tolist() == [[0, 1, 0, 1], [2, 3, 2, 3]]
    assert entries[:2].tolist() == [[0, 4, 1, 5, 2, 6, 3, 7], [4, 8, 5, 9, 6, 10, 7, 11]]
    assert entries[4:].tolist() == [[8, 0, 9, 0, 10, 0, 11, 0], [0] * 8]
    assert guiding(found).tolist() == [np.arange(12).reshape(3, 4).tolist()]
    assert SEED_STEP % 2 == 1


def test_tiles_do_not_depend_on_the_call(pack: Pack) -> None:
    whole = pack.generate(9, seed=4)
    parts = list(pack.stream(9, seed=4, batch=4, threads=2))
    np.testing.assert_array_equal(np.concatenate([part.indices for part in parts]), whole.indices)
    again = pickle.loads(pickle.dumps(pack))
    np.testing.assert_array_equal(again.generate(2, seed=4, start=7).indices, whole.indices[7:])
    assert pack.generate(0).indices.shape == (0, 12, 12)


@pytest.mark.parametrize("backend", backends())
def test_every_backend_draws_the_same(pack: Pack, backend: str) -> None:
    other = opened(pack.file.content, backend)
    np.testing.assert_array_equal(other.generate(4, seed=8).indices, pack.generate(4, seed=8).indices)


def test_temperature_and_palette(pack: Pack, first: Pack) -> None:
    """The temperature is that of the first network."""
    cold = first.generate(3, seed=SEED, temperature=0.2)
    batch = pack.generate(3, seed=SEED, temperature=0.2, palette=["#000000", "#ffffff"])
    np.testing.assert_array_equal(batch.indices, by_reference(cold.indices))
    assert set(map(tuple, batch.rgba.reshape(-1, 4).tolist())) <= {(0, 0, 0, 255), (255, 255, 255, 255)}


def test_the_gate_judges_the_pictures_of_the_first_network(first: Pack) -> None:
    palette = first.file.head.palette
    assert palette is not None
    drawn = first.generate(6, kind="wall", seed=SEED).indices
    art = TrainingPictures.of(drawn[:3], np.ones(3, np.int64), 2, palette)
    gated = changed(autoregressive_pack(), format=2, training_pictures=art.to_metadata())
    again = opened(gated).generate(6, kind="wall", seed=SEED).indices
    assert (again[:3] != drawn[:3]).any(axis=(1, 2)).all()
    two = opened(with_upsampler(gated, upsampler_pack()))
    np.testing.assert_array_equal(two.generate(6, kind="wall", seed=SEED).indices, by_reference(again))
    np.testing.assert_array_equal(
        two.generate(6, kind="wall", seed=SEED, gate=False).indices, by_reference(drawn)
    )


def test_a_first_network_of_one_pass() -> None:
    content = palette_pack(16)
    one = opened(content)
    assert one.file.head.palette is not None
    colours = [colour.tobytes().hex() for colour in one.file.head.palette]
    two = opened(with_upsampler(content, changed(upsampler_pack(32, len(colours)), palette=colours)))
    small = one.interpolate(5, 6, 4)
    assert small.indices is not None
    np.testing.assert_array_equal(
        two.interpolate(5, 6, 4).indices, two.upsample(small.indices, seed=5).indices
    )
    assert two.variations(5, 3, seed=2).indices.shape == (3, 32, 32)
    assert "interpolate()" in two.file.abilities and "variations()" in two.file.abilities
    assert "inpaint()" not in two.file.abilities


def test_upsampling_of_given_pictures(pack: Pack) -> None:
    entries = np.random.default_rng(1).integers(0, 9, (6, 6), np.uint8)
    palette = pack.file.head.palette
    assert palette is not None
    batch = pack.upsample(palette[entries], seed=SEED)
    np.testing.assert_array_equal(batch.indices, by_reference(entries[None]))
    others = pack.upsample(entries, seed=SEED, start=1)
    assert (others.indices != batch.indices).any()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda pack: pack.inpaint(pack.generate(1).indices, np.ones((12, 12), bool)),
            "pack.inpaint(): random draws pictures in two steps, and cannot start from a picture",
        ),
        (
            lambda pack: pack.variations(pack.generate(1).indices[0], 2),
            "pack.variations(): random draws pictures in two steps, and cannot start from a picture",
        ),
        (
            lambda pack: pack.upsample(pack.generate(1).indices),
            "pack.upsample(): pictures for random must be (6, 6), (N, 6, 6) or the same with RGBA, not (1, 12, 12)",
        ),
        (
            lambda pack: pack.upsample(np.full((6, 6), 9, np.uint8)),
            "pack.upsample(): a picture has entry 9, but the palette of random ends at 8",
        ),
    ],
)
def test_what_a_pack_with_an_upsampler_refuses(pack: Pack, call: Callable[[Pack], Any], text: str) -> None:
    with pytest.raises(tw.UsageError) as error:
        call(pack)
    assert str(error.value) == text


def test_packs_without_an_upsampler_refuse_to_upsample(first: Pack) -> None:
    with pytest.raises(tw.UsageError, match="has no upsampler; `tilewright export --upsampler` adds one"):
        first.upsample(np.zeros((6, 6), np.uint8))


@pytest.mark.parametrize(
    ("content", "upsampler"),
    [
        (autoregressive_pack(), autoregressive_pack(size=12)),  # no kind per cell
        (autoregressive_pack(), upsampler_pack(size=10)),
        (autoregressive_pack(), upsampler_pack(colours=8)),
        (conditioned_pack("autoregressive", (6, 6)), upsampler_pack(colours=5)),
        (tokens_pack(), upsampler_pack()),
    ],
)
def test_upsamplers_that_do_not_fit(content: bytes, upsampler: bytes) -> None:
    with pytest.raises(tw.PackError, match="the metadata's upsampler does not fit the network"):
        opened(with_upsampler(content, upsampler))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            3,
            "two.onnx has damaged metadata: ValueError('not a text of base64, or too long')",
        ),
        (
            "A" * (3 << 20),
            "two.onnx has damaged metadata: ValueError('not a text of base64, or too long')",
        ),
        ("a?", "two.onnx has damaged metadata: ValueError('not base64: "),
        ("", "the upsampler of the pack: two.onnx is not a pack: not an ONNX file"),
        ("AAAA", "the upsampler of the pack: two.onnx is not a pack: not an ONNX file"),
    ],
)
def test_upsamplers_that_are_damaged(value: object, text: str) -> None:
    with pytest.raises(tw.PackError) as error:
        check_pack(changed(autoregressive_pack(), format=3, upsampler=value), Path("two.onnx"))
    assert str(error.value).startswith(text)


@pytest.mark.parametrize("field", ["upsampler", "words", "critic", "training_pictures"])
def test_an_upsampler_has_neither_a_gate_nor_an_upsampler(field: str) -> None:
    nested = changed(upsampler_pack(), format=3, **{field: "not even read"})
    with pytest.raises(tw.PackError, match=f"an upsampler has no {field}"):
        opened(with_upsampler(autoregressive_pack(), nested))


def test_format_2_has_no_upsamplers() -> None:
    content = changed(autoregressive_pack(), format=2, upsampler="ignored")
    assert opened(content).shape == (6, 6)


def test_a_masked_network_may_be_the_first(pack: Pack) -> None:
    two = opened(with_upsampler(masked_pack(size=6, colours=9), upsampler_pack()))
    assert two.generate(2, order="raster").indices.shape == (2, 12, 12)


def test_the_description_names_both_networks(pack: Pack) -> None:
    text = str(pack.file)
    assert text.startswith("random: 12x12 from 6x6, palette of 9 colours\n")
    assert "takes: upsample(), temperature\n" in text
    assert text.count("op   ") == 2 and "\nupsampler to 12x12:\n" in text
