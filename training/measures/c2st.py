"""Classifier two-sample test: can a classifier separate real from generated pictures?

Lopez-Paz and Oquab, "Revisiting classifier two-sample tests" (ICLR 2017). The paper uses the accuracy; this
module returns the error in percent: 50 is chance, and 0 means that all pictures were classified correctly.
The error falls with the number of training pictures of the classifier, so state that number with it.
"""

import numpy as np

from .classifier import classify, fit
from .pictures import Pictures, at_most, draw_like, parts_by_group
from .protocol import Protocol


def c2st_error(
    real: Pictures, candidate: Pictures, protocol: Protocol, seed: int, related: bool = False
) -> tuple[float, int]:
    """Return (error in percent, number of pairs): the mean error of both sides over all folds.

    Uses at most `protocol.pairs` pictures of either side. The classifier of a fold is tested on pictures
    without relatives in its training set. Otherwise it would recognise a drawing by a recolour of it. It
    trains on both sides of a kind equally often. Otherwise a kind would look generated while a large family
    of its drawings is in the test set. related: whether pictures of the two sides with equal groups are relatives too.
    """
    random = np.random.default_rng([seed, 0xC257])
    pairs = min(len(real), len(candidate), protocol.pairs)
    sides = [at_most(side, pairs, random) for side in (real, candidate)]
    groups = [side.groups for side in sides]
    groups = [np.concatenate(groups)] if related else groups
    folds = [parts_by_group(one, protocol.folds, random) for one in groups]
    images = np.concatenate([side.images for side in sides])
    kinds = np.concatenate([side.labels for side in sides])
    labels, fold_of = np.repeat([0, 1], pairs), np.concatenate(folds)
    wrong = np.empty(2 * pairs, dtype=bool)
    for fold in range(protocol.folds):
        tested = fold_of == fold
        seen, side = images[~tested], labels[~tested]
        network = fit(seen, side, _balanced(kinds[~tested], side), 2, protocol.c2st_steps, protocol, seed)
        wrong[tested] = classify(network, images[tested]) != labels[tested]
    return 50.0 * float(wrong[:pairs].mean() + wrong[pairs:].mean()), pairs


def _balanced(kinds: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Return weights float (N,) that draw both sides of a kind equally often, and kinds with one side never."""
    counts = np.zeros((kinds.max() + 1, 2))
    np.add.at(counts, (kinds, sides), 1)
    share = counts.sum(axis=1) * (counts.min(axis=1) > 0)
    return share[kinds] / counts[kinds, sides]


def pair_up(real: Pictures, source: Pictures, random: np.random.Generator) -> tuple[Pictures, Pictures]:
    """Draw equal numbers from both sets for each kind, so that the shares of kinds carry no information."""
    drawn = draw_like(source, real.labels, random)
    return draw_like(real, drawn.labels, random), drawn
