"""Palettes: extract, read and match colours. Integer arithmetic makes results equal on every machine."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tilewright import engine
from tilewright.arrays import Int64Array, Uint8Array
from tilewright.colour_clusters import cluster_colours
from tilewright.errors import DataError, NotFoundError, UsageError
from tilewright.palette_files import Colour, hex_colour, read_palette_file

# The forms of a palette argument: see `as_palette`.
PaletteLike = str | Path | Uint8Array | Sequence[str] | Sequence[Sequence[int]]

MAX_COLOURS = 256
_SUFFIXES = (".gpl", ".hex", ".pal", ".txt")

_BUILT_IN = {
    "pico-8": "000000 1d2b53 7e2553 008751 ab5236 5f574f c2c3c7 fff1e8 "
    "ff004d ffa300 ffec27 00e436 29adff 83769c ff77a8 ffccaa",
    "db16": "140c1c 442434 30346d 4e4a4e 854c30 346524 d04648 757161 "
    "597dce d27d2c 8595a1 6daa2c d2aa99 6dc2ca dad45e deeed6",
    "sweetie-16": "1a1c2c 5d275d b13e53 ef7d57 ffcd75 a7f070 38b764 257179 "
    "29366f 3b5dc9 41a6f6 73eff7 f4f4f4 94b0c2 566c86 333c57",
    "game-boy": "0f380f 306230 8bac0f 9bbc0f",
    "1bit": "000000 ffffff",
}


def palette_names() -> tuple[str, ...]:
    """Return the names of the palettes that `load_palette` accepts."""
    return tuple(_BUILT_IN)


def load_palette(source: str | Path) -> Uint8Array:
    """Load a palette uint8 (K, 4) by name or from a .gpl (GIMP), .hex (Lospec) or .pal (JASC) file.

    Case, spaces, - and _ in names are ignored. Alpha is 0 or 255; values of a file from 128 up count as
    opaque. Raises NotFoundError for a name that is neither known nor a file, and DataError for a file that is
    not a palette.
    """
    name = _plain(str(source))
    for known, colours in _BUILT_IN.items():
        if _plain(known) == name:
            return np.array([hex_colour(colour) for colour in colours.split()], np.uint8)
    path = Path(source)
    if not _exists(path):
        raise NotFoundError(_not_there(source))
    entries = read_palette_file(path)
    if not 1 <= len(entries) <= MAX_COLOURS:
        raise DataError(f"{path} holds {len(entries)} colours; a palette has 1 to {MAX_COLOURS}")
    palette = binarize_alpha(np.array(entries, dtype=np.uint8))
    if not palette[:, 3].any():
        raise DataError(f"{path} holds no opaque colour")
    return palette


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name.lower())


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that is too long or contains a null byte
        return False


def _not_there(source: str | Path) -> str:
    text = str(source)
    if isinstance(source, Path) or Path(text).suffix.lower() in _SUFFIXES or re.search(r"[/\\]", text):
        return f"there is no palette file {text!r:.200}: check the path"
    near = get_close_matches(_plain(text), map(_plain, _BUILT_IN), 1)
    known = next((name for name in _BUILT_IN if near and _plain(name) == near[0]), None)
    guess = f"did you mean {known}? There are" if known else "name one of"
    return f"unknown palette {text!r:.60}: {guess} {', '.join(_BUILT_IN)}, or name a .gpl, .hex or .pal file"


def as_palette(palette: object, caller: str) -> Uint8Array:
    """Convert a palette argument to uint8 (K, 4) with K in 1..256, alpha 0 or 255 and at least one opaque
    colour.

    Accepts a name or a file as `load_palette` does; a sequence of strings ("#1a1c2c", "1a1c2cff") and tuples
    of 3 or 4 numbers in 0..255; or an integer array (K, 3) or (K, 4). Raises UsageError that names `caller`
    and the fault.
    """
    if isinstance(palette, (str, Path)):
        return load_palette(palette)
    if isinstance(palette, np.ndarray):
        colours = _from_array(palette, caller)
    elif isinstance(palette, Sequence) and not isinstance(palette, (bytes, bytearray)):
        if not 1 <= len(palette) <= MAX_COLOURS:
            raise _no_palette(caller, f"not {len(palette)} colours")
        entries = [_entry(colour, f"{caller}: palette[{i}]") for i, colour in enumerate(palette)]
        colours = np.array(entries, dtype=np.uint8)
    else:
        raise _no_palette(caller, f"not {palette!r:.60}")
    if not colours[:, 3].any():
        raise _no_palette(caller, "not all of it clear")
    return binarize_alpha(colours)


def _from_array(palette: npt.NDArray[Any], caller: str) -> Uint8Array:
    fits = palette.ndim == 2 and palette.shape[1] in (3, 4) and 1 <= len(palette) <= MAX_COLOURS
    if not fits or not np.issubdtype(palette.dtype, np.integer):
        raise _no_palette(caller, f"not an array {palette.dtype} {palette.shape}")
    alpha = palette[:, 3:]
    if palette.min() < 0 or palette.max() > 255 or not ((alpha == 0) | (alpha == 255)).all():
        raise _no_palette(caller, "with values in 0..255 and alpha 0 or 255")
    opaque = np.full((len(palette), 4 - palette.shape[1]), 255, np.uint8)
    return np.concatenate([palette.astype(np.uint8), opaque], axis=1)


def _entry(colour: object, where: str) -> Colour:
    found = hex_colour(colour) if isinstance(colour, str) else _from_numbers(colour)
    if found is None or found[3] not in (0, 255):
        raise UsageError(
            f'{where} must be "#rrggbb" or 3 or 4 numbers in 0..255, with alpha 0 or 255, not {colour!r:.60}'
        )
    return found


def _from_numbers(colour: object) -> Colour | None:
    if not isinstance(colour, Sequence) and not (isinstance(colour, np.ndarray) and colour.ndim == 1):
        return None
    if len(colour) not in (3, 4):
        return None
    if not all(
        isinstance(v, (int, np.integer)) and not isinstance(v, bool) and 0 <= v <= 255 for v in colour
    ):
        return None
    r, g, b, a = (*map(int, colour), 255)[:4]
    return r, g, b, a


def _no_palette(caller: str, why: str) -> UsageError:
    return UsageError(
        f'{caller}: palette must be a name, a file, 1 to {MAX_COLOURS} colours such as "#1a1c2c" or (26, 28, 44), '
        f"or an array uint8 (K, 3) or (K, 4), {why}"
    )


def nearest_colours(colours: Uint8Array, palette: Uint8Array) -> npt.NDArray[np.intp]:
    """Return the index of the nearest palette entry for each colour: uint8 (..., 3 or 4) -> intp (...).

    Uses the squared distance in RGB. Ties select the lowest index. palette: uint8 (K, 3 or 4); alpha is
    ignored.
    """
    flat = colours.reshape(-1, colours.shape[-1])[:, :3].astype(np.int32)
    best = np.full(len(flat), np.iinfo(np.int32).max, dtype=np.int32)
    index = np.zeros(len(flat), dtype=np.intp)
    for k, entry in enumerate(palette[:, :3].astype(np.int32)):
        distance = np.square(flat - entry).sum(axis=1, dtype=np.int32)
        index[distance < best] = k
        np.minimum(best, distance, out=best)
    return index.reshape(colours.shape[:-1])


def extract_palette(images: Uint8Array, max_colours: int, transparent: bool) -> Uint8Array:
    """Extract the palette uint8 (K, 4) of pictures uint8 (N, H, W, 4), dark to light; `transparent` adds
    entry 0.

    Returns the exact colours if there are at most `max_colours`, including the transparent entry. Otherwise
    clusters them in OKLab (colour_clusters.py).
    """
    colours, counts = count_colours(images)
    return palette_of(colours, counts, max_colours, transparent)


def count_colours(images: Uint8Array) -> tuple[Int64Array, Int64Array]:
    """Return the opaque colours int64 (C, 3) of pictures uint8 (..., 4), and their numbers of pixels, int64 (C,)."""
    solid = images.reshape(-1, 4)
    solid = solid[solid[:, 3] >= 128][:, :3]
    packed = (solid.astype(np.uint32) << np.array([16, 8, 0], np.uint32)).sum(axis=1, dtype=np.uint32)
    values, counts = np.unique(packed, return_counts=True)
    colours = np.stack([values >> 16, values >> 8 & 255, values & 255], axis=1).astype(np.int64)
    return colours, counts.astype(np.int64)


def palette_of(
    colours: Int64Array, counts: Int64Array, max_colours: int, transparent: bool = False
) -> Uint8Array:
    """Like `extract_palette`, for colours int64 (C, 3) with their numbers of pixels, int64 (C,)."""
    room = max_colours - transparent
    if len(colours) > room:
        colours = cluster_colours(colours, counts, room)
    order = np.lexsort((*colours.T[::-1], colours @ np.array([299, 587, 114])))
    entries = [(0, 0, 0, 0)] * transparent + [(*map(int, c), 255) for c in colours[order]]
    return np.array(entries, dtype=np.uint8)


def binarize_alpha(colours: Uint8Array) -> Uint8Array:
    """Convert RGB or RGBA uint8 (..., 3 or 4) to RGBA with alpha 0 or 255 (threshold 128). Transparent
    colours are black.
    """
    if colours.shape[-1] == 3:
        alpha = np.full((*colours.shape[:-1], 1), 255, dtype=np.uint8)
        return np.concatenate([colours, alpha], axis=-1)
    return engine.binarize_alpha(colours)


def repaint(pictures: Uint8Array, palette: PaletteLike) -> Uint8Array:
    """Recolour pictures: each opaque pixel of uint8 (..., 4) becomes the nearest colour of the palette.

    palette: as in `Pack.generate`. Distances are measured in OKLab. Transparent pixels do not change. Raises
    UsageError for an invalid array or palette.
    """
    if not isinstance(pictures, np.ndarray) or pictures.dtype != np.uint8 or pictures.shape[-1:] != (4,):
        raise UsageError("repaint(): pictures must be an array uint8 (..., 4)")
    return remap(pictures, as_palette(palette, "repaint()"))


def remap(colours: Uint8Array, target: Uint8Array) -> Uint8Array:
    """Replace every opaque colour of uint8 (..., 4) by the nearest opaque one of `target` uint8 (K, 4).

    Distances are measured in OKLab with integers (docs/numerics.md). Ties select the first entry.
    """
    return engine.remap(colours, target[target[:, 3] >= 128])
