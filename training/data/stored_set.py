"""Data sets on disk, memory-mapped: plain .npy files and set.json.

  SET/images.npy  uint8 (N, H, W, 4)      SET/labels.npy  int64 (N,)
  SET/groups.npy  int32 (N,)              SET/words.npy   uint8 (N, V), missing without words
  SET/set.json    kinds, sources, words, digests, size, count, version

The files are untrusted. Sizes follow from set.json and are compared with the files before anything is mapped.
Headers must equal those that NumPy writes for these arrays. Nothing is unpickled.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from tilewright.errors import DataError, MachineError
from tilewright.files import is_printable_line, read_json
from tilewright.pack import Source

from ..art.path_words import LONGEST
from ..art.sources import MAX_NAMES
from ..size import Size, as_size
from .vocabulary import MOST_WORDS, Vocabulary, no_words

VERSION = 1
MAX_TILES = 1 << 23
MAX_BYTES = 1 << 38
MAX_JSON = 1 << 23  # bytes; enough for the names of all kinds and sources
SIZES = range(4, 129)
CHUNK_BYTES = 1 << 22
HEADER = 128  # bytes of an .npy header: fits any count, so the header can be written last


@dataclass(frozen=True)
class StoredSet:
    """A stored set; `Dataset` describes the fields. The images are mapped read-only."""

    images: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    kinds: tuple[str, ...]
    sources: tuple[Source, ...]
    digest: str
    vocabulary: Vocabulary


class Some:
    """A subset of a larger array of images, without a copy. Indexed like uint8 (N,H,W,4), read on access."""

    dtype = np.dtype(np.uint8)
    ndim = 4

    def __init__(self, images: np.ndarray, which: np.ndarray) -> None:
        """which: int64 (N,), indices into `images`."""
        self._images = images
        self._which = which
        self.shape = (len(which), *images.shape[1:])

    def __len__(self) -> int:
        return len(self._which)

    def __getitem__(self, key: Any) -> np.ndarray:
        """Return images by number, slice or index array, in memory. Further indices apply to the result."""
        if not isinstance(key, tuple):
            return np.asarray(self._images[self._which[key]])
        if key[0] is Ellipsis:
            return self[:][key]
        return self[key[0]][(slice(None),) * np.ndim(self._which[key[0]]) + key[1:]]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Return all images, in memory."""
        return self[:] if dtype is None else self[:].astype(dtype)


def is_stored_set(folder: Path) -> bool:
    """Whether the folder is a stored set rather than a folder of art."""
    return (folder / "set.json").is_file() and (folder / "images.npy").is_file()


def digest_of(images: np.ndarray, labels: np.ndarray, kinds: tuple[str, ...]) -> str:
    """Return the SHA-256 over images, labels and kinds, in hex. Reads the images in chunks."""
    digest = hashlib.sha256(repr((images.shape, kinds)).encode())
    for chunk in _chunks(images):
        digest.update(chunk.tobytes())
    digest.update(labels.astype("<i8").tobytes())
    return digest.hexdigest()


