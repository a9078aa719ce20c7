"""Texts that a pack must not generate whatever it was trained on: rude words, and texts that it draws too often."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from tilewright.arrays import AnyArray, BoolArray
from tilewright.json_fields import as_integer, as_list, as_object, as_text
from tilewright.text_hashes import Sums, are_among, from_base64, hashed, to_base64

PARTS = range(4, 9)  # letters of a part
MAX_SHORTEST = 256
MAX_SHAPES = 64


@dataclass(frozen=True, eq=False)
class RefusedTexts:
    """Hashes uint32, ascending; lower and upper case are equal.

    words: no word of a text may be one of them. parts: 4 to 8 letters, which no text may contain. common: texts, each
    with its kind, that the network draws so often that names repeat. shortest: letters that a text has at least.
    shapes: those that texts may have (`shape_of`), or none for any.
    """

    words: AnyArray
    parts: AnyArray
    common: AnyArray
    shortest: int
    shapes: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        words: Sequence[str],
        parts: Sequence[str],
        common: Sequence[str] = (),
        kinds: Sequence[int] = (),
        shortest: int = 0,
        shapes: Collection[str] = (),
    ) -> "RefusedTexts":
        """Return the hashes of texts. kinds: that of each common text. Raises ValueError for other parts."""
        if not all(len(part) in PARTS for part in parts):
            raise ValueError(f"parts must have {PARTS[0]} to {PARTS[-1]} letters")
        return cls(
            words=np.unique(hashed(Sums(words).whole(), _NO_KIND)),
            parts=np.unique(hashed(Sums(parts).whole(), _NO_KIND)),
            common=np.unique(hashed(Sums(common).whole(), np.asarray(kinds, np.uint64))),
            shortest=shortest,
            shapes=frozenset(shapes),
        )

    @classmethod
    def from_metadata(cls, value: object) -> "RefusedTexts":
        """Read the field of a pack's metadata. Raises ValueError, LookupError or TypeError if it is damaged."""
        fields = as_object(value)
        shortest = as_integer(fields["shortest"])
        if not 0 <= shortest <= MAX_SHORTEST:
            raise ValueError(f"shortest must be 0 to {MAX_SHORTEST}, not {shortest}")
        words, parts, common = (from_base64(fields[name]) for name in ("words", "parts", "common"))
        shapes = [as_text(shape) for shape in as_list(fields["shapes"])]
        if len(shapes) > MAX_SHAPES:
            raise ValueError(f"at most {MAX_SHAPES} shapes, not {len(shapes)}")
        return cls(words, parts, common, shortest, frozenset(shapes))

    def to_metadata(self) -> dict[str, object]:
        """Return the field of a pack's metadata."""
        hashes = {"words": self.words, "parts": self.parts, "common": self.common}
        written = {name: to_base64(some) for name, some in hashes.items()}
        return {**written, "shortest": self.shortest, "shapes": sorted(self.shapes)}

    def rude(self, texts: Sequence[str]) -> BoolArray:
        """Return bool (N,): whether each text has a refused word or part."""
        owners = [number for number, text in enumerate(texts) for _ in text.split()]
        words = [word for text in texts for word in text.split()]
        found = np.zeros(len(texts), bool)
        found[np.array(owners, np.int64)[are_among(hashed(Sums(words).whole(), _NO_KIND), self.words)]] = True
        for sums in Sums(texts).parts(PARTS):
            found |= are_among(hashed(sums, _NO_KIND), self.parts).any(axis=1)
        return found

    def usual(self, texts: Sequence[str], kinds: AnyArray) -> BoolArray:
        """Return bool (N,): whether each text is too short, of another shape, or common for its kind."""
        odd = np.array([len(text) < self.shortest or not self._has_shape(text) for text in texts], bool)
        hashes = hashed(Sums(texts).whole(), kinds.astype(np.uint64))
        return np.asarray(odd | are_among(hashes, self.common))

    def _has_shape(self, text: str) -> bool:
        return not self.shapes or shape_of(text) in self.shapes


def shape_of(text: str) -> str:
    """Return "A" for each run of capitals, "a" for one of small letters, and other characters once: "Aa-Aa"."""
    return "".join(
        key for key, _ in groupby(text, lambda c: "A" if c.isupper() else "a" if c.islower() else c)
    )


_NO_KIND = np.array(0, np.uint64)
