"""Evaluate three candidates over all seeds: the generator, other real art, and copies of the training art."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..data.pixels import nearest_pixels
from .art import Art
from .c2st import c2st_error, pair_up
from .classification import classification_accuracy_score, few_of_each, kind_accuracy
from .features import KindsNetwork, kinds_network
from .figures import FIGURES, ROWS, Value
from .frechet import frechet_distance
from .manifold import manifold
from .memorisation import memorisation, nearest_features
from .pictures import Pictures, at_most, draw_like, generated, halves, join
from .pixel_art import palette_of, pixel_art
from .protocol import Protocol
from .subject import Subject
from .word_accuracy import fit_words, word_accuracy

STAGES = ("generating", "telling apart", "features", "memorisation", "classifying", "words", "pixels")

Report = Callable[[str], None]
Figures = dict[str, dict[str, float]]  # row -> key of a figure -> value


@dataclass(frozen=True)
class Evaluation:
    """The result: a Value for each figure, per row of ROWS."""

    rows: dict[str, dict[str, Value]]
    pairs: dict[str, int]  # pairs in each row's C2ST, and "seen" for the test against the training art
    compared: int  # pictures per side in the feature measures


def evaluate(
    subject: Subject,
    art: Art,
    protocol: Protocol,
    cache: Path | None = None,
    report: Report = lambda text: None,
) -> Evaluation:
    """Evaluate `subject` against `art`. `report` is called for each of 1 + len(STAGES) * len(protocol.seeds)
    stages.

    Deterministic on one machine for the same protocol and number of torch threads. cache: see
    `kinds_network`.
    """
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # it costs
    report("learning the kinds")
    network = None
    if len(art.training.kinds) > 1:
        network = kinds_network(art.training, art.digest, protocol, cache)
    found: dict[str, dict[str, list[float]]] = {row: {f.key: [] for f in FIGURES} for row in ROWS}
    for number, seed in enumerate(protocol.seeds, 1):
        where = f"seed {number} of {len(protocol.seeds)}: "

        def told(text: str, where: str = where) -> None:
            report(where + text)

        one = _Seed(subject, art, network, protocol, seed, told)
        for figures in one.measure():
            for row, values in figures.items():
                for key, value in values.items():
                    if math.isfinite(value):
                        found[row][key].append(value)
    rows = {row: {key: Value(tuple(v)) for key, v in values.items()} for row, values in found.items()}
    return Evaluation(rows, one.pairs, len(one.reference))


class _Seed:
    """The candidates for one seed, and their measures."""

    def __init__(
        self,
        subject: Subject,
        art: Art,
        network: KindsNetwork | None,
        protocol: Protocol,
        seed: int,
        report: Report,
    ) -> None:
        report(STAGES[0])
        self.subject, self.art, self.network = subject, art, network
        self.protocol, self.seed, self.report = protocol, seed, report
        self.random = random = np.random.default_rng([seed, 0xE7A1])
        training, kinds = art.training, art.training.kinds
        self.held = at_most(art.held_out, protocol.pairs, random)
        self.reference, self.other = (
            at_most(h, protocol.pairs, random) for h in halves(art.held_out, random)
        )
        self.learnt = at_most(training, max(protocol.classified, protocol.pairs), random)
        self.few = few_of_each(training, protocol.few, random)
        # Generate once, with as many pictures of each kind as the largest measure needs.
        asked = [p.labels for p in (self.held, self.reference, self.learnt)]
        most = np.max([np.bincount(labels, minlength=len(kinds)) for labels in asked], axis=0)
        labels = np.repeat(np.arange(len(kinds)), np.maximum(most, protocol.added))
        numbers = np.array([subject.kinds.index(kind) for kind in kinds])
        self.made = generated(subject.sample(numbers[labels], seed), labels, kinds)
        self.compared = {
            "generated": draw_like(self.made, self.reference.labels, random),
            "floor": self.other,
            "copy": draw_like(training, self.reference.labels, random),
        }
        self.pairs: dict[str, int] = {}

    def measure(self) -> list[Figures]:
        """Return all figures of this seed."""
        measures = [self._two_samples, self._memorisation, self._words, self._pixels]
        if self.network is not None:
            measures = [self._two_samples, self._features, self._memorisation, self._classes]
            measures += [self._words, self._pixels]
        return [measure() for measure in measures]

    def _two_samples(self) -> Figures:
        self.report(STAGES[1])
        sides = {
            "generated": (self.held, self.made),
            "floor": (self.reference, self.other),
            "copy": (self.held, self.art.training),
            "seen": (self.learnt, self.made),
        }
        errors = {}
        for name, (real, source) in sides.items():
            couple = pair_up(real, source, self.random)
            errors[name], self.pairs[name] = c2st_error(*couple, self.protocol, self.seed)
        seen = errors.pop("seen")
        figures = {row: {"c2st": error} for row, error in errors.items()}
        figures["generated"]["c2st_seen"] = seen
        return figures

    def _features(self) -> Figures:
        self.report(STAGES[2])
        assert self.network is not None
        real = self.network.features(self.reference.images)
        figures = {}
        for row, candidate in self.compared.items():
            features = self.network.features(candidate.images)
            balls = manifold(
                real, features, self.protocol.precision_neighbours, self.protocol.coverage_neighbours
            )
            figures[row] = {"frechet": frechet_distance(real, features), **vars(balls)}
        return figures

    def _memorisation(self) -> Figures:
        self.report(STAGES[3])
        training = self.art.training.images
        of_training = None if self.network is None else self.network.features(training)

        def nearest(pictures: Pictures) -> tuple[np.ndarray, np.ndarray | None]:
            pixels = nearest_pixels(pictures.images, training)
            if self.network is None or of_training is None:
                return pixels, None
            return pixels, nearest_features(self.network.features(pictures.images), of_training)

        real = nearest(self.reference)
        near = self.protocol.near_copy
        return {
            row: _percent_of_copies(vars(memorisation(*nearest(pictures), *real, near)))
            for row, pictures in self.compared.items()
        }

    def _classes(self) -> Figures:
        self.report(STAGES[4])
        assert self.network is not None

        def score(pictures: Pictures) -> float:
            return classification_accuracy_score(pictures, self.art.held_out, self.protocol, self.seed)

        added = few_of_each(self.made, self.protocol.added, self.random)
        more = few_of_each(self.art.training, self.protocol.added, self.random)
        few = score(self.few)
        # The copies are real art, so both rows share one figure.
        real = {"cas": score(self.learnt), "gain": score(join(self.few, more)) - few, "few": few}
        made = {
            "cas": score(draw_like(self.made, self.learnt.labels, self.random)),
            "gain": score(join(self.few, added)) - few,
            "few": few,
        }
        figures = {"generated": made, "floor": real, "copy": real}
        return {
            row: {"kind_accuracy": kind_accuracy(self.network, self.compared[row]), **values}
            for row, values in figures.items()
        }

    def _words(self) -> Figures:
        self.report(STAGES[5])
        if not self.art.words or self.subject.sample_words is None or self.reference.words is None:
            return {}
        described = self.reference.words.any(axis=1)
        real, has = self.reference.take(np.flatnonzero(described)), self.reference.words[described]
        if not len(real):
            return {}
        numbers = np.array([self.subject.kinds.index(kind) for kind in real.kinds])
        asked = np.zeros((len(real), len(self.subject.words)), np.bool_)
        asked[:, [self.subject.words.index(word) for word in self.art.words]] = has
        made = self.subject.sample_words(numbers[real.labels], asked, self.seed)
        network = fit_words(self.learnt, self.protocol, self.seed)
        pictures = {"generated": made, "floor": real.images}
        return {row: {"words": word_accuracy(network, images, has)} for row, images in pictures.items()}

    def _pixels(self) -> Figures:
        self.report(STAGES[6])
        training = self.art.training
        own = palette_of(np.concatenate([training.images, self.art.held_out.images]))
        tiles = bool((training.images[..., 3] == 255).all())
        promised = own if self.subject.palette is None else self.subject.palette
        like_held = {
            "generated": (draw_like(self.made, self.held.labels, self.random), promised),
            "floor": (self.held, own),
            "copy": (draw_like(training, self.held.labels, self.random), own),
        }
        return {row: vars(pixel_art(p.images, palette, tiles)) for row, (p, palette) in like_held.items()}


def _percent_of_copies(figures: dict[str, float]) -> dict[str, float]:
    return {k: 100.0 * v if k.endswith("copies") else v for k, v in figures.items()}
