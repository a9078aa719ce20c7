"""Pictures of the findings as arrays uint8 (H, W, 4): tiles side by side, and sheets with their grid."""

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image
from rich.style import Style
from rich.text import Text

from ..art.grid import Grid

CHECKER = ((196, 196, 196, 255), (228, 228, 228, 255))
LINE = (255, 0, 128, 255)
GAP = 2
RULER = 36  # pixels above and to the left of a sheet, for numbers
INK = (34, 34, 34, 255)
DIGITS = (  # glyphs of 0 to 9
    "### .#. ### ### #.# ### ### ### ### ###",
    "#.# ##. ..# ..# #.# #.. #.. ..# #.# #.#",
    "#.# .#. ### ### ### ### ### ..# ### ###",
    "#.# .#. #.. ..# ..# ..# #.# ..# #.# ..#",
    "### ### ### ### ..# ### ### ..# ### ###",
)


def enlarged(pixels: np.ndarray, times: int) -> np.ndarray:
    """Enlarge every pixel to a square of `times` x `times`."""
    return pixels.repeat(times, axis=0).repeat(times, axis=1)


def side_by_side(tiles: Sequence[np.ndarray], columns: int, times: int = 1) -> np.ndarray:
    """Arrange pictures of one size in reading order, with transparent gaps."""
    height, width = (length * times for length in tiles[0].shape[:2])
    rows = -(-len(tiles) // columns)
    columns = min(columns, len(tiles))
    sheet = np.zeros((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 4), np.uint8)
    for i, tile in enumerate(tiles):
        top, left = i // columns * (height + GAP), i % columns * (width + GAP)
        sheet[top : top + height, left : left + width] = enlarged(tile, times)
    return sheet


def coupled(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Join two tiles of one size, each with a transparent column at its outer side."""
    gap = np.zeros((len(first), 1, 4), np.uint8)
    return np.concatenate([gap, first, second, gap], axis=1)


def with_grid(pixels: np.ndarray, grid: Grid, times: int = 2) -> np.ndarray:
    """Draw a sheet on a checkerboard, with every cell framed and rows and columns numbered as in recipes."""
    shown = np.zeros((len(pixels) * times + RULER, pixels.shape[1] * times + RULER, 4), np.uint8)
    shown[RULER:, RULER:] = enlarged(on_checker(pixels), times)
    step, end = (grid.tile + grid.spacing) * times, grid.tile * times
    left, top = (RULER + length * times for length in (grid.left, grid.top))
    for row in range(grid.rows):
        for column in range(grid.columns):
            y, x = top + row * step, left + column * step
            cell = shown[y : y + end, x : x + end]
            cell[[0, -1]] = LINE
            cell[:, [0, -1]] = LINE
    # Omit numbers that would overlap.
    for column in range(0, grid.columns, -(-_width(grid.columns - 1) // step)):
        _write(shown, str(column), 2, left + column * step + max(0, end - _width(column)) // 2)
    for row in range(0, grid.rows, -(-(2 * len(DIGITS) + 2) // step)):
        _write(shown, str(row), top + row * step + max(0, end - 2 * len(DIGITS)) // 2, 2)
    return shown


def _width(number: int) -> int:
    """Return the width of a number in pixels, including the gap after it."""
    return 8 * len(str(number)) + 2


def _write(picture: np.ndarray, number: str, top: int, left: int) -> None:
    """Draw a number in digits of 3 x 5 pixels, enlarged twice."""
    for i, digit in enumerate(number):
        drawn = np.array([[c == "#" for c in row.split(" ")[int(digit)]] for row in DIGITS])
        place = picture[top : top + 10, left + 8 * i : left + 8 * i + 6]
        ink = drawn.repeat(2, axis=0).repeat(2, axis=1)[: place.shape[0], : place.shape[1]]
        place[ink] = INK


def on_checker(pixels: np.ndarray) -> np.ndarray:
    """Replace transparent pixels by a checkerboard of 4 x 4 squares."""
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    ground = np.array(CHECKER, np.uint8)[(y // 4 + x // 4) % 2]
    return np.where(pixels[..., 3:] > 0, pixels, ground)


def data_uri(pixels: np.ndarray) -> str:
    """Return a PNG as a data URI."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def half_blocks(pixels: np.ndarray) -> Text:
    """Render a picture in half-block characters, two pixels each: foreground above, background below."""
    height = len(pixels) + len(pixels) % 2
    even = np.zeros((height, *pixels.shape[1:]), np.uint8)
    even[: len(pixels)] = pixels
    text = Text(no_wrap=True, end="")
    for top in range(0, height, 2):
        for upper, lower in zip(even[top].tolist(), even[top + 1].tolist(), strict=True):
            if upper[3] and lower[3]:
                text.append("▀", Style(color=_rgb(upper), bgcolor=_rgb(lower)))
            elif upper[3]:
                text.append("▀", Style(color=_rgb(upper)))
            elif lower[3]:
                text.append("▄", Style(color=_rgb(lower)))
            else:
                text.append(" ")
        text.append("\n")
    return text


def _rgb(pixel: Sequence[int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*pixel[:3])
