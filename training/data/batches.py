"""Draw training batches. Each step has its own random stream, so a resumed run sees the same batches.

The pictures stay in memory or on disk. Each batch is converted to indices and colours when it is drawn.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tilewright.palette import nearest_colours
from tilewright.seeds import LATENT_SCALE, LATENT_TABLE
from tilewright.upsampling import guides, guiding

from ..config import Config
from .augment import Augmenter, Changes, can_mirror
from .colour_space import to_colour_space
from .dataset import Dataset
from .jitter import ColourJitter
from .mixing import Mixer

WORD_DROPPED, ALL_WORDS_DROPPED = 0.3, 0.15


class Indexer:
    """Converts pictures to palette indices. Caches the nearest entry of every colour seen so far."""

    def __init__(self, palette: np.ndarray) -> None:
        """palette uint8 (K, 4). If it has a transparent entry, that is the first one."""
        self._first = int(palette[0, 3] < 128)
        self._opaque = palette[self._first :]
        self._entry = np.full(1 << 24, -1, dtype=np.int16)  # by packed RGB; -1: not cached yet

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Convert uint8 (..., 4) to int64 (...): the nearest opaque entry, or 0 for transparent pixels."""
        packed = images[..., :3].astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], np.int32)
        new = np.unique(packed[self._entry[packed] < 0])
        if new.size:
            colours = np.stack([new >> 16, new >> 8 & 255, new & 255], axis=-1).astype(np.uint8)
            self._entry[new] = nearest_colours(colours, self._opaque) + self._first
        solid = images[..., 3] >= 128 if self._first else True
        return np.where(solid, self._entry[packed], 0).astype(np.int64)


@dataclass(frozen=True)
class Batch:
    """The data of one step: N pictures of H x W pixels."""

    pictures: Tensor  # float (N, C, H, W) in colour space
    indices: Tensor | None  # int64 (N, H, W): palette indices; None if the pictures keep their own colours
    kinds: Tensor  # int64 (N,), or int64 (N, H, W) if the data has a kind for each cell
    latents: Tensor  # float (2, N, latents): standard normal, two draws per step
    changes: Changes  # changes for the critic's pictures, or changes that were applied to the art
    level: Tensor  # float (N,) in [0, 1), stratified over the batch: the share of a picture that is masked
    order: Tensor  # float (N, H * W) in [0, 1): the order in which pixels are masked
    words: Tensor | None = None  # float (N, V): 1 for each word that describes a picture and is not left out

    def to(self, device: torch.device) -> "Batch":
        """Return the same batch on `device`."""
        values = (getattr(self, field.name) for field in fields(self))
        moved: list[Any] = [None if value is None else value.to(device) for value in values]
        return Batch(*moved)


