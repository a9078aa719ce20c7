"""Random sheets of every layout, with the true parameters."""

from dataclasses import dataclass

import numpy as np

GROUNDS = ((0, 0, 0, 0), (255, 0, 255, 255), (0, 0, 0, 255), (71, 45, 60, 255))
LAYOUTS = (
    "bare",
    "margin",
    "spacing",
    "both",
    "gutter after the last cell",
    "extruded",
    "left and top differ",
    "divisible by the tile",
)


@dataclass(frozen=True)
class Sheet:
    """A sheet with its true parameters; lengths in pixels."""

    pixels: np.ndarray  # uint8 (H, W, 4)
    cells: np.ndarray  # uint8 (N, tile, tile, 4), in reading order
    layout: str
    tile: int
    left: int
    top: int
    spacing: int

    @property
    def options(self) -> str:
        margin = str(self.left) if self.left == self.top else f"{self.left},{self.top}"
        return f"--margin {margin} --spacing {self.spacing}"


def random_sheet(seed: int) -> Sheet:
    """Draw one of `LAYOUTS`, in turn, with 2 to 6 rows and 3 to 8 columns of tiles or sprites."""
    random = np.random.default_rng([7, seed])
    layout = LAYOUTS[seed % len(LAYOUTS)]
    tile = int(random.choice([8, 16, 24, 32]))
    rows, columns = int(random.integers(2, 7)), int(random.integers(3, 9))
    left = top = spacing = extruded = 0
    if layout in ("margin", "both"):
        left = top = int(random.integers(1, tile + 1))
    if layout in ("spacing", "both", "gutter after the last cell"):
        spacing = int(random.integers(1, tile // 2 + 1))
    if layout == "gutter after the last cell":
        left = top = int(random.choice([0, spacing]))
    if layout == "extruded":
        extruded = int(random.integers(1, 3))
        left = top = extruded
        spacing = 2 * extruded
    if layout == "left and top differ":
        left, top = (int(n) for n in random.permutation(tile)[:2])
        spacing = int(random.choice([0, 0, 1, 2]))
    if layout == "divisible by the tile":
        left, spacing, columns = _divisible(random, tile)
        top = left
        fitting = [n for n in range(2, 9) if _length(tile, left, spacing, n) % tile == 0]
        rows = int(random.choice(fitting)) if fitting else rows
    size = [_length(tile, margin, spacing, n) for margin, n in ((top, rows), (left, columns))]
    if layout == "gutter after the last cell" and not left:
        size = [n + spacing for n in size]
    drawn = [draw_opaque, draw_sprite][int(random.integers(2))]
    ground = np.array(GROUNDS[int(random.integers(len(GROUNDS)))], np.uint8)
    palette = _palette(random)
    pixels = np.empty((*size, 4), np.uint8)
    pixels[:] = ground
    with_blanks = random.random() < 0.4
    cells = np.empty((rows * columns, tile, tile, 4), np.uint8)
    for number, cell in enumerate(cells):
        if with_blanks and random.random() < 0.25:
            cell[:] = ground
        else:
            cell[:] = drawn(random, tile, palette)
            cell[cell[..., 3] == 0] = ground
        y, x = (
            margin + n * (tile + spacing)
            for margin, n in zip((top, left), divmod(number, columns), strict=True)
        )
        around = np.pad(cell, ((extruded, extruded), (extruded, extruded), (0, 0)), mode="edge")
        pixels[y - extruded : y + tile + extruded, x - extruded : x + tile + extruded] = around
    return Sheet(pixels, cells, layout, tile, left, top, spacing)


def draw_opaque(random: np.random.Generator, size: int, palette: np.ndarray) -> np.ndarray:
    """Draw speckles, bricks, patches or waves, uint8 (size, size, 4)."""
    tile = np.empty((size, size, 4), np.uint8)
    tile[:] = palette[random.integers(len(palette))]
    style, ink = random.integers(4), palette[random.integers(len(palette))]
    if style == 0:
        tile[tuple(random.integers(size, size=(2, int(random.integers(size // 2, 2 * size)))))] = ink
    elif style == 1:
        height = int(random.integers(3, 6))
        tile[height - 1 :: height] = ink
        for course in range(0, size, height):
            tile[course : course + height - 1, random.integers(size)] = ink
        tile[tuple(random.integers(size, size=(2, size // 2)))] = palette[random.integers(len(palette))]
    elif style == 2:
        for _ in range(int(random.integers(3, 9))):
            (y, x), (height, width) = (
                random.integers(size, size=2),
                random.integers(2, size // 2 + 1, size=2),
            )
            tile[y : y + height, x : x + width] = palette[random.integers(len(palette))]
    else:
        for y in range(1, size, int(random.integers(2, 5))):
            start, length = int(random.integers(size)), int(random.integers(2, size // 2 + 1))
            tile[y, (start + np.arange(length)) % size] = ink
    return tile


def draw_sprite(random: np.random.Generator, size: int, palette: np.ndarray) -> np.ndarray:
    """Draw an outlined figure of ellipses on a transparent ground, uint8 (size, size, 4)."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    body = np.zeros((size, size), bool)
    for _ in range(int(random.integers(2, 5))):
        height, width = random.uniform(size / 6, size / 2.1, size=2)
        body |= ((y - random.uniform(-size / 6, size / 6)) / height) ** 2 + (x / width) ** 2 < 1
    sprite = np.zeros((size, size, 4), np.uint8)
    sprite[body] = palette[random.integers(1, len(palette))]
    for _ in range(int(random.integers(2, 6))):
        (top, left), (height, width) = (
            random.integers(size, size=2),
            random.integers(1, size // 3 + 1, size=2),
        )
        part = np.zeros_like(body)
        part[top : top + height, left : left + width] = True
        sprite[body & (part | part[:, ::-1])] = palette[random.integers(1, len(palette))]
    around = np.pad(body, 1)
    inner = around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    sprite[body & ~inner] = palette[0]
    return sprite


def _palette(random: np.random.Generator) -> np.ndarray:
    """Return 4 to 8 opaque colours, uint8 (N, 4)."""
    colours = np.full((int(random.integers(4, 9)), 4), 255, np.uint8)
    colours[:, :3] = random.integers(20, 236, (len(colours), 3))
    return colours


def _length(tile: int, margin: int, spacing: int, count: int) -> int:
    return 2 * margin + count * (tile + spacing) - spacing


def _divisible(random: np.random.Generator, tile: int) -> tuple[int, int, int]:
    """Return a margin, a spacing and a number of columns that a grid without either fits as well."""
    choices = [
        (margin, spacing, count)
        for spacing in range(tile // 2 + 1)
        for margin in range(tile + 1)
        for count in range(3, 9)
        if (margin or spacing) and _length(tile, margin, spacing, count) % tile == 0
    ]
    margin, spacing, count = choices[random.integers(len(choices))]
    return margin, spacing, count
