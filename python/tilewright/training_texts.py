"""The texts on which a pack was trained, as hashes: generated texts that equal one, or nearly so, are drawn again."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tilewright.arrays import AnyArray, BoolArray
from tilewright.json_fields import as_object
from tilewright.text_hashes import Sums, are_among, from_base64, hashed, to_base64


@dataclass(frozen=True, eq=False)
class TrainingTexts:
    """hashes: uint32, ascending, of each text with its kind. Lower and upper case are equal. kinds: their number."""

    hashes: AnyArray
    kinds: int

    @classmethod
    def of(cls, texts: Sequence[str], kinds: Sequence[int], number: int) -> "TrainingTexts":
        """Return the hashes of texts. kinds: that of each text, of `number` kinds."""
        return cls(np.unique(hashed(Sums(texts).whole(), np.asarray(kinds, np.uint64))), number)

    @classmethod
    def from_metadata(cls, value: object, kinds: int) -> "TrainingTexts":
        """Read the field of a pack's metadata. Raises ValueError, LookupError or TypeError if it is damaged."""
        return cls(from_base64(as_object(value)["hashes"]), kinds)

    def to_metadata(self) -> dict[str, str]:
        """Return the field of a pack's metadata."""
        return {"hashes": to_base64(self.hashes)}

    def equal(self, texts: Sequence[str]) -> BoolArray:
        """Return bool (N,): whether each text is a training text of any kind."""
        kinds = np.arange(self.kinds, dtype=np.uint64)
        return np.asarray(are_among(hashed(Sums(texts).whole()[:, None], kinds), self.hashes).any(axis=1))

    def near(self, texts: Sequence[str], kinds: AnyArray) -> BoolArray:
        """Return bool (N,): whether each text has a letter more, less or other than a training text of its kind."""
        found = np.zeros(len(texts), bool)
        for changed in Sums(texts).neighbours() if texts else ():
            hashes = hashed(changed, kinds.astype(np.uint64)[:, None])
            found |= are_among(hashes, self.hashes).any(axis=1)
        return found