class Batches:
    """Draws the batch of any step as a function of (data, config, step)."""

    def __init__(
        self, data: Dataset, config: Config, palette: np.ndarray | None, rank: int = 0, ranks: int = 1
    ) -> None:
        """palette uint8 (K, 4): pictures are mapped to their nearest entries; None keeps their colours.

        Process `rank` of `ranks` gets every `ranks`-th picture of the batch, starting at `rank`. Together,
        the processes see the batch of a single process.
        """
        self.config = config
        self.data = data
        self._part = slice(rank, None, ranks)
        self._indexer = None if palette is None else Indexer(palette)
        self._points = None if palette is None else to_colour_space(palette, config.transparent)
        count = np.bincount(data.labels, minlength=len(data.kinds)).astype(np.float64)
        self._kind_share = np.where(count > 0, count, 1.0) ** config.balance * (count > 0)
        self._kind_share /= self._kind_share.sum()
        self._members = [np.flatnonzero(data.labels == k) for k in range(len(data.kinds))]
        self._has_maps = data.kind_maps is not None
        self._mixer = Mixer(data, config.mixed) if config.mixed else None
        self._jitter = ColourJitter(palette, config.jitter) if config.jitter and palette is not None else None
        mirrors = np.zeros(len(data.kinds), bool)
        if not self._has_maps:
            mirrors = can_mirror(data.images, data.labels, len(data.kinds))
        by_critic = config.traits.has_critic
        self._augmenter = Augmenter(
            self._points if config.recolour else None,
            # with an augmentation label, every kind may be mirrored
            mirrors if by_critic or self._has_maps else np.full_like(mirrors, True),
            0 if self._has_maps else config.shift,
            config.shift_share if by_critic else 0.0,
        )

    def draw(self, step: int, strength: float = 0.0) -> Batch:
        """Return the batch of step `step`. strength, 0 to 1: the probability of each augmentation.

        Without a critic, the changes are applied to the art, and the network gets the augmentation label. Pictures
        with a kind for each cell are only recoloured, because other changes could move a pixel to another cell.
        Random colours and mixed sheets have no label.
        """
        c = self.config
        rng = np.random.Generator(np.random.Philox(key=[c.seed, step]))
        kinds = rng.choice(len(self._members), size=c.batch, p=self._kind_share)
        spot = rng.random(c.batch)
        members = zip(kinds, spot, strict=True)
        chosen = np.array([self._members[k][int(s * len(self._members[k]))] for k, s in members])
        mirrored = rng.random(c.batch) < 0.5 * c.flip
        latents = LATENT_TABLE[rng.integers(0, 256, (2, c.batch, c.latents))].astype(np.float32)
        changes = self._augmenter.draw(rng, kinds, strength)
        level = (rng.permutation(c.batch) + rng.random()) / c.batch
        if c.hidden_power != 1.0:
            level = 1.0 - (1.0 - level) ** c.hidden_power
        order = rng.random((c.batch, c.cells), dtype=np.float32)
        part = self._part
        shift, entries = np.zeros((c.batch, 2), np.int64), None
        if not c.traits.has_critic:
            mirrored ^= changes.mirror.numpy()
            shift = changes.shift.numpy()
            entries = None if changes.entries is None else changes.entries.numpy()
        if self._jitter is not None:
            entries = self._jitter.draw(rng, c.batch)
        images = (
            np.asarray(self.data.images[chosen]) if self._mixer is None else self._mixer.draw(rng, chosen)
        )
        recoloured = None if entries is None else entries[part]
        pictures, indices = self._pictures(images[part], mirrored[part], shift[part], recoloured)
        return Batch(
            pictures=pictures,
            indices=indices,
            kinds=self._kinds(chosen[part], mirrored[part], recoloured),
            latents=torch.from_numpy(np.ascontiguousarray(latents[:, part]) * np.float32(LATENT_SCALE)),
            changes=changes.part(part),
            level=torch.from_numpy(level[part].astype(np.float32)),
            order=torch.from_numpy(order[part]),
            words=self._words(rng, chosen)[part] if c.words else None,
        )

    def _kinds(self, chosen: np.ndarray, mirrored: np.ndarray, recoloured: np.ndarray | None) -> Tensor:
        """Return the kinds of pictures, or those of their pixels. Guides of an upsampler are recoloured too."""
        if not self._has_maps:
            return torch.from_numpy(self.data.labels[chosen])
        maps, mirror = np.asarray(self.data.kind_maps[chosen]), mirrored[:, None, None]
        if self.config.upsampler:
            halves = guiding(maps)
            halves = np.where(mirror, halves[:, :, ::-1], halves)
            if recoloured is not None:
                halves = recoloured[np.arange(len(halves))[:, None, None], halves]
            return torch.from_numpy(guides(halves.astype(np.uint8)).astype(np.int64))
        maps = np.where(mirror, maps[:, :, ::-1], maps).astype(np.int64)
        return torch.from_numpy(per_pixel(maps, self.data.cell))

    def _words(self, rng: np.random.Generator, chosen: np.ndarray) -> Tensor:
        """Return the words of pictures, some of them left out, float (N, V)."""
        has = self.data.vocabulary.has[chosen]
        return torch.from_numpy((has & keep_words(rng, *has.shape)).astype(np.float32))

    def _pictures(
        self, images: np.ndarray, mirrored: np.ndarray, shift: np.ndarray, recoloured: np.ndarray | None
    ) -> tuple[Tensor, Tensor | None]:
        images = np.where(mirrored[:, None, None, None], images[:, :, ::-1], images)
        picture = np.arange(len(images))[:, None, None]
        if shift.any():
            rows, columns = (
                _shifted(edge, shift[:, axis], self.config.wrap) for axis, edge in enumerate(self.config.size)
            )
            images = images[picture, rows[:, :, None], columns[:, None]]
        if self._indexer is None or self._points is None:
            colours, indices = to_colour_space(images, self.config.transparent), None
        else:
            entries = self._indexer(images)
            if recoloured is not None:
                entries = recoloured[picture, entries]
            colours, indices = self._points[entries], torch.from_numpy(entries)
        return torch.from_numpy(np.ascontiguousarray(colours.transpose(0, 3, 1, 2))), indices


def per_pixel(maps: np.ndarray, cell: int) -> np.ndarray:
    """Return the kinds of pixels (N, H, W) for those of cells (N, H / cell, W / cell)."""
    return maps.repeat(cell, axis=1).repeat(cell, axis=2)


def keep_words(rng: np.random.Generator, pictures: int, words: int) -> np.ndarray:
    """Return which words of pictures to keep, bool (N, V): each is left out with probability WORD_DROPPED, and all
    of a picture with ALL_WORDS_DROPPED, so that any words may be left out of a request.
    """
    any_kept = rng.random((pictures, 1)) >= ALL_WORDS_DROPPED
    return any_kept & (rng.random((pictures, words)) >= WORD_DROPPED)


def _shifted(edge: int, shift: np.ndarray, wrap: bool) -> np.ndarray:
    """Return the source rows or columns int64 (N, edge) of pictures that are shifted by int64 (N,) pixels."""
    places = np.arange(edge) + shift[:, None]
    return places % edge if wrap else np.clip(places, 0, edge - 1)
