"""Augmentation that preserves the palette: reflections, shifts, hue rotations, and swaps of neighbouring
shades.

A GAN's critic sees real and generated pictures under the same changes. Each change has a probability well
below 1, so the generator learns the art and not the changes: Karras et al., "Training generative adversarial
networks with limited data" (ADA, NeurIPS 2020). Every recolouring is a permutation of the palette. It is
invertible, as the paper requires, and a changed pixel is still a palette entry.

A family without a critic would learn the changes along with the art. Its network therefore gets an
augmentation label as input, which describes the changes of each picture; generation uses the label of no
change: Karras et al., "Elucidating the design space of diffusion-based generative models" (EDM, NeurIPS
2022), appendix F.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..config import Config

HUE_STEPS = 6  # rotations by 0, 60, ... 300 degrees
LABEL_LENGTH = 4 + HUE_STEPS - 1
LABEL_STRENGTHS = (0.12, 0.3)  # range of probabilities with augmentation labels; EDM uses 0.12 to 0.15
MOST_STRENGTH = 0.8  # above this, the generator begins to reproduce the changes (ADA, figure 5)
LEAST_MEMBERS = 8  # kinds with fewer pictures are not tested for symmetry
SHUFFLES = 99
_LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class Changes:
    """The changes that augmentation applies to each of N pictures."""

    mirror: Tensor  # bool (N,)
    shift: Tensor  # int64 (N, 2): shift in rows and columns
    entries: Tensor | None  # int64 (N, K): replacement of each palette entry; None: no replacement
    # float (N, LABEL_LENGTH): augmentation label of reflection, shift, swap and hue; zeros mean no change
    label: Tensor

    def to(self, device: torch.device) -> "Changes":
        """Return the same changes on `device`."""
        values = (getattr(self, field.name) for field in fields(self))
        moved: list[Any] = [None if value is None else value.to(device) for value in values]
        return Changes(*moved)

    def part(self, which: slice) -> "Changes":
        """Return the changes of some of the pictures."""
        values = (getattr(self, field.name) for field in fields(self))
        parts: list[Any] = [None if value is None else value[which] for value in values]
        return Changes(*parts)


def applied_strength(config: Config, strength: float, progress: float) -> float:
    """Return the probability of each change for a run whose monitoring asks for `strength`.

    A model with augmentation labels must also learn each change, so many pictures stay unchanged. If
    config.fade_from is below 1, the probability falls to 0 from there to the end of the run.
    """
    if config.tokens:
        return 0.0
    if config.traits.has_critic:
        return min(1.0, max(0.0, strength))
    least, most = LABEL_STRENGTHS
    faded = max(0.0, progress - config.fade_from) / max(1e-9, 1.0 - config.fade_from)
    return min(most, max(least, strength)) * (1.0 - min(1.0, faded))


class Augmenter:
    """Draws changes. The number of random draws does not depend on the strength, so batches do not depend on
    it either.
    """

    def __init__(
        self, points: np.ndarray | None, mirrors: np.ndarray, shift: int, shift_share: float
    ) -> None:
        """points: float (K, C), the palette in colour space, or None. mirrors: bool (kinds,), from
        `can_mirror`.

        shift: largest shift in pixels. shift_share: minimum share of shifted pictures.
        """
        self._mirrors = mirrors
        self._shift, self._shift_share = shift, shift_share
        self._hues = None if points is None else hue_permutations(points)
        self._shades = None if points is None else _opaque_by_luma(points)

    def draw(self, rng: np.random.Generator, kinds: np.ndarray, strength: float) -> Changes:
        """Draw changes for pictures of `kinds` int (N,). strength, 0 to 1: the probability of each change."""
        count = len(kinds)
        chance = rng.random((count, 5))
        move = rng.integers(-self._shift, self._shift + 1, (count, 2))
        hue = rng.integers(0, HUE_STEPS, count)
        swap = rng.random((count, 128)) < 0.5  # one per pair of shades; a palette has at most 128 pairs
        mirror = (chance[:, 0] < 0.5 * strength) & self._mirrors[kinds]
        move *= (chance[:, 1] < max(strength, self._shift_share))[:, None]
        hue *= chance[:, 2] < strength
        swap &= (chance[:, 3] < strength)[:, None]
        entries = None
        if self._hues is not None and self._shades is not None and (hue.any() or swap.any()):
            shades = self._swapped(swap, (chance[:, 4] < 0.5).astype(int))
            entries = torch.from_numpy(np.take_along_axis(shades, self._hues[hue], axis=1))
        label = np.zeros((count, LABEL_LENGTH), np.float32)
        label[:, 0] = mirror
        label[:, 1:3] = move / max(1, self._shift)
        if entries is not None:
            label[:, 3] = swap.any(axis=1)
            label[:, 4:] = hue[:, None] == np.arange(1, HUE_STEPS)
        return Changes(torch.from_numpy(mirror), torch.from_numpy(move), entries, torch.from_numpy(label))

    def _swapped(self, swap: np.ndarray, offset: np.ndarray) -> np.ndarray:
        """Return permutations int64 (N, K) that swap some neighbours in lightness."""
        assert self._hues is not None and self._shades is not None
        entries = np.tile(np.arange(self._hues.shape[1]), (len(swap), 1))
        for start in (0, 1):
            rows = np.flatnonzero(offset == start)
            dark, light = self._shades[start:-1:2], self._shades[start + 1 :: 2]
            some = swap[rows, : len(dark)]
            entries[np.ix_(rows, dark)] = np.where(some, light, dark)
            entries[np.ix_(rows, light)] = np.where(some, dark, light)
        return entries


def apply_changes(shares: Tensor, changes: Changes, wrap: bool) -> Tensor:
    """Apply changes to pictures given as shares of palette entries, float (N, K, S, S). Differentiable."""
    mirrored = torch.where(changes.mirror[:, None, None, None], shares.flip(3), shares)
    moved = shifted(mirrored, changes.shift, wrap)
    if changes.entries is None:
        return moved
    sources = changes.entries.argsort(dim=1)  # inverse permutation: the entry that becomes this one
    return moved.gather(1, sources[:, :, None, None].expand_as(moved))


def shifted(pictures: Tensor, shift: Tensor, wrap: bool) -> Tensor:
    """Shift pictures (N, C, H, W) by int64 (N, 2): cyclically if `wrap`, otherwise repeating the edge pixels."""
    n, _, height, width = pictures.shape
    rows = torch.arange(height, device=shift.device)[None, :] + shift[:, :1]
    columns = torch.arange(width, device=shift.device)[None, :] + shift[:, 1:]
    if wrap:
        rows, columns = rows % height, columns % width
    else:
        rows, columns = rows.clamp(0, height - 1), columns.clamp(0, width - 1)
    picture = torch.arange(n, device=shift.device)[:, None, None]
    return pictures.permute(0, 2, 3, 1)[picture, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def can_mirror(images: np.ndarray, labels: np.ndarray, kinds: int, most: int = 512) -> np.ndarray:
    """Return bool (kinds,): whether the pictures uint8 (N, S, S, 4) of a kind are free of left-right
    asymmetry.

    This is a permutation test. Light from one side makes the mean picture less symmetric than the mean of
    randomly mirrored pictures. Kinds with fewer than 8 pictures are not mirrored.
    """
    allowed = np.zeros(kinds, dtype=bool)
    rng = np.random.Generator(np.random.Philox(key=0))
    for kind in range(kinds):
        members = np.flatnonzero(labels == kind)
        members = members[:: max(1, len(members) // most)][:most]
        if len(members) >= LEAST_MEMBERS:
            pictures = np.asarray(images[members]).astype(np.float32)
            lean = (pictures - pictures[:, :, ::-1]).reshape(len(members), -1)
            tosses = rng.choice(np.array([-1.0, 1.0], np.float32), (SHUFFLES, len(members)))
            by_chance = np.square(tosses @ lean).sum(axis=1)
            allowed[kind] = np.square(lean.sum(axis=0)).sum() <= np.quantile(by_chance, 0.95)
    return allowed


def hue_turns(channels: int) -> np.ndarray:
    """Return float32 (HUE_STEPS, C, C): rotations of RGB around the grey axis. Alpha stays."""
    axis = np.full(3, 3.0**-0.5)
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    turns = np.tile(np.eye(channels), (HUE_STEPS, 1, 1))
    for step in range(HUE_STEPS):
        angle = 2 * np.pi * step / HUE_STEPS
        turns[step, :3, :3] = (
            np.cos(angle) * np.eye(3)
            + (1 - np.cos(angle)) * np.outer(axis, axis)
            + np.sin(angle) * cross  # Rodrigues' formula
        )
    return turns.astype(np.float32)


def hue_permutations(points: np.ndarray) -> np.ndarray:
    """Return int64 (HUE_STEPS, K): for each rotation, the replacement of each entry of `points` (K, C).

    Rotated and existing colours are matched greedily by distance, each entry once. Lightness counts double
    because shading carries the shape. A transparent entry stays.
    """
    opaque = _opaque_by_luma(points)
    permutations = np.tile(np.arange(len(points)), (HUE_STEPS, 1))
    colours = points[opaque, :3].astype(np.float64)
    for step, turn in enumerate(hue_turns(3)):
        difference = (colours @ turn.T)[:, None] - colours[None]
        cost = np.square(difference).sum(axis=2) + 3 * np.square(difference @ _LUMA)
        taken = np.zeros(len(opaque), dtype=bool)
        given = np.zeros(len(opaque), dtype=bool)
        for place in np.argsort(cost, axis=None, kind="stable"):
            source, target = divmod(int(place), len(opaque))
            if not given[source] and not taken[target]:
                permutations[step, opaque[source]] = opaque[target]
                given[source] = taken[target] = True
    return permutations


def _opaque_by_luma(points: np.ndarray) -> np.ndarray:
    """Return the indices of the opaque entries, dark to light."""
    opaque = np.flatnonzero(points[:, 3] > 0) if points.shape[1] == 4 else np.arange(len(points))
    return opaque[np.argsort(points[opaque, :3] @ _LUMA, kind="stable")]
