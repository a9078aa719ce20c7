"""The findings as one HTML file with embedded pictures, escaped names, and no scripts or links."""

from html import escape
from pathlib import Path

import numpy as np

from tilewright.errors import escaped
from tilewright.pictures import UnreadableError

from ..art.files import list_pictures
from ..art.stated import open_picture
from .findings import Findings, hex_name
from .pictures import coupled, data_uri, on_checker, side_by_side, with_grid
from .summary import facts, samples
from .survey import SHEET, TILE, Look

MOST_SHEETS = 40
MOST_LEFT_OUT = 200
MOST_COLOURS = 1024
SHEET_PIXELS = 1024 * 1024  # pixels of a sheet that are shown
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; border-bottom: 1px solid #ddd; }
table { border-collapse: collapse; } td, th { padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top; }
img { image-rendering: pixelated; max-width: 100%; } .ground { background: #d8d8d8; padding: 6px; }
pre { background: #f4f4f4; padding: .8rem; overflow-x: auto; } li { margin: .2rem 0; }
.bar { background: #5b7db1; height: .8rem; } .swatch { display: inline-block; width: 18px; height: 18px; }
figure { margin: 1rem 0; } figcaption { color: #555; }
"""


def page(found: Findings) -> str:
    """Render the page."""
    title = f"{found.folder.resolve().name}: what the data doctor found"
    parts = [
        _rows(facts(found)),
        _section("What to mind", _list(found.warnings)),
        _section("What to do", _advice(found)),
        _section("Tiles", _tiles(found)),
        _section("Kinds", _kinds(found)),
        _section("Colours", _colours(found)),
        _section("Sheets and their grids", _sheets(found)),
        _section("Near-duplicates", _pairs(found)),
        _section("Left out", _left_out(found)),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{_text(title)}</title><style>{STYLE}</style></head><body>\n"
        f"<h1>{_text(title)}</h1>\n" + "\n".join(part for part in parts if part) + "\n</body></html>\n"
    )


def _text(value: str) -> str:
    """Escape an untrusted text as HTML."""
    return escape(escaped(value))


def _section(title: str, content: str) -> str:
    return f"<h2>{title}</h2>\n{content}" if content else ""


def _list(texts: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{_text(text)}</li>" for text in texts) + "</ul>" if texts else ""


def _rows(rows: list[tuple[str, str]]) -> str:
    return (
        "<table>" + "".join(f"<tr><th>{_text(a)}</th><td>{_text(b)}</td></tr>" for a, b in rows) + "</table>"
    )


def _image(pixels: np.ndarray, caption: str) -> str:
    return (
        f'<figure><img class="ground" src="{data_uri(pixels)}" alt="">'
        f"<figcaption>{_text(caption)}</figcaption></figure>"
    )


def _advice(found: Findings) -> str:
    if found.advice is None or found.data is None:
        return ""
    recipe = "\n".join(escaped(line) for line in found.advice.recipe.splitlines())
    why = (
        "" if found.advice.needs_recipe else "<p>Not needed here, but a start for naming kinds yourself.</p>"
    )
    steps = "".join(
        f"<p>{_text(step.what)} ({step.time}):</p><pre>{_text(step.command)}</pre>" for step in found.steps
    )
    return f"{steps}<p>The recipe:</p>{why}<pre>{escape(recipe)}</pre>"


def _tiles(found: Findings) -> str:
    shown = samples(found, 36)
    return "".join(
        _image(side_by_side(tiles, 18, _times(tiles[0])), f"{kind}: {len(tiles)} of {_count(found, kind)}")
        for kind, tiles in shown.items()
    )


def _times(tile: np.ndarray) -> int:
    return max(1, 48 // len(tile))


def _count(found: Findings, kind: str) -> int:
    return found.report.kinds.get(kind, 0) if found.report else 0


def _kinds(found: Findings) -> str:
    kinds = found.report.kinds if found.report else {}
    if len(kinds) < 2:
        return ""
    most = max(kinds.values())
    rows = "".join(
        f'<tr><th>{_text(kind)}</th><td>{count}</td><td><div class="bar" style="width:{24 * count / most:.1f}rem">'
        "</div></td></tr>"
        for kind, count in sorted(kinds.items(), key=lambda item: -item[1])
    )
    return f"<table>{rows}</table>"


def _colours(found: Findings) -> str:
    names = [hex_name(colour) for colour in found.colours[:MOST_COLOURS]]
    swatches = "".join(
        f'<span class="swatch" style="background:{name}" title="{name}"></span>' for name in names
    )
    rest = len(found.colours) - len(names)
    return f"<p>{swatches}{f' and {rest} more' if rest > 0 else ''}</p>" if names else ""


def _sheets(found: Findings) -> str:
    sheets = [look for look in found.survey.looks if look.role == SHEET]
    if not sheets:
        return ""
    paths = {picture.relative: picture.path for picture in list_pictures(found.folder).pictures}
    shown = sheets[:: -(-len(sheets) // MOST_SHEETS)]
    parts = [_sheet(look, paths.get(look.relative)) for look in shown]
    if len(shown) < len(sheets):
        parts.append(f"<p>{len(shown)} of {len(sheets)} sheets are shown.</p>")
    return "".join(parts)


def _sheet(look: Look, path: Path | None) -> str:
    caption = (
        f"{look.relative}: {look.width}x{look.height}, {look.grid}; {look.convention}, {look.colours} colours"
    )
    try:
        opened = open_picture(path) if path is not None else None
    except UnreadableError:
        opened = None
    if opened is None or look.grid is None or opened.pixels[..., 0].size > SHEET_PIXELS:
        return f"<p>{_text(caption)}</p>"
    return _image(with_grid(opened.pixels, look.grid), caption)


def _pairs(found: Findings) -> str:
    if found.data is None:
        return ""
    parts = []
    for how, count in found.near_duplicates.items():
        pairs = [pair for pair, name in zip(found.pairs, found.pairs_how, strict=True) if name == how]
        shown = [coupled(*(on_checker(np.asarray(found.data.images[i])) for i in pair)) for pair in pairs]
        if shown:
            picture = side_by_side(shown, 6, _times(shown[0]))
            parts.append(_image(picture, f"{how}: {count} tiles, {len(pairs)} pairs shown"))
    return "".join(parts)


def _left_out(found: Findings) -> str:
    size = found.advice.size if found.advice is not None else 0
    rows = [
        (look.relative, look.why or (f"tiles of {look.tile} pixels" if look.tile else look.role))
        for look in found.survey.looks
        if look.role not in (TILE, SHEET) or look.tile > max(size, found.survey.size or 0)
    ]
    rest = len(rows) - MOST_LEFT_OUT
    more = f"<p>and {rest} more</p>" if rest > 0 else ""
    return _rows(rows[:MOST_LEFT_OUT]) + more if rows else ""
