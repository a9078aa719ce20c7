"""Pictures with kinds as plain arrays, the input of every measure."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..data.dataset import Dataset
from ..data.pixels import words


@dataclass(frozen=True, eq=False)
class Pictures:
    """images uint8 (N, S, S, 4); labels int64 (N,), indices into kinds; groups int (N,), equal for relatives; words
    bool (N, V), of a vocabulary, or None.
    """

    images: np.ndarray
    labels: np.ndarray
    kinds: tuple[str, ...]
    groups: np.ndarray
    words: np.ndarray | None = None

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self.images)

    def take(self, chosen: np.ndarray) -> "Pictures":
        """Return the pictures at the indices `chosen`, in that order."""
        words = None if self.words is None else self.words[chosen]
        return Pictures(self.images[chosen], self.labels[chosen], self.kinds, self.groups[chosen], words)


def pictures_of(data: Dataset, words: tuple[str, ...] = ()) -> Pictures:
    """Convert a data set without copying memory-mapped images. words: some of its vocabulary."""
    columns = [data.vocabulary.words.index(word) for word in words]
    has = data.vocabulary.has[:, columns] if words else None
    return Pictures(data.images, data.labels, data.kinds, data.groups, has)


def generated(images: np.ndarray, labels: np.ndarray, kinds: tuple[str, ...]) -> Pictures:
    """Wrap generated pictures. Each is its own group."""
    return Pictures(images, labels, kinds, np.arange(len(images)))


def join(first: Pictures, second: Pictures) -> Pictures:
    """Concatenate two sets, with disjoint groups."""
    offset = int(first.groups.max(initial=0)) + 1
    return Pictures(
        np.concatenate([first.images, second.images]),
        np.concatenate([first.labels, second.labels]),
        first.kinds,
        np.concatenate([first.groups, second.groups + offset]),
    )


def at_most(pictures: Pictures, count: int, random: np.random.Generator) -> Pictures:
    """Return at most `count` pictures, in random order."""
    return pictures.take(random.permutation(len(pictures))[:count])


def draw_like(source: Pictures, labels: np.ndarray, random: np.random.Generator) -> Pictures:
    """Draw a picture of `source` for each label without replacement. Missing pictures of a kind are skipped."""
    chosen = []
    for kind, wanted in enumerate(np.bincount(labels, minlength=len(source.kinds))):
        members = np.flatnonzero(source.labels == kind)
        chosen.append(random.permutation(members)[:wanted])
    return source.take(random.permutation(np.concatenate(chosen)))


def parts_by_group(groups: np.ndarray, parts: int, random: np.random.Generator) -> np.ndarray:
    """Assign pictures to nearly equal parts, int64 (N,). Relatives share a part.

    With fewer groups than parts, every picture is its own group.
    """
    names, members = np.unique(groups, return_inverse=True)
    if len(names) < parts:
        members = np.arange(len(groups))
    sizes = np.bincount(members)
    part_of_group, filled = np.empty(len(sizes), np.int64), np.zeros(parts, np.int64)
    # Assign large groups first, each to the smallest part, so that the parts end up nearly equal.
    shuffled = random.permutation(len(sizes))
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        least = int(random.permutation(np.flatnonzero(filled == filled.min()))[0])
        part_of_group[group] = least
        filled[least] += sizes[group]
    return part_of_group[members]


def halves(pictures: Pictures, random: np.random.Generator) -> tuple[Pictures, Pictures]:
    """Return two disjoint halves with equal numbers of pictures per kind and no relatives across."""
    side = np.empty(len(pictures), np.int64)
    # A group may span kinds. It counts for the kind of its first picture.
    first = np.unique(pictures.groups, return_index=True, return_inverse=True)
    kind_of = pictures.labels[first[1]][first[2]]
    flip = 0
    for kind in np.unique(kind_of):
        members = np.flatnonzero(kind_of == kind)
        parts = parts_by_group(pictures.groups[members], 2, random)
        side[members] = parts ^ flip
        flip ^= int((parts == 0).sum() > (parts == 1).sum())
    one, two = (random.permutation(np.flatnonzero(side == s)) for s in (0, 1))
    count = min(len(one), len(two))
    return pictures.take(one[:count]), pictures.take(two[:count])


def to_tensor(images: np.ndarray) -> Tensor:
    """Convert uint8 (N, S, S, 4) to float32 (N, PLANES, S, S) in [-1, 1]: colours, and equality with
    neighbours.

    Transparent pixels are black. The planes of equality tell whether a pixel has exactly the colour of its
    right, lower and two lower diagonal neighbours (cyclically). This is characteristic of pixel art and slow
    to learn from colours alone.
    """
    colour = words(images)
    solid = np.where(colour[..., None] != 0, images, np.uint8(0)).astype(np.float32) / 127.5 - 1.0
    same = [np.roll(colour, move, (1, 2)) == colour for move in ((0, -1), (-1, 0), (-1, -1), (-1, 1))]
    planes = np.concatenate([solid, np.stack(same, axis=-1) * np.float32(2.0) - np.float32(1.0)], axis=-1)
    return torch.from_numpy(planes).permute(0, 3, 1, 2)
