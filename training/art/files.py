"""List the picture files of a folder, in an order that does not depend on the file system."""

import os
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tilewright.errors import DataError

SUFFIXES = (".png", ".gif", ".bmp", ".webp")
# The report mentions these files: they are probably meant as art.
OTHER_ART = (".jpg", ".jpeg", ".tif", ".tiff", ".tga", ".psd", ".ase", ".aseprite", ".xcf", ".svg")
PREVIEW = re.compile(
    r"preview|sample|mock[-_ ]?ups?|screen[-_ ]?shot"
    r"|(?<![a-z])(titles?|logos?|fonts?|examples?)(?![a-z])"
)
STATING = (".tsx", ".tsj", ".json", ".txt")  # files of these types may describe the sprites of a picture
NAMELESS = re.compile(  # a list with such a name applies to the largest picture of its folder
    r"(tiles?|frames?|sprites?)[-_ ]list", re.IGNORECASE
)
MAX_STATING = 64  # limit for files with other names that are searched for a reference to the picture
MAX_ENTRIES = 500_000


@dataclass(frozen=True)
class Picture:
    """A file and its path relative to the root folder, with `/` as separator."""

    path: Path
    relative: str
    # names of files in the same folder that may describe its sprites, most likely first
    beside: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        return self.relative.rpartition("/")[0]

    def looks_like_preview(self) -> bool:
        """Whether the path names a preview, mock-up, logo or font sheet rather than art."""
        return PREVIEW.search(self.relative.lower()) is not None


@dataclass
class Listing:
    """Pictures of a folder, and the files that were skipped, each with a reason. Both are sorted."""

    pictures: list[Picture] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def list_pictures(root: Path) -> Listing:
    """Find every picture beneath `root`, except in hidden files and folders.

    Links are followed. Each real folder is visited once, and linked folders last, so loops end and a picture
    keeps the path under which it is stored. Raises `DataError` beyond `MAX_ENTRIES` entries.
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
    """Return a function that maps a picture's name to the files that may describe its sprites."""
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
