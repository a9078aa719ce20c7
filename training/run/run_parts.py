"""Validate an untrusted run folder: real files and folders, and a data.json with valid values."""

import stat
from pathlib import Path
from typing import Any

import numpy as np

from tilewright.files import is_printable_line
from tilewright.frame_sheets import FrameSheet, read_copies, read_pair
from tilewright.pack import Source
from tilewright.texture import FEATURES, PARTS
from tilewright.training_pictures import TrainingPictures
from tilewright.training_texts import TrainingTexts
from tilewright.upsampling import PHASES
from tilewright.vocabulary import read_kind_counts

from ..art.sources import MAX_NAMES
from ..config import Config
from ..data.stored_set import are_words

FILES = ("config.json", "data.json", "losses.jsonl", "events.jsonl", "lock")
MAX_MAPS = 256
FOLDERS = ("samples", "checkpoints", "tensorboard")


def check_parts(path: Path) -> None:
    """Raise ValueError if a part of the run at `path` is a link or has the wrong type.

    Training writes to all of these files, and a link in an untrusted folder could redirect the writes.
    """
    for name in FILES:
        _check(path / name, stat.S_ISREG, "a regular file")
    for name in FOLDERS:
        if _check(path / name, stat.S_ISDIR, "a folder"):
            for entry in (path / name).iterdir():
                _check(entry, stat.S_ISREG, "a regular file")


def _check(path: Path, is_right: Any, what: str) -> bool:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    if not is_right(mode):
        found = "a link" if stat.S_ISLNK(mode) else "something else"
        raise ValueError(f"{path.parent.name}/{path.name} must be {what}, not {found}")
    return True


def check_data(data: object, config: Config) -> dict[str, Any]:
    """Return the contents of data.json. Raises ValueError unless every value has a valid type and range."""
    if not isinstance(data, dict):
        raise ValueError("data.json is not an object")
    missing = [
        key for key in ("kinds", "counts", "pictures", "sha256", "sources", "palette") if key not in data
    ]
    if missing:
        raise ValueError(f"data.json lacks {', '.join(missing)}")
    kinds, counts = data["kinds"], data["counts"]
    reading = data.get("reading")
    symbols = data.get("symbols")
    right = {
        "training_texts": "training_texts" not in data or _are_texts(data["training_texts"]),
        "symbols": _are_symbols(symbols, data["palette"]) if config.tokens else symbols is None,
        "kinds": _are_names(kinds) and bool(kinds) and len(set(kinds)) == len(kinds),
        "counts": _are_names(kinds) and _are_integers(counts, 2**53) and len(counts) == len(kinds),
        "pictures": _are_integers([data["pictures"]], 2**53),
        "sha256": is_printable_line(data["sha256"]),
        "sources": _are_sources(data["sources"]),
        "palette": _is_palette(data["palette"], config),
        "reading": reading is None or _is_reading(reading),
        "kind_maps": ("kind_maps" in data) == ("cell" in data)
        and ("cell" not in data or _are_maps(data["kind_maps"], data["cell"], len(kinds), config)),
        "texture": "texture" not in data or _is_texture(data["texture"], len(kinds)),
        "words": not config.words or (are_words(data.get("words")) and bool(data["words"])),
        "base": "base" not in data or _is_base(data["base"]),
        # what depends on the fields above
        "sheet": config.tokens or _is_sheet(data, config),
        "training_pictures": "training_pictures" not in data or _are_pictures(data, config),
        "word_kinds": "word_kinds" not in data or _are_kind_counts(data),
    }
    for key, fits in right.items():
        if not fits:
            raise ValueError(f"{key} of data.json cannot be {data.get(key)!r:.60}")
    if not _agree_on_upsampler(data, config):
        raise ValueError("config.json and data.json do not both describe an upsampler: begin the run again")
    return data


def _agree_on_upsampler(data: dict[str, Any], config: Config) -> bool:
    """Whether checked data are those of an upsampler and the configuration says so, or neither. Runs that were begun
    before `Config.upsampler` existed differ in this.
    """
    told = bool((data.get("reading") or {}).get("upsampler"))
    if not told or not config.upsampler:
        return told == config.upsampler
    return data.get("cell") == 1 and len(data["kinds"]) == PHASES * len(data["palette"])


def _are_names(values: object) -> bool:
    return isinstance(values, list) and len(values) <= MAX_NAMES and all(map(is_printable_line, values))


def _are_symbols(symbols: object, palette: object) -> bool:
    """Whether these are different symbols, one for each entry of the palette. One may be empty."""
    if not isinstance(symbols, list) or not isinstance(palette, list) or len(symbols) != len(palette):
        return False
    printable = all(
        isinstance(symbol, str) and (not symbol or is_printable_line(symbol)) for symbol in symbols
    )
    return printable and len(set(symbols)) == len(symbols)


