"""Kinds that are too small to be kinds: left-over pictures beside a folder of hundreds."""

from collections.abc import Mapping

FEW = 8  # tiles; as many are a kind, however large the others are
RARE = 20  # times as many tiles has the largest kind


def too_small(counts: Mapping[str, int]) -> dict[str, str]:
    """Kind -> the largest kind, for each that has fewer than FEW tiles and less than 1/RARE of that one's.

    A pack draws its kinds equally often, so two left-over pictures would be half of everything that it makes.
    """
    largest = max(counts, key=lambda kind: (counts[kind], kind), default="")
    return {kind: largest for kind, n in counts.items() if n < FEW and n * RARE < counts[largest]}
