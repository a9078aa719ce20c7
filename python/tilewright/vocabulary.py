"""The words of a pack: its vocabulary, and the vectors of texts such as "red dragon"."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tilewright.arrays import Int64Array, Uint8Array
from tilewright.errors import UsageError
from tilewright.json_fields import MAX_TEXT, as_integer, as_list, as_text

WordsLike = str | Sequence[str]

SUGGESTED = 3
MAX_PICTURES = 2**31  # of a word and a kind

KindCounts = tuple[tuple[int, ...], ...]
"""The pictures of each kind: of all pictures, then of those with each word."""


def read_vocabulary(value: object) -> tuple[str, ...]:
    """Read the words of a pack's metadata. Raises ValueError if they are damaged."""
    words = tuple(as_text(word) for word in as_list(value))
    if any(word != word.casefold() or word.split() != [word] for word in words):
        raise ValueError("a word is not in lower case, is empty, or has a space")
    if not words or len(set(words)) < len(words):
        raise ValueError("there are no words, or one occurs twice")
    return words


def read_kind_counts(value: object, words: int, kinds: int) -> KindCounts:
    """Read the field `word_kinds` of a pack's metadata. Raises ValueError or TypeError if it is damaged."""
    counts = tuple(tuple(map(as_integer, as_list(row))) for row in as_list(value))
    if len(counts) != words + 1 or any(
        len(row) != kinds or not all(0 <= count < MAX_PICTURES for count in row) for row in counts
    ):
        raise ValueError(f"not {words + 1} rows of {kinds} counts")
    return counts


def likely_kinds(vectors: Uint8Array, counts: KindCounts) -> Int64Array:
    """Return how likely kinds are for the words of vectors uint8 (..., V): int64 (..., kinds), ascending bounds.

    A random word of 32 bits selects the kind whose number is the number of bounds that are not greater. A kind's
    probability is that of naive Bayes, its pictures times the share of each word in them. If no kind has all words, it
    is the number of its pictures with each word, added up; without any, all kinds are equally likely.
    """
    rows = vectors.reshape(-1, vectors.shape[-1])
    distinct, which = np.unique(rows, axis=0, return_inverse=True)
    bounds = np.array([_bounds(np.flatnonzero(row).tolist(), counts) for row in distinct], np.int64)
    return bounds.reshape(len(distinct), len(counts[0]))[which.ravel()].reshape(
        *vectors.shape[:-1], len(counts[0])
    )


def _bounds(words: list[int], counts: KindCounts) -> list[int]:
    of_kinds, of_words = counts[0], [counts[1 + word] for word in words]
    weights = []
    for kind, pictures in enumerate(of_kinds):
        weight = max(pictures, 1) << 64
        for row in of_words:
            weight = weight * row[kind] // max(pictures, 1)
        weights.append(weight)
    if not any(weights):
        weights = [sum(row[kind] for row in of_words) for kind in range(len(of_kinds))]
    if not any(weights):
        weights = [1] * len(of_kinds)
    total, reached, bounds = sum(weights), 0, []
    for weight in weights:
        reached += weight
        bounds.append((reached << 32) // total)
    return bounds


def read_words(words: object, vocabulary: Sequence[str], count: int, pack: str, caller: str) -> Uint8Array:
    """Return 1 for each word that a text contains, and 0 for the others: uint8 (V,) for one text, (count, V) for a
    sequence of them.

    Words are separated by spaces; upper and lower case are equal. pack: its name. Raises UsageError, whose text
    begins with `caller`, for anything but texts of known words.
    """
    if not vocabulary:
        raise UsageError(f"{caller}: {pack} takes no words")
    numbers = {word: number for number, word in enumerate(vocabulary)}
    if isinstance(words, str):
        return _vector(words, numbers, f"{caller}: words")
    if not isinstance(words, Sequence) or isinstance(words, (bytes, bytearray)):
        raise UsageError(
            f'{caller}: words must be a text such as "{vocabulary[0]}", or a sequence with a text per tile, '
            f"not {words!r:.60}"
        )
    if len(words) != count:
        raise UsageError(
            f"{caller}: words has {len(words)} texts for {count} tiles: give one text, or one per tile"
        )
    rows = [_vector(text, numbers, f"{caller}: words[{i}]") for i, text in enumerate(words)]
    return np.stack([np.zeros(len(numbers), np.uint8), *rows])[1:]


def _vector(text: Any, numbers: dict[str, int], where: str) -> Uint8Array:
    if not isinstance(text, str):
        raise UsageError(f"{where} must be a text, not {text!r:.60}")
    if len(text) > MAX_TEXT:
        raise UsageError(f"{where} has {len(text)} characters, more than {MAX_TEXT}")
    if not text.isprintable():
        raise UsageError(f"{where} has characters that cannot be printed: {text!r:.60}")
    if not text.strip():
        raise UsageError(f"{where} is empty: name a word, or leave words out")
    vector = np.zeros(len(numbers), np.uint8)
    for word in text.casefold().split():
        if word not in numbers:
            raise UsageError(f"{where}: unknown word {word!r:.60}{_suggestion(word, numbers)}")
        vector[numbers[word]] = 1
    return vector


def _suggestion(word: str, numbers: dict[str, int]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, numbers, SUGGESTED)
    return (
        f"; did you mean {' or '.join(near)}?" if near else "; `tilewright words PACK` lists the known ones"
    )
