"""Palette files: .gpl (GIMP, Aseprite), .pal (JASC), .hex (Lospec), and Paint.NET's .txt.

A line that is neither a colour nor a header or a comment is an error.
"""

import re
from pathlib import Path

from tilewright.arrays import Uint8Array
from tilewright.errors import DataError
from tilewright.files import read_bounded

Colour = tuple[int, int, int, int]

WRITTEN = (".gpl", ".hex", ".pal")
"""The formats that `palette_text` writes."""

_HEX = re.compile(r"#?([0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3,4})")
_GIMP_HEADER = re.compile(r"[A-Za-z][A-Za-z ]*:.*")
_PLAIN_COMMENT = re.compile(r";.*|//.*|#(\W.*)?")


def hex_colour(text: str) -> Colour | None:
    """Return the colour of rrggbb, rrggbbaa, rgb or rgba, with or without a #, or None."""
    match = _HEX.fullmatch(text)
    if match is None:
        return None
    digits = match[1] if len(match[1]) > 4 else "".join(2 * digit for digit in match[1])
    r, g, b, a = bytes.fromhex(digits.ljust(8, "f"))
    return r, g, b, a


def read_palette_file(path: Path) -> list[Colour]:
    """Return the colours of a file in its order, alpha 0 .. 255. Raises `DataError`, which names the invalid
    line.
    """
    text = read_bounded(path).decode("utf-8-sig", "replace")
    lines = [(number, line.strip()) for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1)]
    lines = [(number, line) for number, line in lines if line]
    first = lines[0][1].lower() if lines else ""
    if first.startswith("gimp palette"):
        return _read_gimp(path, lines[1:])
    if first == "jasc-pal":
        return _read_jasc(path, lines[1:])
    return _read_plain(path, lines, alpha_first=first.startswith(";paint.net"))


def _read_gimp(path: Path, lines: list[tuple[int, str]]) -> list[Colour]:
    colours: list[Colour] = []
    channels = 3
    for number, line in lines:
        if not colours and _GIMP_HEADER.fullmatch(line):
            if line.replace(" ", "").lower() == "channels:rgba":
                channels = 4
        elif not line.startswith("#"):
            colours.append(_numbers(line.split(None, channels)[:channels], path, number, line))
    return colours


def _read_jasc(path: Path, lines: list[tuple[int, str]]) -> list[Colour]:
    if len(lines) < 2 or not re.fullmatch(r"[0-9]{1,6}", lines[1][1]):
        raise DataError(f"{path}: a JASC palette states its version and the number of its colours")
    colours = [_numbers(line.split(), path, number, line) for number, line in lines[2:]]
    stated = int(lines[1][1])
    if stated != len(colours):
        raise DataError(f"{path}, line {lines[1][0]}: {stated} colours are stated, and {len(colours)} follow")
    return colours


def _read_plain(path: Path, lines: list[tuple[int, str]], alpha_first: bool) -> list[Colour]:
    """Read one colour per line: hexadecimal digits or decimal numbers."""
    colours: list[Colour] = []
    for number, line in lines:
        colour = hex_colour(line)
        if colour is not None:
            a, r, g, b = colour
            colours.append((r, g, b, a) if alpha_first and len(line) >= 8 else colour)
        elif not _PLAIN_COMMENT.fullmatch(line):
            colours.append(_numbers(line.split(), path, number, line))
    return colours


def _numbers(parts: list[str], path: Path, number: int, line: str) -> Colour:
    """Parse three or four decimal numbers as a colour."""
    values = [int(part) for part in parts if re.fullmatch(r"[0-9]{1,3}", part)]
    if len(values) != len(parts) or len(values) not in (3, 4) or max(values) > 255:
        raise DataError(
            f"{path}, line {number}: {line!r:.60} is no colour: write rrggbb, or three numbers of 0 to 255"
        )
    r, g, b, a = (*values, 255)[:4]
    return r, g, b, a


def palette_text(palette: Uint8Array, suffix: str, name: str) -> str:
    """Return the text of a palette file, in one of the formats WRITTEN, for colours uint8 (K, 4). Alpha is omitted."""
    colours = [(int(r), int(g), int(b)) for r, g, b in palette[:, :3]]
    numbers = [f"{r} {g} {b}" for r, g, b in colours]
    lines = {
        ".gpl": ["GIMP Palette", f"Name: {name}", "#", *numbers],
        ".hex": [f"{r:02x}{g:02x}{b:02x}" for r, g, b in colours],
        ".pal": ["JASC-PAL", "0100", str(len(numbers)), *numbers],
    }
    return "\n".join([*lines[suffix], ""])
