"""Pictures from pictures: inpainting, variations, and interpolation of latents."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright.seeds import draw_latents
from tilewright.variations import blend, regions

from .networks import dcgan_pack, palette_pack
from .step_networks import autoregressive_pack, grid_tokens_pack, masked_pack, tokens_pack


@pytest.fixture(scope="module", params=["masked", "autoregressive"])
def pack(request: pytest.FixtureRequest) -> Pack:
    content = masked_pack() if request.param == "masked" else autoregressive_pack(size=8)
    return Pack(check_pack(content, Path(f"{request.param}.onnx")))


@pytest.fixture(scope="module")
def one_pass() -> Pack:
    return Pack(check_pack(palette_pack(), Path("one-pass.onnx")))


def drawings(pack: Pack, count: int) -> np.ndarray:
    return np.random.default_rng(4).integers(0, pack.palette_size, (count, *pack.shape), np.uint8)


def test_pixels_outside_the_mask_never_change(pack: Pack) -> None:
    pictures = drawings(pack, 200)
    rng = np.random.default_rng(9)
    masks = rng.random(pictures.shape) < rng.random((200, 1, 1))
    batch = pack.inpaint(pictures, masks, seed=11)
    np.testing.assert_array_equal(batch.indices[~masks], pictures[~masks])
    assert (batch.indices[masks] != pictures[masks]).mean() > 0.3
    np.testing.assert_array_equal(batch.indices, pack.inpaint(pictures, masks, seed=11, threads=2).indices)
    np.testing.assert_array_equal(
        batch.indices[7:9], pack.inpaint(pictures[7:9], masks[7:9], seed=11, start=7).indices
    )


def test_a_whole_mask_is_generation_and_none_is_the_picture(pack: Pack) -> None:
    pictures = drawings(pack, 3)
    everything, nothing = np.ones(pack.shape, bool), np.zeros(pack.shape, bool)
    np.testing.assert_array_equal(
        pack.inpaint(pictures, everything, seed=2).indices, pack.generate(3, seed=2).indices
    )
    np.testing.assert_array_equal(pack.inpaint(pictures, nothing, seed=2).indices, pictures)


def test_pictures_may_be_rgba_and_single(pack: Pack) -> None:
    pictures = drawings(pack, 2)
    mask = np.zeros(pack.shape, bool)
    mask[:2] = True
    rgba = pack.file.head.palette[pictures]
    expected = pack.inpaint(pictures, mask, seed=1).indices
    np.testing.assert_array_equal(pack.inpaint(rgba, mask, seed=1).indices, expected)
    np.testing.assert_array_equal(pack.inpaint(rgba[0], mask, seed=1).indices, expected[:1])
    np.testing.assert_array_equal(pack.inpaint(pictures[0], mask, seed=1).indices, expected[:1])
    indices, distance = pack.to_indices(rgba)
    np.testing.assert_array_equal(indices, pictures)
    assert distance == 0.0


def test_the_distance_of_foreign_colours_is_told(pack: Pack) -> None:
    rgba = np.broadcast_to(pack.file.head.palette[1], (*pack.shape, 4)).copy()
    rgba[0, 0, :3] = np.where(rgba[0, 0, :3] < 128, rgba[0, 0, :3] + 1, rgba[0, 0, :3] - 1)
    indices, distance = pack.to_indices(rgba)
    assert (indices == 1).all() and distance == pytest.approx(3**0.5)


@pytest.mark.parametrize(
    ("pictures", "mask", "told"),
    [
        (np.zeros((3, 3), np.uint8), np.ones((8, 8), bool), "(N, 8, 8) or the same with RGBA, not (3, 3)"),
        (np.zeros((8, 8), np.uint8), np.ones((4, 8), bool), "mask must be (8, 8) or (1, 8, 8), like the"),
        (np.zeros((2, 8, 8), np.uint8), np.ones((3, 8, 8), bool), "mask must be (8, 8) or (2, 8, 8), like"),
        (np.zeros((8, 8), np.uint8), np.ones((8, 8), np.uint8), "mask must be a bool array"),
        (np.full((8, 8), 200, np.uint8), np.ones((8, 8), bool), "a picture has entry 200, but the palette of"),
        (np.zeros((8, 8)), np.ones((8, 8), bool), "pictures must be uint8 arrays of palette entries or RGBA"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(pack: Pack, pictures: np.ndarray, mask: np.ndarray, told: str) -> None:
    with pytest.raises(tw.UsageError) as caught:
        pack.inpaint(pictures, mask)
    assert str(caught.value).startswith("pack.inpaint(): ") and told in str(caught.value)


def test_packs_of_one_pass_cannot_inpaint(one_pass: Pack) -> None:
    with pytest.raises(
        tw.UsageError, match=r"^pack.inpaint\(\): random generates a picture in one pass and cannot"
    ):
        one_pass.inpaint(np.zeros((16, 16), np.uint8), np.ones((16, 16), bool))
    with pytest.raises(tw.UsageError, match="has no palette of its own, so no picture can be given"):
        Pack(check_pack(dcgan_pack(), Path("d.onnx"))).inpaint(
            np.zeros((16, 16), np.uint8), np.ones((16, 16), bool)
        )


@pytest.mark.parametrize("content", [tokens_pack(), grid_tokens_pack()], ids=["texts", "grids"])
def test_tokens_can_be_given(content: bytes) -> None:
    pack = Pack(check_pack(content, Path("tokens.onnx")))
    assert pack.alphabet == pack.file.head.alphabet and "inpaint(), variations()" in str(pack.file)
    rng = np.random.default_rng(4)
    grids = rng.integers(0, len(pack.alphabet), (40, *pack.shape), np.uint8)
    masks = rng.random(grids.shape) < 0.5
    batch = pack.inpaint(grids, masks, seed=11)
    np.testing.assert_array_equal(batch.indices[~masks], grids[~masks])
    assert (batch.indices[masks] != grids[masks]).mean() > 0.3
    assert len(batch.texts) == 40
    assert pack.to_indices(grids)[1] == 0.0
    assert (pack.variations(grids[0], 3, seed=1).indices != grids[0]).any()
    for wrong, told in (
        (np.full(pack.shape, 200, np.uint8), "a grid has symbol 200, but the alphabet of random ends at "),
        (np.zeros((3, 3), np.uint8), "grids for random must be ({0}, {1}) or (N, {0}, {1}), not (3, 3)"),
        (np.zeros((*pack.shape, 4), np.uint8), "grids for random must be ("),
        (np.zeros(pack.shape), "grids must be uint8 arrays of numbers of symbols"),
    ):
        with pytest.raises(tw.UsageError) as caught:
            pack.inpaint(wrong, masks[0])
        assert str(caught.value).startswith("pack.inpaint(): " + told.format(*pack.shape))


def test_only_allowed_entries_are_drawn(pack: Pack) -> None:
    pictures, everything = drawings(pack, 4), np.ones(pack.shape, bool)
    allowed = np.zeros((4, pack.palette_size), bool)
    allowed[np.arange(4), [1, 2, 0, 3]] = True
    drawn = pack.inpaint(pictures, everything, seed=2, allowed=allowed).indices
    assert drawn is not None and (drawn == np.array([1, 2, 0, 3])[:, None, None]).all()
    assert set(np.unique(pack.inpaint(pictures, everything, allowed=allowed[0] | allowed[2]).indices)) == {
        0,
        1,
    }
    for wrong, told in (
        (allowed.astype(int), "allowed must be a bool array"),
        (
            allowed[:2],
            f"allowed must be ({pack.palette_size},) or (4, {pack.palette_size}), an entry each, not (2, ",
        ),
        (allowed & False, "allowed must have at least one entry"),
    ):
        with pytest.raises(tw.UsageError) as caught:
            pack.inpaint(pictures, everything, allowed=wrong)
        assert str(caught.value).startswith(f"pack.inpaint(): {told}")


def test_inpainting_takes_the_options_of_a_sampler() -> None:
    pack = Pack(check_pack(masked_pack(), Path("masked.onnx")))
    pictures, everything = drawings(pack, 3), np.ones(pack.shape, bool)
    for options in ({"temperature": 0.1}, {"order": "halton", "refine": 2}, {"begin": 0.5}):
        np.testing.assert_array_equal(
            pack.inpaint(pictures, everything, seed=2, **options).indices,
            pack.generate(3, seed=2, **options).indices,
        )
    with pytest.raises(tw.UsageError, match=r"^pack.inpaint\(\): refine must be in 0"):
        pack.inpaint(pictures, everything, refine=-1)


@pytest.mark.parametrize(("strength", "changed"), [(0.0, 0), (0.3, 19), (1.0, 64)])
def test_a_variation_changes_one_connected_region(pack: Pack, strength: float, changed: int) -> None:
    masks = regions(3, 0, 40, 8, 8, strength)
    assert (masks.sum(axis=(1, 2)) == changed).all()
    for mask in masks[:8]:
        assert _is_connected(mask)
    picture = drawings(pack, 1)[0]
    batch = pack.variations(picture, 40, strength=strength, seed=3)
    np.testing.assert_array_equal(batch.indices[~masks], np.broadcast_to(picture, masks.shape)[~masks])
    if 0 < changed < 64:
        assert len(np.unique(batch.indices, axis=0)) > 30
        assert len(np.unique(masks, axis=0)) > 30


def _is_connected(mask: np.ndarray) -> bool:
    cells = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    if not cells:
        return True
    reached, border = set(), [min(cells)]
    while border:
        y, x = border.pop()
        if (y, x) in cells and (y, x) not in reached:
            reached.add((y, x))
            border += [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
    return reached == cells


def test_latents_between_two_seeds(one_pass: Pack) -> None:
    batch = one_pass.interpolate(5, 6, 9, kind="wall")
    ends = [one_pass.generate(1, kind="wall", seed=seed).indices[0] for seed in (5, 6)]
    np.testing.assert_array_equal(batch.indices[0], ends[0])
    np.testing.assert_array_equal(batch.indices[-1], ends[1])
    steps = (batch.indices[1:] != batch.indices[:-1]).mean(axis=(1, 2))
    assert steps.max() < (ends[0] != ends[1]).mean()
    unnamed = one_pass.interpolate(5, 6, 3)
    assert list(unnamed.kinds) == [one_pass.generate(1, seed=5).kinds[0]] * 3


def test_variations_of_one_pass_packs_are_near_the_seed(one_pass: Pack) -> None:
    (own,) = one_pass.generate(1, kind="wall", seed=5).indices
    far, near, same = (
        (one_pass.variations(5, 20, strength=s, seed=8, kind="wall").indices != own).mean()
        for s in (1.0, 0.2, 0.0)
    )
    assert same == 0.0 and 0.0 < near < far
    all_new = one_pass.variations(5, 20, strength=1.0, seed=8, kind="wall").indices
    np.testing.assert_array_equal(all_new, one_pass.generate(20, seed=8, kind="wall").indices)


def test_blended_latents_keep_their_spread() -> None:
    a, b = draw_latents(1, 0, 2, 4000)
    for part in range(9):
        mixed = blend(a, b, part, 8)
        assert mixed.dtype == np.int8 and abs(mixed.astype(float).std() - 44) < 2
    np.testing.assert_array_equal(blend(a, b, 0, 8), a)
    np.testing.assert_array_equal(blend(a, b, 8, 8), b)
    assert blend(np.array([3], np.int8), np.array([4], np.int8), 1, 2).tolist() == [5]  # 7 / sqrt 2 = 4.95


def test_requests_that_a_pack_cannot_serve(pack: Pack, one_pass: Pack) -> None:
    picture = drawings(pack, 1)[0]
    cases = [
        (lambda: pack.interpolate(1, 2, 5), f"pack.interpolate(): {pack.name} has no latents"),
        (lambda: pack.variations(7, 5), f"pack.variations(): {pack.name} needs a picture, uint8 (H, W)"),
        (lambda: pack.variations(drawings(pack, 2), 5), "pack.variations(): give one picture, not 2"),
        (lambda: pack.variations(picture, 5, strength=1.5), "strength must be in 0..1, not 1.5"),
        (lambda: pack.variations(picture, 5, strength=float("nan")), "strength must be in 0..1, not nan"),
        (
            lambda: one_pass.variations(drawings(one_pass, 1)[0], 5),
            "needs the seed of a picture, not the picture",
        ),
        (lambda: one_pass.interpolate(1, 2, 1), "pack.interpolate(): count must be 2 or more, not 1"),
        (
            lambda: one_pass.interpolate(1, -2, 3),
            "pack.interpolate(): seed must be an integer in 0..2**64-1, not -2",
        ),
    ]
    for call, told in cases:
        with pytest.raises(tw.UsageError) as caught:
            call()
        assert told in str(caught.value)


def test_digests() -> None:
    """The bytes of regions and blended latents, which users' seeds depend on."""
    masks = regions(7, 3, 4, 16, 16, 0.3)
    latents = blend(draw_latents(7, 0, 1, 64)[0], draw_latents(8, 0, 1, 64)[0], 3, 8)
    assert hashlib.sha256(np.packbits(masks).tobytes()).hexdigest()[:16] == "59d11923b6e82629"
    assert hashlib.sha256(latents.tobytes()).hexdigest()[:16] == "79f71d98fedfd196"
