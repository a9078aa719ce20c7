"""Plot curves as a PNG with Pillow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 210, 60, 34, 26
COLOURS = ((190, 60, 60), (40, 90, 180), (60, 140, 70))
INK, FAINT, PAPER = (40, 40, 45), (215, 215, 220), (255, 255, 255)


@dataclass(frozen=True)
class Panel:
    """One chart: named curves as lists of (x, y). marks: x of vertical lines. y ranges from 0 to top."""

    title: str
    curves: Mapping[str, Sequence[tuple[float, float]]]
    marks: Sequence[float] = ()
    top: float = 1.0


def draw_panels(panels: Sequence[Panel], path: Path) -> None:
    """Write the panels below one another, with a common x axis."""
    end = max(x for panel in panels for curve in panel.curves.values() for x, _ in curve)
    image = Image.new("RGB", (WIDTH, HEIGHT * len(panels)), PAPER)
    pen = ImageDraw.Draw(image)
    for number, panel in enumerate(panels):
        _draw(pen, panel, number * HEIGHT, end)
    image.save(path)


def _draw(pen: ImageDraw.ImageDraw, panel: Panel, above: int, end: float) -> None:
    bottom, right = above + HEIGHT - BOTTOM, WIDTH - 14

    def place(x: float, y: float) -> tuple[float, float]:
        share = min(1.0, max(0.0, y / panel.top))
        return LEFT + (right - LEFT) * x / end, bottom - (bottom - above - TOP) * share

    for quarter in range(5):
        value = panel.top * quarter / 4
        height = place(0, value)[1]
        pen.line([(LEFT, height), (right, height)], FAINT)
        pen.text((LEFT - 8, height), f"{value:.2f}", INK, anchor="rm")
        pen.text((place(end * quarter / 4, 0)[0], bottom + 6), f"{end * quarter / 4:.0f}", INK, anchor="ma")
    for mark in panel.marks:
        pen.line([place(mark, 0), place(mark, panel.top)], COLOURS[1], 1)
        pen.text(place(mark, panel.top), " put back", COLOURS[1], anchor="la")
    pen.text((LEFT, above + 10), panel.title, INK)
    for number, (name, curve) in enumerate(panel.curves.items()):
        pen.line([place(x, y) for x, y in curve], COLOURS[number], 2)
        pen.text((right - 10, above + 6 + 12 * number), name, COLOURS[number], anchor="ra")
