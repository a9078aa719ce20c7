"""Classifier two-sample test: can a network that looked at both tell real from generated?

Lopez-Paz and Oquab, "Revisiting classifier two-sample tests" (ICLR 2017). Theirs is the accuracy, ours the error,
in percent: 50 is what guessing gives, 0 means that every picture was told apart. It falls with the number of
pictures that the classifier learns from, so that number belongs to the figure.
"""

import numpy as np

from .classifier import classify, fit
from .pictures import Pictures, at_most, draw_like, parts_by_group
from .protocol import Protocol


def c2st_error(real: Pictures, candidate: Pictures, protocol: Protocol, seed: int) -> tuple[float, int]:
    """(error in percent, number of pairs): the mean of the errors on the two sides, over all folds.

    At most `protocol.pairs` of either side are used. A fold's classifier is tested on pictures of which it has not
    seen a relative: else it would know a real drawing by its recoloured sibling. It sees both sides of a kind equally
    often: else a kind of which a whole family of drawings is being tested would look generated, being rarer.
    """
    random = np.random.default_rng([seed, 0xC257])
    pairs = min(len(real), len(candidate), protocol.pairs)
    sides = [at_most(side, pairs, random) for side in (real, candidate)]
    folds = [parts_by_group(side.groups, protocol.folds, random) for side in sides]
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
    """Weights float (N,) with which either side of a kind is drawn equally often; a kind with one side, never."""
    counts = np.zeros((kinds.max() + 1, 2))
    np.add.at(counts, (kinds, sides), 1)
    share = counts.sum(axis=1) * (counts.min(axis=1) > 0)
    return share[kinds] / counts[kinds, sides]


def pair_up(real: Pictures, source: Pictures, random: np.random.Generator) -> tuple[Pictures, Pictures]:
    """Equally many of both, kind by kind, so that the kinds' shares tell nothing."""
    drawn = draw_like(source, real.labels, random)
    return draw_like(real, drawn.labels, random), drawn