class SetWriter:
    """Writes a set under a temporary name and renames it when it is complete. Nothing remains after an error.

    with SetWriter(path, size) as writer:
        writer.add(tile), ...
        writer.finish(labels, groups, kinds, sources)
    """

    def __init__(self, path: Path, size: int | Size) -> None:
        if path.exists() or path.is_symlink():
            raise DataError(f"data build: {path} exists; name a new folder, or remove it first")
        self.path = path
        self.size = as_size(size)
        self.count = 0
        with self._writing():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folder = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}-", dir=path.parent))
            try:
                self._file = open(self._folder / "images.npy", "wb")  # noqa: SIM115
                self._file.write(bytes(HEADER))
            except BaseException:
                shutil.rmtree(self._folder, ignore_errors=True)
                raise

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Turn an OSError, such as a full disk, into a MachineError that names the set."""
        try:
            yield
        except OSError as error:
            raise MachineError(f"data build: cannot write {self.path}: {error.strerror or error}") from error

    def add(self, tiles: np.ndarray) -> None:
        """Append one tile uint8 (H,W,4), or several (n,H,W,4)."""
        with self._writing():
            self._file.write(np.ascontiguousarray(tiles, np.uint8).tobytes())
        self.count += 1 if tiles.ndim == 3 else len(tiles)

    def images(self) -> np.ndarray:
        """Return the tiles added so far, mapped read-only: uint8 (N,H,W,4)."""
        with self._writing():
            self._file.flush()
        shape = (self.count, *self.size, 4)
        return np.memmap(self._folder / "images.npy", np.uint8, "r", HEADER, shape)

    def finish(
        self,
        labels: np.ndarray,
        groups: np.ndarray,
        kinds: tuple[str, ...],
        sources: tuple[Source, ...],
        vocabulary: Vocabulary | None = None,
    ) -> str:
        """Write the remaining files, rename the folder and return the digest."""
        digest = digest_of(self.images(), labels, kinds)
        words = no_words(self.count) if vocabulary is None else vocabulary
        facts = {
            "version": VERSION,
            "size": self.size[0] if self.size[0] == self.size[1] else list(self.size),
            "count": self.count,
            "kinds": list(kinds),
            "sources": [asdict(source) for source in sources],
            "digest": digest,
            "words": list(words.words),
            "named": words.named,
            "words_digest": words.digest,
        }
        arrays = [("labels", "<i8", labels), ("groups", "<i4", groups)]
        if words.words:
            arrays.append(("words", "|u1", words.has))
        with self._writing():
            self._file.seek(0)
            self._file.write(_header("|u1", (self.count, *self.size, 4)))
            _close(self._file)
            for name, kind, array in arrays:
                with open(self._folder / f"{name}.npy", "wb") as file:
                    file.write(_header(kind, array.shape) + array.astype(kind).tobytes())
                    _close(file)
            with open(self._folder / "set.json", "w", encoding="utf-8") as text:
                json.dump(facts, text, indent=1, ensure_ascii=True)
                _close(text)
            os.chmod(self._folder, 0o755)  # mkdtemp creates folders for one user only
            os.rename(self._folder, self.path)
        return digest

    def __enter__(self) -> "SetWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # a full disk may raise again
            self._file.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def open_stored_set(path: Path) -> StoredSet:
    """Check a set and map it. Raises `DataError` unless every byte is as `SetWriter` writes it."""
    facts = _facts(path)
    count, size = facts["count"], as_size(facts["size"])
    labels = np.array(_map(path, "labels", "<i8", (count,)))
    groups = np.array(_map(path, "groups", "<i4", (count,)))
    images = _map(path, "images", "|u1", (count, *size, 4))
    kinds = tuple(facts["kinds"])
    if labels.min() < 0 or labels.max() >= len(kinds) or len(np.unique(labels)) != len(kinds):
        raise _damaged(path, "its labels do not match its kinds")
    if groups.min() < 0 or groups.max() >= count:
        raise _damaged(path, "its groups are out of range")
    for chunk in _chunks(images):
        alpha = chunk[..., 3]
        if ((alpha != 0) & (alpha != 255)).any() or chunk[alpha == 0].any():
            raise _damaged(path, "it has half-transparent pixels, or colours under transparency")
    if digest_of(images, labels, kinds) != facts["digest"]:
        raise _damaged(path, "its content does not match its digest")
    sources = tuple(Source(**source) for source in facts["sources"])
    return StoredSet(images, labels, groups, kinds, sources, facts["digest"], _vocabulary(path, facts))


def _vocabulary(path: Path, facts: dict[str, Any]) -> Vocabulary:
    """Read the words, which older sets do not have."""
    words, count = tuple(facts.get("words", ())), facts["count"]
    if not words:
        return no_words(count)
    found = np.array(_map(path, "words", "|u1", (count, len(words))))
    vocabulary = Vocabulary(words, found == 1, facts["named"])
    if found.max() > 1 or vocabulary.digest != facts["words_digest"]:
        raise _damaged(path, "its words do not match their digest")
    return vocabulary


def _facts(path: Path) -> dict[str, Any]:
    """Read set.json and check every value."""
    file = path / "set.json"
    try:
        facts = read_json(file, MAX_JSON, follow=False)
    except DataError as error:
        raise _damaged(path, f"set.json cannot be read: {str(error).removeprefix(f'{file}: ')}") from error
    if not isinstance(facts, dict) or facts.get("version") != VERSION:
        raise _damaged(path, f"set.json is not of version {VERSION}")
    values: list[Any] = [facts.get(key) for key in ("count", "size", "kinds", "sources")]
    count, size, kinds, sources = values
    if type(count) is not int or not 1 <= count <= MAX_TILES or not _is_size(size):
        raise _damaged(path, f"{count!r:.40} tiles of size {size!r:.40} are impossible")
    height, width = as_size(size)
    if count * height * width * 4 > MAX_BYTES:
        raise _damaged(path, f"{count} tiles of size {size} are too many")
    if not _names(kinds, MAX_NAMES) or len(set(kinds)) != len(kinds) or not kinds:
        raise _damaged(path, "its kinds are not a list of different names")
    if not isinstance(sources, list) or len(sources) > MAX_NAMES:
        raise _damaged(path, "its sources are not a list")
    for source in sources:
        if not isinstance(source, dict) or set(source) != set(Source.__dataclass_fields__):
            raise _damaged(path, "a source needs a name, a licence and an author")
        if not _names(list(source.values()), 8):
            raise _damaged(path, "a source needs a name, a licence and an author")
    if not isinstance(facts.get("digest"), str):
        raise _damaged(path, "it has no digest")
    words = facts.get("words", [])
    if not are_words(words) or (words and not isinstance(facts.get("named"), bool)):
        raise _damaged(path, "its words are not a list of different words in lower case")
    if words and not isinstance(facts.get("words_digest"), str):
        raise _damaged(path, "it has no digest of its words")
    return facts


def are_words(values: object) -> bool:
    """Whether these may be the words of a vocabulary: a list of distinct printable words in lower case."""
    return (
        isinstance(values, list)
        and len(values) <= MOST_WORDS
        and all(isinstance(word, str) and is_printable_line(word) and len(word) <= LONGEST for word in values)
        and all(word == word.casefold() and word.split() == [word] for word in values)
        and len(set(values)) == len(values)
    )


def _is_size(value: object) -> bool:
    """Whether this is a number, or a height and a width that differ."""
    edges = value if isinstance(value, list) and len(value) == 2 and value[0] != value[1] else [value]
    return all(type(edge) is int and edge in SIZES for edge in edges)


def _names(values: object, most: int) -> bool:
    """Whether this is a list of short printable texts."""
    return isinstance(values, list) and len(values) <= most and all(map(is_printable_line, values))


def _map(path: Path, name: str, kind: str, shape: tuple[int, ...]) -> np.ndarray:
    """Map an array of set.json. The file must have exactly the promised header and size."""
    file = path / f"{name}.npy"
    expected = HEADER + int(np.prod(shape)) * np.dtype(kind).itemsize
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size != expected:
            raise _damaged(path, f"{name}.npy does not have the {expected} bytes that set.json implies")
        with open(file, "rb") as opened:
            if opened.read(HEADER) != _header(kind, shape):
                raise _damaged(path, f"the header of {name}.npy does not match set.json")
        return np.memmap(file, np.dtype(kind), "r", HEADER, shape)
    except OSError as error:
        raise _damaged(path, f"{name}.npy cannot be read") from error


def _header(kind: str, shape: tuple[int, ...]) -> bytes:
    """Return magic, version 1.0 and the description, padded to `HEADER` bytes, as `np.load` expects."""
    text = repr({"descr": kind, "fortran_order": False, "shape": shape})
    length = HEADER - 10
    return b"\x93NUMPY\x01\x00" + length.to_bytes(2, "little") + text.ljust(length - 1).encode() + b"\n"


def _close(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
    file.close()


def _chunks(images: np.ndarray) -> Iterator[np.ndarray]:
    step = max(1, CHUNK_BYTES // int(np.prod(images.shape[1:])))
    for start in range(0, len(images), step):
        yield images[start : start + step]


def _damaged(path: Path, why: str) -> DataError:
    return DataError(
        f"read_art(): {path} is a damaged set ({why}); build it again with tilewright data build"
    )
