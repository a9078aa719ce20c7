"""The picture files beneath a folder, in the same order on every file system."""

import os
import re
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
MAX_ENTRIES = 500_000


@dataclass(frozen=True)
class Picture:
    """A file and its path relative to the folder that is read, with `/` between names."""

    path: Path
    relative: str

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
        for name in names:
            path, relative = folder / name, prefix + name
            if name.startswith("."):
                continue
            if path.is_dir():
                (linked if path.is_symlink() else real).append((path, relative + "/"))
            elif path.suffix.lower() in SUFFIXES:
                listing.pictures.append(Picture(path, relative))
            elif path.suffix.lower() in OTHER_ART:
                listing.skipped.append((relative, "not PNG, GIF, BMP or WebP; save it as PNG"))
    listing.pictures.sort(key=lambda picture: picture.relative)
    listing.skipped.sort()
    return listing
