"""Hold out tiles for evaluation. Relatives stay together, and kinds keep their proportions."""

import dataclasses
from typing import Any

import numpy as np

from tilewright.errors import DataError, UsageError

from .dataset import Dataset
from .stored_set import Some, digest_of

__all__ = ["hold_out", "split"]


def hold_out(data: Dataset, share: float) -> tuple[Dataset, Dataset | None]:
    """Return (training set, held-out set), or (data, None) if nothing can be held out."""
    if share == 0:
        return data, None
    try:
        return split(data, share)
    except DataError:
        return data, None


def split(data: Dataset, held_out: float = 0.1, seed: int = 0) -> tuple[Dataset, Dataset]:
    """Return (training, held out). Holds out whole groups of `data.groups`, about `held_out` (0 to 1) of each
    kind.

    The same data and seed give the same split on every machine. Kinds keep their numbers in both parts. A
    kind whose tiles are all relatives stays in training. Memory-mapped images stay mapped. Raises
    `UsageError` for a share out of range, and `DataError` if no group can be held out.
    """
    if not 0.0 < held_out < 1.0:
        raise UsageError(f"split(): held_out must be between 0 and 1, not {held_out}")
    strata = data.labels if data.strata is None else data.strata
    count = int(strata.max()) + 1
    # Number of tiles per (group, kind); most groups contain one kind.
    cells, sizes = np.unique(data.groups.astype(np.int64) * count + strata, return_counts=True)
    group_of, kind_of = np.divmod(cells, count)
    groups, starts, parts = np.unique(group_of, return_index=True, return_counts=True)
    wanted = np.bincount(strata, minlength=count) * held_out
    spare = np.bincount(kind_of, minlength=count) - 1  # groups that a kind can spare
    taken = np.zeros(count)
    chosen = []
    for i in np.random.Generator(np.random.Philox(key=[seed, 0x5911])).permutation(len(groups)):
        own = slice(starts[i], starts[i] + parts[i])
        kinds, size = kind_of[own], sizes[own]
        missing = wanted[kinds] - taken[kinds]
        # Hold out a group if that brings its kinds closer to their shares and leaves tiles of each for
        # training.
        if (spare[kinds] > 0).all() and (np.abs(missing) - np.abs(missing - size)).sum() >= 0:
            chosen.append(groups[i])
            taken[kinds] += size
            spare[kinds] -= 1
    if not chosen:
        raise DataError(
            f"split(): nothing can be held out of {len(data.labels)} tiles in {len(groups)} groups of relatives;"
            " add tiles, or hold out more"
        )
    held = np.isin(data.groups, chosen)
    return _part(data, np.flatnonzero(~held)), _part(data, np.flatnonzero(held))


def _part(data: Dataset, which: np.ndarray) -> Dataset:
    in_memory = type(data.images) is np.ndarray
    images: Any = data.images[which] if in_memory else Some(data.images, which)
    labels = data.labels[which]
    return dataclasses.replace(
        data,
        images=images,
        labels=labels,
        groups=data.groups[which],
        kind_maps=None if data.kind_maps is None else data.kind_maps[which],
        vocabulary=data.vocabulary.take(which),
        strata=None if data.strata is None else data.strata[which],
        digest=digest_of(images, labels, data.kinds),
    )