def _is_base(value: object) -> bool:
    """Whether this describes the base of a run: its name, the SHA-256 of its file, and its number of pictures."""
    return (
        isinstance(value, dict)
        and set(value) == {"name", "sha256", "pictures"}
        and _are_names([value["name"], value["sha256"]])
        and _are_integers([value["pictures"]], 2**53)
    )


def _are_texts(value: object) -> bool:
    try:
        TrainingTexts.from_metadata(value, 1)
    except (LookupError, TypeError, ValueError):
        return False
    return True


def _are_pictures(data: dict[str, Any], config: Config) -> bool:
    try:
        palette = np.array(data["palette"], np.uint8)
        TrainingPictures.from_metadata(data["training_pictures"], len(data["kinds"]), palette, config.cells)
    except (IndexError, LookupError, OverflowError, TypeError, ValueError):
        return False
    return palette.shape[1:] == (4,)


def _are_kind_counts(data: dict[str, Any]) -> bool:
    try:
        read_kind_counts(data["word_kinds"], len(data["words"]), len(data["kinds"]))
    except (LookupError, TypeError, ValueError):
        return False
    return True


def _are_integers(values: object, most: int) -> bool:
    return isinstance(values, list) and all(type(value) is int and 0 <= value <= most for value in values)


def _are_sources(values: object) -> bool:
    names = set(Source.__dataclass_fields__)
    return (
        isinstance(values, list)
        and len(values) <= MAX_NAMES
        and all(isinstance(v, dict) and set(v) == names and _are_names(list(v.values())) for v in values)
    )


def _is_palette(values: object, config: Config) -> bool:
    """Whether `values` is a list of [r, g, b, a], opaque except for the first entry of runs with
    transparency.
    """
    most = config.traits.most_colours if config.tokens else config.max_colours
    if not isinstance(values, list) or not 1 <= len(values) <= most:
        return False
    if not all(_are_integers(colour, 255) and len(colour) == 4 for colour in values):
        return False
    return [colour[3] for colour in values] == [0] * config.transparent + [255] * (
        len(values) - config.transparent
    )


def _are_maps(values: object, cell: object, kinds: int, config: Config) -> bool:
    """Whether `values` are maps of kinds, in cells of `cell` pixels, for pictures of an iterative family."""
    if type(cell) is not int or not 1 <= cell <= min(config.size) or not config.traits.has_kind_maps:
        return False
    height, width = (edge // cell for edge in config.size)
    return (
        (height * cell, width * cell) == config.size
        and isinstance(values, list)
        and 1 <= len(values) <= MAX_MAPS
        and all(
            isinstance(rows, list)
            and len(rows) == height
            and all(_are_integers(row, kinds - 1) and len(row) == width for row in rows)
            for rows in values
        )
    )


def _is_texture(values: object, kinds: int) -> bool:
    return (
        isinstance(values, list)
        and len(values) == kinds
        and all(_are_integers(shares, PARTS) and len(shares) == FEATURES for shares in values)
    )


def sheet_of(data: dict[str, Any], config: Config) -> FrameSheet:
    """Return the frames of the pictures of a run. Raises ValueError, TypeError or LookupError for damaged data.

    A run of an earlier version has whole sheets, whose rows and columns are those of the cells.
    """
    maps = np.array(data.get("kind_maps", [[[0]]]))
    in_order = (
        maps[0].size == len(data["kinds"]) and (maps.reshape(len(maps), -1) == range(maps[0].size)).all()
    )
    rows, columns = read_pair(data.get("sheet", list(maps.shape[1:]) if in_order else [1, 1]))
    return FrameSheet(rows, columns, read_copies(data.get("copies", []), rows * columns), config.column)


def _is_sheet(data: dict[str, Any], config: Config) -> bool:
    """Whether the frames of the pictures fit their size."""
    try:
        sheet = sheet_of(data, config)
    except (ValueError, TypeError, LookupError):
        return False
    whole = all(edge % count == 0 for edge, count in zip(config.size, sheet.lines, strict=True))
    return (
        whole
        and (sheet.count == 1 or sheet.count == len(data["kinds"]))
        and (sheet.count > 1 or not config.column)
    )


def _is_reading(values: object) -> bool:
    if not isinstance(values, dict) or not isinstance(values.get("folders"), list):
        return False
    types = {
        "folders": list,
        "size": int | list,
        "kinds": str | None,
        "margin": int | list | None,
        "spacing": int | None,
        "transparent": bool | None,
        "terrain": str | None,
        "sheets": str | None,
        "columns": bool | None,
        "tokens": bool | None,
        "halve": bool | None,
        "upsampler": bool | None,
    }
    return (
        all(isinstance(values.get(key), kind) for key, kind in types.items() if key in values)
        and all(isinstance(folder, str) for folder in values["folders"])
        and all(_is_pair_or_number(values.get(key)) for key in ("size", "margin"))
    )


def _is_pair_or_number(value: object) -> bool:
    return not isinstance(value, list) or (len(value) == 2 and _are_integers(value, 2**16))
