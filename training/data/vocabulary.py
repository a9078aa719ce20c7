"""The vocabulary of a data set: words of the paths of its pictures, and words that are measured on the pixels."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tilewright.arrays import BoolArray, Float64Array, Uint8Array

from ..art.path_words import path_words

LEAST_PICTURES = 5  # of a word
MOST_SHARE = 0.9  # words of a larger share of the pictures say nothing
MOST_WORDS = 256
CHUNK = 1 << 19  # pixels that are measured together
GREY = 0.12  # chroma, of 1, below which a colour has no hue
OUTLINE = 0.15  # lightness below which a pixel is part of an outline
COLOURED = 1 / 3  # share of coloured pixels from which a picture has a hue
HUES = (
    # name, end of its range in degrees; red begins at the end of pink
    *(("red", 15.0), ("orange", 40.0), ("yellow", 70.0), ("green", 165.0), ("cyan", 195.0)),
    *(("blue", 255.0), ("purple", 290.0), ("pink", 340.0), ("red", 360.0)),
)
DARK, LIGHT = 0.3, 0.65  # mean lightness
SMALL, LARGE = 0.25, 0.6  # share of opaque pixels
SYMMETRY = 0.9  # share of pixels that equal their mirror image


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """words: at most 256, sorted. has: bool (N, V), whether picture i has word j. named: whether there are words of
    names of files and folders that say more than the kinds.
    """

    words: tuple[str, ...]
    has: BoolArray
    named: bool = False

    def take(self, pictures: np.ndarray) -> "Vocabulary":
        """Return the vocabulary of the pictures with these indices, with the same words."""
        return Vocabulary(self.words, self.has[pictures], self.named)

    @property
    def digest(self) -> str:
        """The SHA-256 over words and pictures, in hex."""
        about = repr((self.words, self.has.shape, self.named)).encode()
        return hashlib.sha256(about + np.packbits(self.has).tobytes()).hexdigest()


def kind_counts(labels: np.ndarray, kinds: int, has: BoolArray) -> list[list[int]]:
    """Return the number of pictures of each kind, then of those with each word.

    labels: int (N,). has: bool (N, V).
    """
    return [
        np.bincount(labels[which], minlength=kinds).tolist() for which in (np.ones_like(labels) > 0, *has.T)
    ]


def no_words(pictures: int) -> Vocabulary:
    """Return an empty vocabulary."""
    return Vocabulary((), np.zeros((pictures, 0), np.bool_))


def vocabulary(paths: Sequence[tuple[str, ...]], images: Uint8Array, kinds: Sequence[str] = ()) -> Vocabulary:
    """Return the vocabulary of N pictures uint8 (N, H, W, 4). paths: the words of each picture's path.

    A word is kept if at least five pictures have it, and not nearly all; of more than 256 words, the most common.
    """
    measured = _measured_words(images)
    count = Counter(word for words in paths for word in set(words))
    count.update({word: int(has.sum()) for word, has in measured.items()})
    common = [
        word
        for word, pictures in count.most_common()
        if LEAST_PICTURES <= pictures <= MOST_SHARE * len(images)
    ]
    words = sorted(common[:MOST_WORDS])
    number = {word: i for i, word in enumerate(words)}
    has = np.zeros((len(images), len(words)), dtype=np.bool_)
    for picture, of_path in enumerate(paths):
        has[picture, [number[word] for word in of_path if word in number]] = True
    named_by = {words[i] for i in np.flatnonzero(has.any(axis=0))}
    for word, pictures in measured.items():
        if word in number:
            has[:, number[word]] |= pictures
    of_kinds = {word for kind in kinds for word in path_words(f"{kind}.")}
    return Vocabulary(tuple(words), has, bool(named_by - of_kinds))


def _measured_words(images: Uint8Array) -> dict[str, BoolArray]:
    """Return word -> bool (N,): main hue, lightness, size and symmetry."""
    chunk = max(1, CHUNK // max(1, images.shape[1] * images.shape[2]))
    parts = [_measure(np.asarray(images[i : i + chunk])) for i in range(0, len(images), chunk)]
    return {word: np.concatenate([part[word] for part in parts]) for word in parts[0]} if parts else {}


def _measure(images: Uint8Array) -> dict[str, BoolArray]:
    opaque = images[..., 3] > 0
    pixels = np.maximum(opaque.sum(axis=(1, 2)), 1)
    colours = images[..., :3] / 255.0
    lightness = (colours.max(axis=-1) + colours.min(axis=-1)) / 2
    mean = (lightness * opaque).sum(axis=(1, 2)) / pixels
    share = opaque.mean(axis=(1, 2))
    either = opaque | opaque[:, :, ::-1]
    alike = either & (images == images[:, :, ::-1]).all(axis=-1)
    found = _main_hue(colours, opaque & (lightness >= OUTLINE))
    found |= {"dark": mean < DARK, "light": mean > LIGHT}
    found |= {"symmetric": alike.sum(axis=(1, 2)) >= SYMMETRY * np.maximum(either.sum(axis=(1, 2)), 1)}
    if not opaque.all():
        found |= {"small": share < SMALL, "large": share > LARGE}
    return found


def _main_hue(colours: Float64Array, pixels: BoolArray) -> dict[str, BoolArray]:
    """Return the most common hue of some pixels of each picture; grey if few of them are coloured."""
    hue, chroma = _hue_and_chroma(colours)
    coloured = pixels & (chroma >= GREY)
    names = list(dict.fromkeys(name for name, _ in HUES))
    counts = np.zeros((len(names), len(pixels)), dtype=np.int64)
    start = 0.0
    for name, end in HUES:
        counts[names.index(name)] += (coloured & (hue >= start) & (hue < end)).sum(axis=(1, 2))
        start = end
    some = pixels.sum(axis=(1, 2))
    has_hue = (some > 0) & (coloured.sum(axis=(1, 2)) >= COLOURED * some)
    main = counts.argmax(axis=0)
    found = {name: has_hue & (main == i) for i, name in enumerate(names)}
    return found | {"grey": (some > 0) & ~has_hue}


def _hue_and_chroma(colours: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the hue in degrees, 0 .. 360, and the chroma, 0 .. 1, of HSV."""
    red, green, blue = np.moveaxis(colours, -1, 0)
    most = colours.max(axis=-1)
    chroma = most - colours.min(axis=-1)
    safe = np.where(chroma > 0, chroma, 1.0)
    hue = np.select(
        [most == red, most == green],
        [((green - blue) / safe) % 6, (blue - red) / safe + 2],
        (red - green) / safe + 4,
    )
    return 60.0 * hue % 360.0, chroma
