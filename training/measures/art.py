"""The two sides of the real art: what a generator may have learnt from, and what is held out."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from tilewright.errors import DataError, UsageError

from ..data.dataset import Dataset
from ..data.split import split
from .pictures import Pictures, pictures_of
from .protocol import Protocol
from .subject import Subject

FEWEST = 20  # held-out pictures: below that every figure is chance
ENOUGH = 200

SEEN = {
    "none": "trained on the training art only",
    "some": "trained on part of the held-out art, because training held out another share: omit --held-out",
    "all": "also trained on the held-out art: every figure is too favourable",
    "unknown": "trained on other pictures, which may include held-out ones",
}
USUAL_SHARE = 0.1  # is held out where training held out nothing


@dataclass(frozen=True, eq=False)
class Art:
    """training and held_out have no relatives in common. seen: a key of SEEN; notes: what else a reader must know."""

    training: Pictures
    held_out: Pictures
    digest: str  # of the training pictures
    seen: str
    notes: tuple[str, ...]


def divide(data: Dataset, subject: Subject, held_out: float | None, protocol: Protocol) -> Art:
    """Hold out the share `held_out` of `data`, or what training held out, and leave out the kinds `subject` lacks.

    UsageError where sizes or kinds do not go together, DataError for too few pictures.
    """
    if subject.size != data.images.shape[1]:
        raise UsageError(
            f"evaluate: {subject.name} makes {subject.size}x{subject.size} pixels, "
            f"the art has {data.images.shape[1]}x{data.images.shape[1]}"
        )
    shared = [kind for kind in data.kinds if kind in subject.kinds]
    if not shared:
        raise UsageError(
            f"evaluate: {subject.name} has the kinds {', '.join(subject.kinds)}, the art has "
            f"{', '.join(data.kinds)}: give the recipe that it was trained with (--kinds)"
        )
    share = held_out if held_out is not None else subject.held_out or USUAL_SHARE
    training, rest = split(data, share)
    seen = _seen(data, subject, share)
    notes = []
    missing = [kind for kind in data.kinds if kind not in shared]
    if missing:
        notes.append(f"{subject.name} has no {', '.join(missing)}: that art is left out")
    random = np.random.default_rng(0xA27)
    ours = _of_kinds(pictures_of(training), shared, protocol.training_at_most, random)
    theirs = _of_kinds(pictures_of(rest), shared, protocol.training_at_most, random)
    if len(theirs) < FEWEST:
        raise DataError(
            f"evaluate: {len(theirs)} of {len(data.images)} pictures are held out, and {FEWEST} are the fewest "
            "to measure with: raise --held-out, or bring more art"
        )
    if len(theirs) < ENOUGH:
        notes.append(f"only {len(theirs)} pictures are held out: expect the figures to be rough")
    if len(ours) < len(training.images) and not missing:
        notes.append(f"{len(ours)} of {len(training.images)} training pictures were drawn to compare with")
    return Art(ours, theirs, training.digest, seen, tuple(notes))


def _seen(data: Dataset, subject: Subject, share: float) -> str:
    """A key of SEEN: training splits as `divide` does, so the same share of the same art is the same split."""
    if subject.art != data.digest:
        return "unknown"
    if subject.held_out == 0.0:
        return "all"
    return "none" if subject.held_out == share else "some"


def _of_kinds(pictures: Pictures, kinds: list[str], most: int, random: np.random.Generator) -> Pictures:
    """Those of `kinds`, numbered in that order, and no more than `most` of them."""
    number = np.array([kinds.index(k) if k in kinds else -1 for k in pictures.kinds])
    chosen = np.flatnonzero(number[pictures.labels] >= 0)
    if len(chosen) > most:
        chosen = np.sort(random.permutation(chosen)[:most])
    part = pictures.take(chosen)
    return dataclasses.replace(part, labels=number[part.labels], kinds=tuple(kinds))
