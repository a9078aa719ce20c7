"""The texts on which a pack was trained, as hashes: generated texts that equal one, or nearly so, are drawn again."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tilewright.arrays import AnyArray, BoolArray, Uint8Array, Uint64Array
from tilewright.batches import join_symbols
from tilewright.json_fields import as_object

MAX_TEXTS = 1 << 18
NEAR, EQUAL = 1, 2
LETTERS = np.array(
    [ord(letter) for letter in " '-abcdefghijklmnopqrstuvwxyz"], np.uint64
)  # that near texts replace

# h(text) = sum of letter[i] * BASE ** i, mod 2 ** 64; an odd BASE has an inverse.
_BASE = 0xD1342543DE82EF95
_INVERSE = pow(_BASE, -1, 1 << 64)
_KIND = 0xA24BAED4963EE407
_MIX = 0xBF58476D1CE4E5B9


@dataclass(frozen=True, eq=False)
class TrainingTexts:
    """hashes: uint32, ascending, of each text with its kind. Lower and upper case are equal. kinds: their number."""

    hashes: AnyArray
    kinds: int

    @classmethod
    def of(cls, texts: Sequence[str], kinds: Sequence[int], number: int) -> "TrainingTexts":
        """Return the hashes of texts. kinds: that of each text, of `number` kinds."""
        sums = _Sums(texts).whole()
        return cls(np.unique(_mixed(sums, np.asarray(kinds, np.uint64))), number)

    @classmethod
    def from_metadata(cls, value: object, kinds: int) -> "TrainingTexts":
        """Read the field of a pack's metadata. Raises ValueError, LookupError or TypeError if it is damaged."""
        text = as_object(value)["hashes"]
        if not isinstance(text, str) or len(text) > 6 * MAX_TEXTS:
            raise ValueError("hashes must be a text of base64")
        try:
            content = base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise ValueError(f"hashes are not base64: {error}") from error
        if len(content) % 4:
            raise ValueError("hashes must have four bytes each")
        hashes = np.frombuffer(content, "<u4").astype(np.uint32)
        if (np.diff(hashes.astype(np.int64)) <= 0).any():
            raise ValueError("hashes must ascend")
        return cls(hashes, kinds)

    def to_metadata(self) -> dict[str, str]:
        """Return the field of a pack's metadata."""
        return {"hashes": base64.b64encode(self.hashes.astype("<u4").tobytes()).decode()}

    def faults(self, indices: AnyArray, kinds: AnyArray, *, alphabet: Sequence[str]) -> Uint8Array:
        """Return for each text (N, 1, L) or (N, L, 1) EQUAL, or NEAR a text of its kind, or 0: uint8 (N,)."""
        texts = join_symbols(indices, alphabet)
        faults: Uint8Array = np.where(
            self.equal(texts), EQUAL, np.where(self.near(texts, kinds), NEAR, 0)
        ).astype(np.uint8)
        return faults

    def equal(self, texts: Sequence[str]) -> BoolArray:
        """Return bool (N,): whether each text is a training text of any kind."""
        sums = _Sums(texts).whole()
        kinds = np.arange(self.kinds, dtype=np.uint64)
        return np.asarray(self._has(_mixed(sums[:, None], kinds)).any(axis=1))

    def near(self, texts: Sequence[str], kinds: AnyArray) -> BoolArray:
        """Return bool (N,): whether each text has a letter more, less or other than a training text of its kind."""
        found = np.zeros(len(texts), bool)
        for changed in _Sums(texts).neighbours() if texts else ():
            found |= self._has(_mixed(changed, kinds.astype(np.uint64)[:, None])).any(axis=1)
        return found

    def _has(self, hashes: AnyArray) -> BoolArray:
        if not len(self.hashes):
            return np.zeros(hashes.shape, bool)
        places = np.searchsorted(self.hashes, hashes).clip(max=len(self.hashes) - 1)
        return np.asarray(self.hashes[places] == hashes)


class _Sums:
    """Sums of letters times powers of the base: of all beginnings and ends of N texts."""

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


def _mixed(sums: Uint64Array, kinds: Uint64Array) -> AnyArray:
    """Return uint32 hashes of sums with kinds, which are broadcast."""
    mixed = sums + (kinds + np.uint64(1)) * np.uint64(_KIND)
    mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(_MIX)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(_KIND)
    hashes: AnyArray = (mixed >> np.uint64(32)).astype(np.uint32)
    return hashes
