"""Palettes: extracting, reading and matching colours. Integer arithmetic only, so that results agree everywhere."""

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tilewright import engine
from tilewright.errors import DataError, UsageError

Uint8Array = npt.NDArray[np.uint8]

MAX_COLOURS = 256
MAX_FILE_BYTES = 1 << 20

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
    """The palettes that `load_palette` knows by name."""
    return tuple(_BUILT_IN)


def _from_hex(colours: list[str]) -> Uint8Array:
    rgb = np.array([[int(c[i : i + 2], 16) for i in (0, 2, 4)] for c in colours], dtype=np.uint8)
    return np.concatenate([rgb, np.full((len(rgb), 1), 255, np.uint8)], axis=1)


def load_palette(source: str | Path) -> Uint8Array:
    """A palette uint8 (K, 4), all opaque, by name or from a .gpl (GIMP), .hex (Lospec) or .pal (JASC) file.

    UsageError for a name that is neither known nor a file, DataError for a file that is not a palette.
    """
    if str(source) in _BUILT_IN:
        return _from_hex(_BUILT_IN[str(source)].split())
    path = Path(source)
    if not path.is_file():
        raise UsageError(
            f"unknown palette {str(source)!r}: name one of {', '.join(_BUILT_IN)}, or a .gpl, .hex or .pal file"
        )
    if path.stat().st_size > MAX_FILE_BYTES:
        raise DataError(f"{path} is too large to be a palette")
    colours = _parse(path.read_bytes().decode("utf-8", "replace"))
    if not 1 <= len(colours) <= MAX_COLOURS:
        raise DataError(f"{path} holds {len(colours)} colours; a palette has 1 to {MAX_COLOURS}")
    return np.array([[*c, 255] for c in colours], dtype=np.uint8)


def _parse(text: str) -> list[tuple[int, int, int]]:
    """Lines of `rrggbb` or of three decimal numbers; every other line is a header, a comment or a count."""
    colours = []
    for line in text.splitlines():
        if match := re.fullmatch(r"\s*#?([0-9a-fA-F]{6})\s*", line):
            value = int(match[1], 16)
            colours.append((value >> 16, value >> 8 & 255, value & 255))
        elif match := re.match(r"\s*(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})(\s|$)", line):
            r, g, b = (int(v) for v in match.groups()[:3])
            if max(r, g, b) <= 255:
                colours.append((r, g, b))
    return colours


def nearest_colours(colours: npt.NDArray[np.uint8], palette: Uint8Array) -> npt.NDArray[np.intp]:
    """Index of the nearest palette entry for each colour: uint8 (..., 3 or 4) -> intp (...).

    Squared distance in RGB; the lowest index wins a tie. palette: uint8 (K, 3 or 4); alpha takes no part.
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
    """The palette uint8 (K, 4) of pictures uint8 (N, H, W, 4), dark to light; entry 0 is transparent on demand.

    The exact colours where there are no more than `max_colours` (the transparent entry counted), else that many
    of their own by median cut (Heckbert, 1982): each entry is the commonest colour of its box.
    """
    room = max_colours - transparent
    solid = images.reshape(-1, 4)
    solid = solid[solid[:, 3] >= 128][:, :3]
    packed = (solid.astype(np.uint32) << np.array([16, 8, 0], np.uint32)).sum(axis=1, dtype=np.uint32)
    values, counts = np.unique(packed, return_counts=True)
    colours = np.stack([values >> 16, values >> 8 & 255, values & 255], axis=1).astype(np.int64)
    if len(colours) > room:
        colours = _median_cut(colours, counts.astype(np.int64), room)
    order = np.lexsort((*colours.T[::-1], colours @ np.array([299, 587, 114])))
    entries = [(0, 0, 0, 0)] * transparent + [(*map(int, c), 255) for c in colours[order]]
    return np.array(entries, dtype=np.uint8)


def _median_cut(
    colours: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], room: int
) -> npt.NDArray[np.int64]:
    boxes = [np.arange(len(colours))]
    while len(boxes) < room:
        # The box whose colours, weighed by how often they are used, spread furthest along one axis.
        spreads = [int(np.ptp(colours[b], axis=0).max()) * int(counts[b].sum()) for b in boxes]
        widest = int(np.argmax(spreads))
        if spreads[widest] == 0:
            break
        box = boxes.pop(widest)
        axis = int(np.argmax(np.ptp(colours[box], axis=0)))
        box = box[np.argsort(colours[box, axis], kind="stable")]
        half = int(np.searchsorted(np.cumsum(counts[box]), counts[box].sum() // 2))
        half = min(max(half, 1), len(box) - 1)
        boxes += [box[:half], box[half:]]
    return np.unique([colours[b][np.argmax(counts[b])] for b in boxes], axis=0)


def opaque_or_clear(colours: Uint8Array) -> Uint8Array:
    """RGB or RGBA uint8 (..., 3 or 4) -> RGBA with alpha 0 or 255, from 128 up opaque; clear colours are black."""
    if colours.shape[-1] == 3:
        alpha = np.full((*colours.shape[:-1], 1), 255, dtype=np.uint8)
        return np.concatenate([colours, alpha], axis=-1)
    return engine.opaque_or_clear(colours)


def check_palette(palette: object, caller: str) -> Uint8Array:
    """A palette that was passed as an array: uint8 (1..256, 4), alpha 0 or 255 and some 255; else UsageError."""
    if (
        isinstance(palette, np.ndarray)
        and palette.dtype == np.uint8
        and palette.ndim == 2
        and palette.shape[1] == 4
        and 1 <= len(palette) <= MAX_COLOURS
        and bool(np.isin(palette[:, 3], (0, 255)).all())
        and bool((palette[:, 3] == 255).any())
    ):
        return palette
    raise UsageError(
        f"{caller}: palette must be a name, a file, or an array uint8 (K, 4) with K in 1..{MAX_COLOURS} "
        "and alpha 0 or 255, not all of it clear"
    )


def remap(colours: Uint8Array, target: Uint8Array) -> Uint8Array:
    """Every opaque colour of uint8 (..., 4) replaced by the nearest opaque one of `target` uint8 (K, 4)."""
    opaque = target[target[:, 3] >= 128]
    return np.where(colours[..., 3:] >= 128, opaque[nearest_colours(colours, opaque)], colours)
