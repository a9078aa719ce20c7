"""Maps of kinds from small pictures and from text: one pixel or one letter for each cell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tilewright.arrays import Uint8Array
from tilewright.errors import DataError, UsageError, printable
from tilewright.files import read_bounded
from tilewright.palette import binarize_alpha, nearest_colours
from tilewright.palette_files import hex_colour
from tilewright.pictures import UnreadableError, read_picture

PICTURES = (".png", ".gif", ".bmp", ".webp")  # other files are text
MAX_TEXT_BYTES = 1 << 26
SHOWN = 6  # colours that an error lists

Uint32Array = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Legend:
    """What the pixels and letters of a map mean. Values are numbers of kinds.

    kinds: their names. colours: keys are R, G, B, A as four bytes, first the lowest.
    """

    kinds: Sequence[str]
    colours: Mapping[int, int]
    letters: Mapping[int, int]


def read_legend(text: str | None, kinds: Sequence[str], caller: str) -> Legend:
    """Read a legend such as "grass=#3f8f3f,water=~": KIND=COLOUR or KIND=LETTER, any number of them for a kind.

    None: each kind has its first letter, if these are different. Raises UsageError, whose text begins with `caller`.
    """
    colours: dict[int, int] = {}
    letters: dict[int, int] = {}
    if text is None:
        first = {ord(kind[0]): number for number, kind in enumerate(kinds) if kind}
        return Legend(kinds, {}, first if len(first) == len(kinds) else {})
    for part in text.split(","):
        kind, _, sign = (piece.strip() for piece in part.partition("="))
        if kind not in kinds:
            raise UsageError(
                f"{caller}: --legend has the kind {kind!r:.60}, which is none of {', '.join(kinds)}: write "
                f"{kinds[0]}=#40a040 or {kinds[0]}=."
            )
        colour = hex_colour(sign)
        if colour is None and len(sign) != 1:
            raise UsageError(
                f"{caller}: --legend must give {kind} a colour such as #40a040 or one letter, not {sign!r:.60}"
            )
        table, key = (
            (letters, ord(sign)) if colour is None else (colours, _keys(np.array(colour, np.uint8)).item())
        )
        if table.setdefault(key, kinds.index(kind)) != kinds.index(kind):
            raise UsageError(f"{caller}: --legend gives {sign} to {kinds[table[key]]} and to {kind}")
    return Legend(kinds, colours, letters)


def read_map(path: Path, legend: Legend, caller: str) -> Uint8Array:
    """Read a picture or a text file: the number of each cell's kind, uint8 (rows, columns).

    Raises DataError for a file that is neither, and UsageError for a pixel or a letter that the legend lacks; it
    names the nearest colour.
    """
    name = printable(path.name)
    if path.suffix.lower() in PICTURES:
        try:
            return map_of_picture(read_picture(path), legend, f"{caller}: {name}")
        except UnreadableError as error:
            raise DataError(f"{caller}: {printable(path)}: {error}") from error
    try:
        text = read_bounded(path, MAX_TEXT_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{caller}: {name} is neither a picture ({', '.join(PICTURES)}) nor text") from error
    return map_of_rows(text.rstrip().splitlines(), legend, f"{caller}: {name}")


def map_of_rows(rows: Sequence[str], legend: Legend, where: str) -> Uint8Array:
    """Return the number of each letter's kind, uint8 (rows, columns). where: begins the text of errors."""
    columns = len(rows[0]) if rows else 0
    odd = next((i for i, row in enumerate(rows) if len(row) != columns), None)
    if odd is not None:
        raise UsageError(f"{where}: row {odd} has {len(rows[odd])} letters, but row 0 has {columns}")
    letters = np.array([list(row) for row in rows] or np.zeros((0, 0)), dtype="U1")
    known = ", ".join(f"{chr(key)!r} ({legend.kinds[kind]})" for key, kind in legend.letters.items())

    def unknown(key: int) -> tuple[str, str]:
        return f"{chr(key)!r}", f"it has {known or 'no letters: --legend names them, as in grass=.'}"

    return _kinds(letters.view(np.uint32).reshape(letters.shape), legend.letters, unknown, where)


def map_of_picture(rgba: Uint8Array, legend: Legend, where: str) -> Uint8Array:
    """Return the number of each pixel's kind, uint8 (H, W). rgba: uint8 (H, W, 4). where: begins the text of errors."""
    keys = _keys(rgba)

    def unknown(key: int) -> tuple[str, str]:
        if not legend.colours:
            some = ", ".join(sorted(map(_hex, np.unique(keys)[:SHOWN].tolist())))
            return _hex(key), f"it has no colours: --legend names the kind of each of {some}"
        bytes_of = np.array([key, *legend.colours], "<u4").view(np.uint8).reshape(-1, 4)
        near = list(legend.colours)[int(nearest_colours(bytes_of[0], bytes_of[1:]))]
        return _hex(key), f"the nearest colour is {_hex(near)} ({legend.kinds[legend.colours[near]]})"

    return _kinds(keys, legend.colours, unknown, where)


def _kinds(
    keys: Uint32Array, table: Mapping[int, int], unknown: Callable[[int], tuple[str, str]], where: str
) -> Uint8Array:
    """Return the kinds of keys (rows, columns). unknown: key -> its name, and what the legend has instead."""
    distinct, places = np.unique(keys, return_inverse=True)
    wrong = np.array([key not in table for key in distinct.tolist()], dtype=bool)[places].reshape(keys.shape)
    if wrong.any():
        row, column = np.unravel_index(wrong.argmax(), keys.shape)
        name, instead = unknown(int(keys[row, column]))
        raise UsageError(
            f"{where} has {name} in row {row}, column {column}, which is not in the legend; {instead}"
        )
    kinds = np.array([table[key] for key in distinct.tolist()], dtype=np.uint8)
    return kinds[places].reshape(keys.shape)


def _keys(rgba: Uint8Array) -> Uint32Array:
    """Return colours uint8 (..., 4) as numbers (...); all transparent ones are 0."""
    keys: Uint32Array = np.ascontiguousarray(binarize_alpha(rgba)).view("<u4")[..., 0].astype(np.uint32)
    return keys


def _hex(key: int) -> str:
    r, g, b, a = key.to_bytes(4, "little")
    return f"#{r:02x}{g:02x}{b:02x}" if a else "#00000000"
