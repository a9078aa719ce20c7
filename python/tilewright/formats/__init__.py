"""Files of editors and engines: writers by suffix, which return bytes, and readers. docs/formats.md lists them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tilewright.errors import UsageError
from tilewright.files import write_atomically
from tilewright.formats import (
    aseprite,
    atlas,
    godot,
    ldtk,
    moving,
    rpgmaker,
    sprite_frames,
    tiled_json,
    tiled_xml,
)
from tilewright.formats.png import png, portable_pictures, sheet_png, tileset_png
from tilewright.formats.tiled_reader import load_map, load_tileset
from tilewright.level.map import Map
from tilewright.tileset.sprite import Sprite
from tilewright.tileset.tileset import Tileset

__all__ = ["FORMATS", "load_map", "load_tileset", "save", "suffix_of"]

Files = Mapping[str, bytes]
"""Contents by file name, in the order in which they are written: what others refer to comes first."""


@dataclass(frozen=True)
class Format:
    """A format by its suffix.

    of_map, of_tileset, of_sprite: return the files for a file name without the suffix. A format of tilesets alone
    writes the tileset of a map.
    """

    of_map: Callable[[Map, str], Files] | None
    of_tileset: Callable[[Tileset, str], Files] | None
    of_sprite: Callable[[Sprite, str], Files] | None = None


def _map_png(level: Map, stem: str) -> Files:
    if level.tileset.palette is None:
        return {f"{stem}.png": png(level.picture(), None, level.tileset.provenance)}
    return {f"{stem}.png": png(*level.indexed(), level.tileset.provenance)}


def _aseprite(suffix: str) -> Format:
    return Format(
        lambda level, stem: {f"{stem}{suffix}": aseprite.map_sprite(level)},
        lambda tileset, stem: {f"{stem}{suffix}": aseprite.tileset_sprite(tileset)},
        lambda sprite, stem: {f"{stem}{suffix}": aseprite.sprite_file(sprite)},
    )


def _moving(write: Callable[[Map, str], Files]) -> Format:
    """A format of animated pictures. That of a tileset is its sheet, that of a sprite its clips side by side."""
    return Format(
        write,
        lambda tileset, stem: write(moving.sheet_map(tileset), stem),
        lambda sprite, stem: write(moving.sprite_map(sprite), stem),
    )


def _sprite_png(sprite: Sprite, stem: str) -> Files:
    """The sheet of a sprite, with a row for each clip."""
    frames = sprite.pictures.shape[1]
    return {f"{stem}.png": sheet_png(*portable_pictures(sprite.tileset), sprite.provenance, frames)}


FORMATS = {
    ".png": Format(_map_png, lambda tileset, stem: {f"{stem}.png": tileset_png(tileset)}, _sprite_png),
    ".tmx": Format(tiled_xml.map_files, None),
    ".tsx": Format(None, tiled_xml.tileset_files),
    ".ldtk": Format(ldtk.map_files, None),
    ".tmj": Format(tiled_json.map_files, None),
    ".tsj": Format(None, tiled_json.tileset_files),
    ".tscn": Format(godot.map_files, None),
    ".tres": Format(None, godot.tileset_files, sprite_frames.sprite_files),
    ".aseprite": _aseprite(".aseprite"),
    ".ase": _aseprite(".ase"),
    ".json": Format(None, atlas.tileset_files, atlas.sprite_files),
    ".a2.png": Format(None, rpgmaker.tileset_files),
    ".gif": _moving(moving.gif_files),
    ".apng": _moving(moving.apng_files),
}


def suffix_of(path: Path) -> str | None:
    """Return the longest suffix of FORMATS in which a file name ends, or None."""
    found = [suffix for suffix in FORMATS if path.name.endswith(suffix) and path.name != suffix]
    return max(found, key=len, default=None)


def save(thing: Map | Tileset | Sprite, path: str | Path, caller: str) -> tuple[Path, ...]:
    """Write a map, a tileset or a sprite in the format of the suffix of `path`. Return the files: `path` last.

    Files beside it have the same name with another suffix. Raises UsageError for an unknown suffix, or one of maps
    for a tileset; MachineError if a file cannot be written.
    """
    if not isinstance(path, (str, Path)):
        raise UsageError(f"{caller}: path must be the name of a file, not {path!r:.60}")
    path = Path(path)
    suffix = suffix_of(path)
    if suffix is None:
        raise UsageError(f"{caller}: the name must end in {', '.join(FORMATS)}, not {path.name!r:.100}")
    files = _files(thing, FORMATS[suffix], path.name.removesuffix(suffix))
    if files is None:
        if isinstance(thing, Sprite):
            usable = ", ".join(name for name, made in FORMATS.items() if made.of_sprite)
            raise UsageError(f"{caller}: {suffix} is no format of sprites; these are {usable}")
        raise UsageError(f"{caller}: {suffix} is a format of maps, and this is a tileset")
    paths = tuple(path.with_name(name) for name in files)
    for target, content in zip(paths, files.values(), strict=True):
        write_atomically(target, content)
    return paths


def _files(thing: Map | Tileset | Sprite, made: Format, stem: str) -> Files | None:
    """Return the files of a thing, or None if the format has no such things."""
    if isinstance(thing, Sprite):
        return made.of_sprite and made.of_sprite(thing, stem)
    if isinstance(thing, Map) and made.of_map is not None:
        return made.of_map(thing, stem)
    tileset = thing.tileset if isinstance(thing, Map) else thing
    return made.of_tileset and made.of_tileset(tileset, stem)
