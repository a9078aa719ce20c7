"""Hashes of texts, of their parts, and of all texts that differ from them in one letter, of many texts at once."""

import base64
from collections.abc import Iterator, Sequence

import numpy as np

from tilewright.arrays import AnyArray, BoolArray, Uint64Array
from tilewright.json_fields import as_bytes

MAX_TEXTS = 1 << 18
LETTERS = np.array(
    [ord(letter) for letter in " '-abcdefghijklmnopqrstuvwxyz"], np.uint64
)  # that near texts replace

# h(text) = sum of letter[i] * BASE ** i, mod 2 ** 64; an odd BASE has an inverse.
_BASE = 0xD1342543DE82EF95
_INVERSE = pow(_BASE, -1, 1 << 64)
_KIND = 0xA24BAED4963EE407
_MIX = 0xBF58476D1CE4E5B9


class Sums:
    """Sums of letters times powers of the base: of all beginnings and ends of N texts. Case is ignored."""

    def __init__(self, texts: Sequence[str]) -> None:
        folded = [text.casefold() for text in texts]
        longest = max(map(len, folded), default=0)
        self.lengths = np.array([len(text) for text in folded], np.int64)
        letters = [ord(letter) for text in folded for letter in text.ljust(longest, "\0")]
        self.powers = np.array([pow(_BASE, i, 1 << 64) for i in range(longest + 2)], np.uint64)
        terms = np.array(letters, np.uint64).reshape(len(folded), longest) * self.powers[:longest]
        none = np.zeros((len(folded), 1), np.uint64)
        self.before = np.concatenate(
            [none, np.cumsum(terms, axis=1, dtype=np.uint64)], axis=1
        )  # (N, longest + 1)

    def whole(self) -> Uint64Array:
        """Return the sums of the texts, uint64 (N,)."""
        return self.before[:, -1]

    def parts(self, lengths: range) -> Iterator[Uint64Array]:
        """Yield for each length the sums of all parts of that many letters, uint64 (N, number)."""
        places = self.before.shape[1]
        inverses = np.array([pow(_INVERSE, i, 1 << 64) for i in range(places)], np.uint64)
        for length in lengths:
            if length < places:
                yield (self.before[:, length:] - self.before[:, :-length]) * inverses[: places - length]

    def neighbours(self) -> list[Uint64Array]:
        """Return the sums of all texts with a letter less, other or more, uint64 (N, number)."""
        count, places = self.before.shape
        at = np.arange(places)
        powers = self.powers[:places]
        after = self.before[:, -1:] - self.before  # from each place on
        inside = at[None, :-1] < self.lengths[:, None]
        less = self.before[:, :-1] + np.uint64(_INVERSE) * after[:, 1:]
        other = self.before[:, :-1, None] + LETTERS * powers[:-1, None] + after[:, 1:, None]
        more = self.before[:, :, None] + LETTERS * powers[:, None] + np.uint64(_BASE) * after[:, :, None]
        whole = self.before[:, -1]
        return [
            np.where(inside, less, whole[:, None]),
            np.where(inside[:, :, None], other, whole[:, None, None]).reshape(count, -1),
            np.where((at <= self.lengths[:, None])[:, :, None], more, whole[:, None, None]).reshape(
                count, -1
            ),
        ]


def hashed(sums: Uint64Array, kinds: Uint64Array) -> AnyArray:
    """Return uint32 hashes of sums with kinds, which are broadcast."""
    mixed = sums + (kinds + np.uint64(1)) * np.uint64(_KIND)
    mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(_MIX)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(_KIND)
    hashes: AnyArray = (mixed >> np.uint64(32)).astype(np.uint32)
    return hashes


def are_among(hashes: AnyArray, known: AnyArray) -> BoolArray:
    """Return for each hash whether it is among the known ones, which ascend."""
    if not len(known):
        return np.zeros(hashes.shape, bool)
    places = np.searchsorted(known, hashes).clip(max=len(known) - 1)
    return np.asarray(known[places] == hashes)


def to_base64(hashes: AnyArray) -> str:
    """Return hashes as a field of a pack's metadata."""
    return base64.b64encode(hashes.astype("<u4").tobytes()).decode()


def from_base64(text: object) -> AnyArray:
    """Return the ascending uint32 hashes of a field of a pack's metadata. Raises ValueError if it is damaged."""
    content = as_bytes(text, 4 * MAX_TEXTS)
    if len(content) % 4:
        raise ValueError("hashes must have four bytes each")
    hashes: AnyArray = np.frombuffer(content, "<u4").astype(np.uint32)
    if (np.diff(hashes.astype(np.int64)) <= 0).any():
        raise ValueError("hashes must ascend")
    return hashes
