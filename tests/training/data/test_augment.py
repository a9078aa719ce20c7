"""Augmentation: it preserves the palette, is invertible, and has correct gradients."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tilewright_training.config import preset
from tilewright_training.data.augment import (
    HUE_STEPS,
    LABEL_LENGTH,
    Augmenter,
    applied_strength,
    apply_changes,
    can_mirror,
    hue_permutations,
    shifted,
)
from tilewright_training.data.colour_space import to_colour_space

from ..drawn import draw_set


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=1))


def palette(rng: np.random.Generator, transparent: bool, colours: int = 17) -> np.ndarray:
    entries = rng.integers(0, 256, (colours, 4), np.uint8)
    entries[:, 3] = 255
    if transparent:
        entries[0] = 0
    return to_colour_space(entries, transparent)


@pytest.mark.parametrize("transparent", [False, True])
def test_a_hue_turn_is_a_permutation(rng: np.random.Generator, transparent: bool) -> None:
    permutations = hue_permutations(palette(rng, transparent))
    assert permutations.shape == (HUE_STEPS, 17)
    for row in permutations:
        assert sorted(row) == list(range(17))
    assert list(permutations[0]) == list(range(17))
    assert any((row != permutations[0]).any() for row in permutations[1:])
    if transparent:
        assert (permutations[:, 0] == 0).all()


def test_greys_stay_grey_and_red_becomes_green() -> None:
    colours = np.array(
        [[-1, -1, -1], [0, 0, 0], [1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], np.float32
    )
    third = hue_permutations(colours)[2]  # 120 degrees
    assert list(third) == [0, 1, 2, 4, 5, 3]


def one_hot(indices: torch.Tensor) -> torch.Tensor:
    return F.one_hot(indices, 17).permute(0, 3, 1, 2).float()


@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("wrap", [False, True])
def test_what_is_on_the_palette_stays_on_it(rng: np.random.Generator, transparent: bool, wrap: bool) -> None:
    points = palette(rng, transparent)
    augmenter = Augmenter(points, np.ones(2, bool), 2, 0.3)
    indices = rng.integers(0, 17, (32, 8, 8))
    pictures = one_hot(torch.from_numpy(indices))
    changes = augmenter.draw(rng, rng.integers(0, 2, 32), 0.8)
    assert changes.entries is not None
    changed = apply_changes(pictures, changes, wrap)
    assert not torch.equal(changed, pictures)
    moved = apply_changes(pictures, replace(changes, entries=None), wrap).argmax(1)
    replaced = changes.entries.gather(1, moved.flatten(1)).view_as(moved)
    assert torch.equal(changed, one_hot(replaced))


def test_no_strength_leaves_all_but_the_usual_moves(rng: np.random.Generator) -> None:
    points = palette(rng, False)
    changes = Augmenter(points, np.ones(1, bool), 2, 0.0).draw(rng, np.zeros(64, int), 0.0)
    assert changes.entries is None and not changes.mirror.any() and not changes.shift.any()
    changes = Augmenter(points, np.ones(1, bool), 2, 0.3).draw(rng, np.zeros(640, int), 0.0)
    moved = (changes.shift != 0).any(1).float().mean()
    assert 0.2 < moved < 0.4


def test_strength_does_not_change_what_is_drawn_later(rng: np.random.Generator) -> None:
    after = []
    for strength in (0.0, 0.5):
        rng = np.random.Generator(np.random.Philox(key=3))
        Augmenter(palette(rng, True), np.ones(1, bool), 2, 0.3).draw(rng, np.zeros(16, int), strength)
        after.append(rng.random())
    assert after[0] == after[1]


def test_gradients_of_changes_reach_the_entry_that_a_pixel_had(rng: np.random.Generator) -> None:
    changes = Augmenter(palette(rng, False), np.zeros(1, bool), 0, 0.0).draw(rng, np.zeros(24, int), 0.8)
    assert changes.entries is not None
    shares = torch.rand(24, 17, 4, 4, requires_grad=True)
    direction = torch.randn(24, 17, 4, 4)
    (gradient,) = torch.autograd.grad((apply_changes(shares, changes, True) * direction).sum(), shares)
    expected = direction.gather(1, changes.entries[:, :, None, None].expand_as(direction))
    assert torch.equal(gradient, expected)


def test_only_kinds_without_a_left_and_a_right_are_mirrored(rng: np.random.Generator) -> None:
    images = np.stack(draw_set(("floor", "slime"), 24))
    images[24:, :, :8, :3] //= 2  # all slimes are lit from the right
    labels = np.repeat([0, 1], 24)
    assert list(can_mirror(images, labels, 2)) == [True, False]
    assert list(can_mirror(images[:6], labels[:6], 2)) == [False, False]  # too few pictures
    changes = Augmenter(None, np.array([True, False]), 0, 0.0).draw(rng, np.repeat([0, 1], 200), 0.8)
    assert changes.mirror[:200].float().mean() > 0.25 and not changes.mirror[200:].any()


def test_shifted_wraps_or_repeats_the_edge() -> None:
    picture = torch.arange(16.0).view(1, 1, 4, 4)
    move = torch.tensor([[1, 0]])
    assert shifted(picture, move, True)[0, 0, 3].tolist() == [0, 1, 2, 3]
    assert shifted(picture, move, False)[0, 0, 3].tolist() == [12, 13, 14, 15]


def test_what_was_done_is_told(rng: np.random.Generator) -> None:
    """The label is zero if and only if no change was made."""
    augmenter = Augmenter(palette(rng, True), np.ones(1, bool), 2, 0.0)
    assert not augmenter.draw(rng, np.zeros(64, int), 0.0).label.any()
    changes = augmenter.draw(rng, np.zeros(640, int), 0.4)
    assert changes.label.shape == (640, LABEL_LENGTH) and changes.entries is not None
    done = changes.mirror | changes.shift.any(dim=1) | (changes.entries != torch.arange(17)).any(dim=1)
    assert torch.equal(changes.label.any(dim=1), done)
    assert 0 < done.sum() < 640


def test_what_is_told_fades_and_what_a_critic_sees_does_not() -> None:
    labelled, seen = preset("vae", steps=10, fade_from=0.6), preset("gan", steps=10, fade_from=0.6)
    assert [applied_strength(labelled, asked, 0.3) for asked in (0.0, 0.2, 0.8)] == [0.12, 0.2, 0.3]
    assert applied_strength(labelled, 0.2, 0.8) == pytest.approx(0.1)
    assert applied_strength(labelled, 0.2, 1.0) == 0.0
    assert applied_strength(preset("ar", steps=10), 0.2, 1.0) == 0.2
    assert [applied_strength(seen, asked, 0.9) for asked in (0.0, 0.8)] == [0.0, 0.8]
