"""Split the real art into the part that a generator may have seen and the held-out part."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from tilewright.errors import DataError, UsageError

from ..data.dataset import Dataset
from ..data.split import split
from ..size import size_text
from .pictures import Pictures, pictures_of
from .protocol import Protocol
from .subject import Subject

FEWEST = 20  # with fewer held-out pictures, all figures are noise
ENOUGH = 200

SEEN = {
    "none": "trained on the training art only",
    "some": "trained on part of the held-out art, because training held out another share: omit --held-out",
    "all": "also trained on the held-out art: every figure is too favourable",
    "unknown": "trained on other pictures, which may include held-out ones",
}
USUAL_SHARE = 0.1  # share that is held out if training held out nothing


@dataclass(frozen=True, eq=False)
class Art:
    """`training` and `held_out` contain no relatives of each other.

    seen: a key of SEEN. notes: further caveats for the reader. words: those of the pictures
    that the subject takes.
    """

    training: Pictures
    held_out: Pictures
    digest: str  # of the training pictures
    seen: str
    notes: tuple[str, ...]
    words: tuple[str, ...] = ()


def divide(data: Dataset, subject: Subject, held_out: float | None, protocol: Protocol) -> Art:
    """Hold out the share `held_out` of `data`, or the share of the training run. Drops kinds that `subject`
    lacks.

    Raises UsageError if sizes or kinds do not match, and DataError for too few pictures.
    """
    if subject.size != data.images.shape[1:3]:
        raise UsageError(
            f"evaluate: {subject.name} makes {size_text(subject.size)} pixels, "
            f"the art has {size_text(data.images.shape[1:3])}"
        )
    shared = [kind for kind in data.kinds if kind in subject.kinds]
    if not shared:
        raise UsageError(
            f"evaluate: {subject.name} has the kinds {', '.join(subject.kinds)}, the art has "
            f"{', '.join(data.kinds)}: give the recipe used for training (--kinds)"
        )
    share = held_out if held_out is not None else subject.held_out or USUAL_SHARE
    training, rest = split(data, share)
    seen = _seen(data, subject, share)
    notes = []
    missing = [kind for kind in data.kinds if kind not in shared]
    if missing:
        notes.append(f"{subject.name} has no {', '.join(missing)}: that art is skipped")
    random = np.random.default_rng(0xA27)
    words = tuple(word for word in subject.words if word in data.vocabulary.words)
    ours = _of_kinds(pictures_of(training, words), shared, protocol.training_at_most, random)
    theirs = _of_kinds(pictures_of(rest, words), shared, protocol.training_at_most, random)
    if len(theirs) < FEWEST:
        raise DataError(
            f"evaluate: {len(theirs)} of {len(data.images)} pictures are held out, and at least {FEWEST} are needed "
            "for an evaluation: raise --held-out, or add art"
        )
    if len(theirs) < ENOUGH:
        notes.append(f"only {len(theirs)} pictures are held out: expect the figures to be rough")
    if len(ours) < len(training.images) and not missing:
        notes.append(f"{len(ours)} of {len(training.images)} training pictures were drawn for comparison")
    return Art(ours, theirs, training.digest, seen, tuple(notes), words)


def _seen(data: Dataset, subject: Subject, share: float) -> str:
    """Return a key of SEEN. Training splits like `divide`, so the same share of the same art gives the same
    split.
    """
    if subject.art != data.digest:
        return "unknown"
    if subject.held_out == 0.0:
        return "all"
    return "none" if subject.held_out == share else "some"


def _of_kinds(pictures: Pictures, kinds: list[str], most: int, random: np.random.Generator) -> Pictures:
    """Return the pictures of `kinds`, numbered in that order, at most `most` of them."""
    number = np.array([kinds.index(k) if k in kinds else -1 for k in pictures.kinds])
    chosen = np.flatnonzero(number[pictures.labels] >= 0)
    if len(chosen) > most:
        chosen = np.sort(random.permutation(chosen)[:most])
    part = pictures.take(chosen)
    return dataclasses.replace(part, labels=number[part.labels], kinds=tuple(kinds))
