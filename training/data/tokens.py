"""Read grids of tokens: texts, letter by letter, or lines of symbols such as the voices of a tune.

A symbol is stored as an opaque grey, whose level is the number of the symbol. So sets, splits and batches need nothing
of their own for tokens: the palette of such a set is the list of its symbols.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tilewright.errors import DataError, UsageError
from tilewright.files import is_printable_line, read_text

from ..art.files import list_pictures
from ..art.sources import find_source
from ..models import ITERATIVE_COLOURS
from ..size import LEAST_TOKENS, MOST_LINES, MOST_TOKENS, Size
from .dataset import Dataset
from .stored_set import digest_of

TEXTS, GRIDS = ".txt", ".tokens"
NOTHING = ""  # symbol 0 of texts, after the end of a short one
MAX_FILE = 1 << 28  # bytes
MAX_GRIDS = 1 << 20
HOPS = 4  # windows of a long grid begin at every fourth of their width


@dataclass
class _Found:
    """Rows of symbols by kind."""

    grids: list[tuple[int, int, tuple[tuple[str, ...], ...]]] = field(
        default_factory=list
    )  # kind, group, lines
    skipped: int = 0


def holds_tokens(folders: Sequence[Path]) -> bool:
    """Whether folders hold files of tokens and no pictures."""
    folders = [folder for folder in folders if folder.is_dir()]
    return any(_files(folder) for folder in folders) and not any(
        list_pictures(folder).pictures for folder in folders
    )


def read_tokens(folders: Sequence[Path], size: Size | None = None) -> tuple[Dataset, str]:
    """Read all files of tokens in `folders`; the kind is the name of a file. Returns the set and a summary.

    A file KIND.txt has a text per line; its symbols are characters. A file KIND.tokens has grids, separated by an empty
    line: lines of symbols, separated by spaces. size: (lines, tokens of a line); without it, (1, longest text), or the
    lines of the first grid and at most 64 tokens. Grids that are longer are cut into windows that overlap; texts that
    are longer, and grids that are shorter, are skipped. Equal ones of a kind are read once.

    Raises DataError for a folder without tokens, for a damaged file and for too many symbols, UsageError for a size
    that does not suit the files.
    """
    files = [file for folder in folders for file in _files(folder)]
    if not files:
        raise DataError(f"read_tokens(): no {TEXTS} or {GRIDS} file in {', '.join(map(str, folders))}")
    suffixes = {file.suffix for file in files}
    if len(suffixes) > 1:
        raise DataError(f"read_tokens(): give files of {TEXTS} or of {GRIDS}, not both")
    kinds = tuple(sorted({file.stem for file in files}))
    if not all(map(is_printable_line, kinds)):
        raise DataError("read_tokens(): the name of a file is a kind, and must be printable")
    read = _read_texts if suffixes == {TEXTS} else _read_grids
    found, size = read(files, kinds, size)
    if not found.grids:
        raise DataError(
            f"read_tokens(): nothing of {size[1]} tokens in {files[0].parent}: give another --size"
        )
    symbols = sorted({symbol for _, _, lines in found.grids for line in lines for symbol in line})
    if len(symbols) > ITERATIVE_COLOURS:
        raise DataError(
            f"read_tokens(): {len(symbols)} different symbols; a pack has at most {ITERATIVE_COLOURS}"
        )
    number = {symbol: i for i, symbol in enumerate(symbols)}
    indices = np.array(
        [[[number[symbol] for symbol in line] for line in lines] for _, _, lines in found.grids], np.uint8
    )
    labels = np.array([kind for kind, _, _ in found.grids], np.int64)
    groups = np.unique(np.array([group for _, group, _ in found.grids]), return_inverse=True)[1].astype(
        np.int32
    )
    used = np.unique(labels)
    kinds, labels = tuple(kinds[k] for k in used), np.searchsorted(used, labels)
    images = symbol_colours(len(symbols))[indices]
    sources = tuple(dict.fromkeys(find_source(file.parent, file.parent) for file in files))
    data = Dataset(
        images,
        labels,
        kinds,
        sources,
        digest_of(images, labels, (*kinds, *symbols)),
        groups,
        symbols=tuple(symbols),
    )
    return data, _summary(data, found.skipped)


def symbol_colours(count: int) -> np.ndarray:
    """Return uint8 (count, 4): the grey that stands for each symbol."""
    greys = np.arange(count, dtype=np.uint8)
    return np.stack([greys, greys, greys, np.full(count, 255, np.uint8)], axis=1)


def texts_of(data: Dataset) -> list[str]:
    """Return the texts of a set of grids of one line."""
    rows = np.asarray(data.images)[..., 0].reshape(len(data.labels), -1).tolist()
    return ["".join(map(data.symbols.__getitem__, row)) for row in rows]


def _files(folder: Path) -> list[Path]:
    """Return the files of tokens in a folder, sorted; files whose name looks like a licence are not."""
    named = [file for file in sorted(folder.iterdir()) if file.suffix in (TEXTS, GRIDS) and file.is_file()]
    return [
        file
        for file in named
        if not file.stem.lower().startswith(("license", "licence", "copying", "readme"))
    ]


def _read_texts(files: Sequence[Path], kinds: tuple[str, ...], size: Size | None) -> tuple[_Found, Size]:
    texts: dict[tuple[int, str], None] = {}
    for file in files:
        for line in read_text(file, MAX_FILE).splitlines():
            text = unicodedata.normalize("NFC", " ".join(line.split()))
            if text and not text.isprintable():
                raise DataError(f"read_tokens(): {file} has a line that is not printable: {text!r:.60}")
            if text:
                texts[kinds.index(file.stem), text] = None
    longest = max((len(text) for _, text in texts), default=1)
    length = min(max(longest, LEAST_TOKENS), MOST_TOKENS) if size is None else size[1]
    if size is not None and size[0] != 1:
        raise UsageError(f"read_tokens(): texts have one line: give --size {size[1]}x1")
    found = _Found()
    for number, (kind, text) in enumerate(texts):
        if len(text) <= length:
            found.grids.append((kind, number, ((*text, *[NOTHING] * (length - len(text))),)))
    found.skipped = len(texts) - len(found.grids)
    return found, (1, length)


def _read_grids(files: Sequence[Path], kinds: tuple[str, ...], size: Size | None) -> tuple[_Found, Size]:
    found = _Found()
    seen: set[tuple[int, tuple[tuple[str, ...], ...]]] = set()
    number = 0
    for file in files:
        kind = kinds.index(file.stem)
        for block in read_text(file, MAX_FILE).split("\n\n"):
            lines = [tuple(line.split()) for line in block.splitlines() if line.strip()]
            if not lines:
                continue
            number += 1
            if size is None:
                size = len(lines), min(len(lines[0]), 64)
            if len({len(line) for line in lines}) != 1 or len(lines) != size[0] or size[0] > MOST_LINES:
                raise DataError(
                    f"read_tokens(): grid {number} of {file} must have {size[0]} lines of equal length"
                )
            if not all(map(is_printable_line, {symbol for line in lines for symbol in line})):
                raise DataError(f"read_tokens(): {file} has a symbol that is not printable")
            found.skipped += len(lines[0]) < size[1]
            for first in range(0, len(lines[0]) - size[1] + 1, max(1, size[1] // HOPS)):
                window = kind, tuple(line[first : first + size[1]] for line in lines)
                if window not in seen:
                    seen.add(window)
                    found.grids.append((kind, number, window[1]))
        if len(found.grids) > MAX_GRIDS:
            raise DataError(f"read_tokens(): more than {MAX_GRIDS} grids: use fewer")
    return found, size or (1, LEAST_TOKENS)


def _summary(data: Dataset, skipped: int) -> str:
    height, width = data.images.shape[1:3]
    counts = np.bincount(data.labels, minlength=len(data.kinds))
    lines = [f"{len(data.labels)} grids of {height} x {width} tokens, {len(data.symbols)} symbols"]
    lines += [f"  {kind:<16} {count:>6}" for kind, count in zip(data.kinds, counts, strict=True)]
    return "\n".join(lines + ([f"{skipped} skipped: of another length"] if skipped else []))
