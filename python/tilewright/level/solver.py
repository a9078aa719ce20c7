"""Access to the wave function collapse solver of the compiled core."""

from tilewright import _core
from tilewright.arrays import Int32Array, Uint8Array


def solve(
    weights: Int32Array,
    allowed: Uint8Array,
    domains: Uint8Array,
    seed: int,
    first_attempt: int,
    attempts: int,
) -> Int32Array | None:
    """Place patterns so that all neighbours are allowed. Returns None if every attempt ended in a
    contradiction.

    weights: int32 (T,), 1 or more: relative frequencies. allowed: uint8 (2, T, T); non-zero if the second may
    be right of [0] or below [1] the first. domains: uint8 (H, W, T); non-zero if a cell may take a pattern. H
    * W * T is at most 2**24. seed: 0 .. 2**64 - 1; each attempt first_attempt, first_attempt + 1, ... has its
    own random words.

    Returns int32 (H, W).
    """
    height, width, _ = domains.shape
    _, placed = _core.solve(
        weights, allowed, height, width, False, seed, domains, first_attempt=first_attempt, attempts=attempts
    )
    return placed
