"""Sprites of a pack by role: the hero, monsters, items."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

import tilewright as tw

Pictures = npt.NDArray[np.uint8]
Palette = Pictures | list[str] | None
CANDIDATES = 12  # pictures of a kind to choose sprites from


class Sprites:
    """Chooses sprites of a pack by role.

    kinds: kinds of the pack to use instead of those matched by name. motion: a pack that gives sprites in colours of
    `pack` a second frame, or None: they breathe.
    """

    def __init__(self, pack: tw.Pack, kinds: Mapping[str, str], motion: tw.Pack | None) -> None:
        self._pack, self._kinds, self._motion = pack, kinds, motion
        self._roles: dict[str, None] = {}
        self._candidates: dict[tuple[str, int], Pictures] = {}
        self.made = 0

    def of(self, role: str, art: tuple[str, ...], seed: int, count: int, palette: Palette) -> Pictures:
        """Return sprites for a role, "hero", "monster" or "item": uint8 (N, S, S, 4), N at most count."""
        kind = self._kinds.get(role) or next((name for name in art if name in self._pack.kinds), None)
        if kind is None or role in self._kinds:
            self._roles[role] = None
            kind = self.matched().kinds[role]
        if (kind, seed) not in self._candidates:
            self.made += CANDIDATES
            self._candidates[kind, seed] = self._pack.generate(CANDIDATES, kind=kind, seed=seed).rgba
        chosen = tw.choose_sprites(self._candidates[kind, seed], count)  # the same ones in all palettes
        return chosen if palette is None else tw.repaint(chosen, palette)

    def moving(self, role: str, art: tuple[str, ...], seed: int, count: int, palette: Palette) -> Pictures:
        """Return sprites as `of` does, with two frames each: uint8 (N, 2, S, S, 4)."""
        if self._motion is None:
            return _two_frames(self.of(role, art, seed, count, palette))
        first = self.of(role, art, seed, count, None)
        sheets = self._motion.animate(first, seed=seed)
        assert isinstance(sheets, tw.FrameBatch)
        self.made += len(first)
        frames = np.stack([first, sheets.frames_rgba[:, 1]], axis=1)
        return frames if palette is None else tw.repaint(frames, palette)

    def matched(self) -> tw.KindMatch:
        """Return the kinds of the roles that the pack has not by name."""
        return tw.match_kinds(list(self._roles), self._pack.name, self._pack.kinds, self._kinds)


def most_different(pictures: Pictures, others: list[Pictures]) -> Pictures:
    """Return the picture uint8 (S, S, 4) that differs most from the other most like it; the first if there are none."""
    different = [
        min((int(np.abs(picture.astype(np.int64) - other).sum()) for other in others), default=0)
        for picture in pictures
    ]
    best: Pictures = pictures[int(np.argmax(different))]
    return best


def _two_frames(pictures: Pictures) -> Pictures:
    """Return uint8 (N, 2, S, S, 4): each sprite, and the same breathing in: without a row in the middle."""
    second = pictures.copy()
    size = pictures.shape[1]
    cut = size * 5 // 8
    second[:, 1 : cut + 1] = pictures[:, :cut]
    second[:, 0] = 0
    return np.stack([pictures, second], axis=1)
