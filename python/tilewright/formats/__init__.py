"""Files of editors and engines: writers by suffix, which return bytes, and readers. docs/formats.md lists them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tilewright.errors import UsageError
from tilewright.files import write_atomically
from tilewright.formats import aseprite, atlas, godot, ldtk, moving, rpgmaker, tiled_json, tiled_xml
from tilewright.formats.png import png, tileset_png
from tilewright.formats.tiled_reader import load_map, load_tileset
from tilewright.level.map import Map
from tilewright.tileset.tileset import Tileset

__all__ = ["FORMATS", "load_map", "load_tileset", "save", "suffix_of"]

Files = Mapping[str, bytes]
"""Contents by file name, in the order in which they are written: what others refer to comes first."""


@dataclass(frozen=True)
class Format:
    """A format by its suffix.

    of_map, of_tileset: return the files for a file name without the suffix. A format of tilesets alone writes the
    tileset of a map.
    """

    of_map: Callable[[Map, str], Files] | None
    of_tileset: Callable[[Tileset, str], Files] | None


def _map_png(level: Map, stem: str) -> Files:
    if level.tileset.palette is None:
        return {f"{stem}.png": png(level.picture(), None, level.tileset.provenance)}
    return {f"{stem}.png": png(*level.indexed(), level.tileset.provenance)}


def _aseprite(suffix: str) -> Format:
    return Format(
        lambda level, stem: {f"{stem}{suffix}": aseprite.map_sprite(level)},
        lambda tileset, stem: {f"{stem}{suffix}": aseprite.tileset_sprite(tileset)},
    )


def _moving(write: Callable[[Map, str], Files]) -> Format:
    """A format of animated pictures. That of a tileset is its sheet."""
    return Format(write, lambda tileset, stem: write(moving.sheet_map(tileset), stem))


FORMATS = {
    ".png": Format(_map_png, lambda tileset, stem: {f"{stem}.png": tileset_png(tileset)}),
    ".tmx": Format(tiled_xml.map_files, None),
    ".tsx": Format(None, tiled_xml.tileset_files),
    ".ldtk": Format(ldtk.map_files, None),
    ".tmj": Format(tiled_json.map_files, None),
    ".tsj": Format(None, tiled_json.tileset_files),
    ".tscn": Format(godot.map_files, None),
    ".tres": Format(None, godot.tileset_files),
    ".aseprite": _aseprite(".aseprite"),
    ".ase": _aseprite(".ase"),
    ".json": Format(None, atlas.tileset_files),
    ".a2.png": Format(None, rpgmaker.tileset_files),
    ".gif": _moving(moving.gif_files),
    ".apng": _moving(moving.apng_files),
}


def suffix_of(path: Path) -> str | None:
    """Return the longest suffix of FORMATS in which a file name ends, or None."""
    found = [suffix for suffix in FORMATS if path.name.endswith(suffix) and path.name != suffix]
    return max(found, key=len, default=None)


def save(thing: Map | Tileset, path: str | Path, caller: str) -> tuple[Path, ...]:
    """Write a map or a tileset in the format of the suffix of `path`. Return the files: `path` last.

    Files beside it have the same name with another suffix. Raises UsageError for an unknown suffix, or one of maps
    for a tileset; MachineError if a file cannot be written.
    """
    if not isinstance(path, (str, Path)):
        raise UsageError(f"{caller}: path must be the name of a file, not {path!r:.60}")
    path = Path(path)
    suffix = suffix_of(path)
    if suffix is None:
        raise UsageError(f"{caller}: the name must end in {', '.join(FORMATS)}, not {path.name!r:.100}")
    made, stem = FORMATS[suffix], path.name.removesuffix(suffix)
    if isinstance(thing, Map) and made.of_map is not None:
        files = made.of_map(thing, stem)
    elif made.of_tileset is not None:
        files = made.of_tileset(thing.tileset if isinstance(thing, Map) else thing, stem)
    else:
        raise UsageError(f"{caller}: {suffix} is a format of maps, and this is a tileset")
    paths = tuple(path.with_name(name) for name in files)
    for target, content in zip(paths, files.values(), strict=True):
        write_atomically(target, content)
    return paths
