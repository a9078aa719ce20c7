"""Pictures with kinds, on plain arrays: what every measure takes."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..data.dataset import Dataset
from ..data.pixels import words

PLANES = 8  # of a picture as the judges see it


@dataclass(frozen=True, eq=False)
class Pictures:
    """images uint8 (N, S, S, 4); labels int64 (N,), indices into kinds; groups int (N,): relatives share a number."""

    images: np.ndarray
    labels: np.ndarray
    kinds: tuple[str, ...]
    groups: np.ndarray

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self.images)

    def take(self, chosen: np.ndarray) -> "Pictures":
        """Those at the indices `chosen`, in that order."""
        return Pictures(self.images[chosen], self.labels[chosen], self.kinds, self.groups[chosen])


def pictures_of(data: Dataset) -> Pictures:
    """A data set as the measures take it; a memory-mapped one stays where it is."""
    return Pictures(data.images, data.labels, data.kinds, data.groups)


def generated(images: np.ndarray, labels: np.ndarray, kinds: tuple[str, ...]) -> Pictures:
    """Generated pictures: nobody is anybody's relative."""
    return Pictures(images, labels, kinds, np.arange(len(images)))


def join(first: Pictures, second: Pictures) -> Pictures:
    """Both, as one; their groups stay apart."""
    offset = int(first.groups.max(initial=0)) + 1
    return Pictures(
        np.concatenate([first.images, second.images]),
        np.concatenate([first.labels, second.labels]),
        first.kinds,
        np.concatenate([first.groups, second.groups + offset]),
    )


def at_most(pictures: Pictures, count: int, random: np.random.Generator) -> Pictures:
    """No more than `count` of them, drawn and put in order by `random`."""
    return pictures.take(random.permutation(len(pictures))[:count])


def draw_like(source: Pictures, labels: np.ndarray, random: np.random.Generator) -> Pictures:
    """One picture of `source` for each label, none twice; the rest of a kind is left out where it runs short."""
    chosen = []
    for kind, wanted in enumerate(np.bincount(labels, minlength=len(source.kinds))):
        members = np.flatnonzero(source.labels == kind)
        chosen.append(random.permutation(members)[:wanted])
    return source.take(random.permutation(np.concatenate(chosen)))


def parts_by_group(groups: np.ndarray, parts: int, random: np.random.Generator) -> np.ndarray:
    """The part int64 (N,) that each picture falls into, of nearly equal parts; relatives stay together.

    Where there are fewer groups than parts, every picture is a group of its own.
    """
    names, members = np.unique(groups, return_inverse=True)
    if len(names) < parts:
        members = np.arange(len(groups))
    sizes = np.bincount(members)
    part_of_group, filled = np.empty(len(sizes), np.int64), np.zeros(parts, np.int64)
    # Large groups first, each into the part that has least: what is left over is small.
    shuffled = random.permutation(len(sizes))
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        least = int(random.permutation(np.flatnonzero(filled == filled.min()))[0])
        part_of_group[group] = least
        filled[least] += sizes[group]
    return part_of_group[members]


def halves(pictures: Pictures, random: np.random.Generator) -> tuple[Pictures, Pictures]:
    """Two disjoint halves without relatives across, alike in their kinds: equally many pictures in each."""
    side = np.empty(len(pictures), np.int64)
    # A group may span kinds: it follows the kind of its first picture.
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
    """uint8 (N, S, S, 4) -> float32 (N, PLANES, S, S) in [-1, 1]: colours, and which neighbours are of one colour.

    Clear pixels are black, whatever colour they hide. Whether a pixel is exactly the colour of its right, lower and
    two lower diagonal neighbours (around the edges) is what pixel art is made of, and what a network that sees
    colours alone is slow to find.
    """
    colour = words(images)
    solid = np.where(colour[..., None] != 0, images, np.uint8(0)).astype(np.float32) / 127.5 - 1.0
    same = [np.roll(colour, move, (1, 2)) == colour for move in ((0, -1), (-1, 0), (-1, -1), (-1, 1))]
    planes = np.concatenate([solid, np.stack(same, axis=-1) * np.float32(2.0) - np.float32(1.0)], axis=-1)
    return torch.from_numpy(planes).permute(0, 3, 1, 2)
