"""The picture files beneath a folder, in the same order on every file system."""

import os
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tilewright.errors import DataError

SUFFIXES = (".png", ".gif", ".bmp", ".webp")
# Worth a word in the report: someone meant these to be art.
OTHER_ART = (".jpg", ".jpeg", ".tif", ".tiff", ".tga", ".psd", ".ase", ".aseprite", ".xcf", ".svg")
PREVIEW = re.compile(
    r"preview|sample|mock[-_ ]?ups?|screen[-_ ]?shot"
    r"|(?<![a-z])(titles?|logos?|fonts?|examples?)(?![a-z])"
)
STATING = (".tsx", ".tsj", ".json", ".txt")  # files of these kinds may state the sprites of a picture
NAMELESS = re.compile(  # and so may a list for the largest picture beside it
    r"(tiles?|frames?|sprites?)[-_ ]list", re.IGNORECASE
)
MAX_STATING = 64  # files of other names that are looked at for one that means the picture
MAX_ENTRIES = 500_000


@dataclass(frozen=True)
class Picture:
    """A file and its path relative to the folder that is read, with `/` between names."""

    path: Path
    relative: str
    beside: tuple[str, ...] = ()  # names of files in its folder that may state its sprites; likely ones first

    @property
    def folder(self) -> str:
        return self.relative.rpartition("/")[0]

    def looks_like_preview(self) -> bool:
        """Whether the path names a preview, a mock-up, a logo or a font sheet: pictures of art, not art."""
        return PREVIEW.search(self.relative.lower()) is not None


@dataclass
class Listing:
    """What lies beneath a folder: pictures, and what was left out with the reason; both sorted."""

    pictures: list[Picture] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def list_pictures(root: Path) -> Listing:
    """Find every picture beneath `root`; hidden files and folders are ignored.

    Links are followed, each real folder once and after the folders that are no links: a loop ends by
    itself, and a picture keeps the path under which it is stored. Raises `DataError` beyond
    `MAX_ENTRIES` entries.
    """
    listing = Listing()
    visited: set[tuple[int, int]] = set()
    entries = 0
    real, linked = [(root, "")], list[tuple[Path, str]]()
    while real or linked:
        folder, prefix = real.pop() if real else linked.pop(0)
        try:
            facts = folder.stat()
            if (facts.st_dev, facts.st_ino) in visited:
                continue
            visited.add((facts.st_dev, facts.st_ino))
            names = sorted(os.listdir(folder))
        except OSError:
            listing.skipped.append((prefix, "a folder that cannot be opened"))
            continue
        entries += len(names)
        if entries > MAX_ENTRIES:
            raise DataError(
                f"read_art(): more than {MAX_ENTRIES} files beneath {root}; name a smaller folder"
            )
        beside = _stating(folder, names)
        for name in names:
            path, relative = folder / name, prefix + name
            if name.startswith("."):
                continue
            if path.is_dir():
                (linked if path.is_symlink() else real).append((path, relative + "/"))
            elif path.suffix.lower() in SUFFIXES:
                listing.pictures.append(Picture(path, relative, beside(name)))
            elif path.suffix.lower() in OTHER_ART:
                listing.skipped.append((relative, "not PNG, GIF, BMP or WebP; save it as PNG"))
    listing.pictures.sort(key=lambda picture: picture.relative)
    listing.skipped.sort()
    return listing


def _stating(folder: Path, names: list[str]) -> Callable[[str], tuple[str, ...]]:
    """Picture -> the files beside it that may state its sprites, for the names in a folder."""
    own: dict[str, list[str]] = defaultdict(list)
    tilesets, nameless, sizes = list[str](), list[str](), dict[str, int]()
    for name in names:
        stem, suffix = os.path.splitext(name.lower())
        if suffix in STATING:
            own[os.path.splitext(name)[0]].append(name)
        if suffix == ".tsx":
            tilesets.append(name)
        elif suffix not in SUFFIXES and suffix not in STATING[:3] and NAMELESS.search(stem):
            nameless.append(name)
    if nameless:
        for name in names:
            if name.lower().endswith(SUFFIXES) and (folder / name).is_file():
                sizes[name] = (folder / name).stat().st_size
    most = max(sizes.values(), default=0)
    largest = [name for name, size in sizes.items() if size == most]

    def beside(picture: str) -> tuple[str, ...]:
        lists = nameless[:MAX_STATING] if largest == [picture] else []
        likely = own.get(os.path.splitext(picture)[0], [])
        return tuple(dict.fromkeys([*likely, *lists, *tilesets[:MAX_STATING]]))

    return beside
