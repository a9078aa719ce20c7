"""Merge kinds with very few tiles, such as stray pictures beside a folder of hundreds."""

from collections.abc import Mapping

FEW = 8  # a kind with this many tiles is kept, whatever the size of the others
RARE = 20  # ratio of the largest kind's tiles to those of a rare kind


def too_small(counts: Mapping[str, int]) -> dict[str, str]:
    """Map each rare kind to the largest kind. A rare kind has fewer than FEW tiles and 1/RARE of the largest
    kind's.

    A pack draws its kinds with equal probability, so a kind of two stray pictures could make up half of its
    output.
    """
    largest = max(counts, key=lambda kind: (counts[kind], kind), default="")
    return {kind: largest for kind, n in counts.items() if n < FEW and n * RARE < counts[largest]}
