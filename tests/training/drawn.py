"""Synthetic pixel art for tests: small, of several kinds, identical in every run.

Tiles are opaque and wrap. Sprites have a transparent ground. Every picture is uint8 (16, 16, 4).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = 16
TILE_KINDS = ("floor", "wall", "water")
SPRITE_KINDS = ("hero", "potion", "slime")
CONVENTIONS = ("rgba", "indexed", "colour key", "magenta", "ground")
MAGENTA = (255, 0, 255)
GROUND = (71, 45, 60)  # a dark purple that does not occur in the drawings

INK = (20, 12, 28)
SHADES = {
    "floor": ((133, 76, 48), (210, 125, 44), (117, 113, 97)),
    "wall": ((133, 149, 161), (117, 113, 97), (78, 74, 78)),
    "water": ((89, 125, 206), (48, 52, 109), (109, 194, 202)),
    "hero": ((208, 70, 72), (89, 125, 206), (218, 212, 94)),
    "potion": ((208, 70, 72), (109, 170, 44), (109, 194, 202)),
    "slime": ((109, 170, 44), (52, 101, 36), (218, 212, 94)),
}


def draw(kind: str, seed: int) -> np.ndarray:
    """Draw a picture of a kind. Different seeds give different pictures."""
    random = np.random.default_rng([seed, *kind.encode()])
    shade = SHADES[kind][int(random.integers(3))]
    picture = np.zeros((SIZE, SIZE, 4), dtype=np.uint8)
    if kind in TILE_KINDS:
        picture[:] = (*shade, 255)
        _DRAW_TILE[kind](picture, random)
    else:
        _draw_sprite(picture, kind, shade, random)
    return picture


def draw_set(kinds: Sequence[str], per_kind: int) -> list[np.ndarray]:
    """Draw `per_kind` distinct pictures of each kind, kind after kind."""
    pictures: dict[bytes, np.ndarray] = {}
    for i, kind in enumerate(kinds):
        seed = 0
        while len(pictures) < (i + 1) * per_kind:
            picture = draw(kind, seed)
            pictures.setdefault(picture.tobytes(), picture)
            seed += 1
    return list(pictures.values())


def draw_folder(path: Path, per_kind: int = 24, kinds: Sequence[str] = TILE_KINDS) -> Path:
    """Write path/KIND/KIND-000.png and so on, and a SOURCE.json; return `path`."""
    pictures = draw_set(kinds, per_kind)
    for i, kind in enumerate(kinds):
        folder = path / kind
        folder.mkdir(parents=True, exist_ok=True)
        for j, picture in enumerate(pictures[i * per_kind : (i + 1) * per_kind]):
            save(folder / f"{kind}-{j:03}.png", picture)
    (path / "SOURCE.json").write_text(
        '{"name": "Drawn", "licence": "CC0-1.0", "author": "the tests"}', "utf-8"
    )
    return path


def draw_sprite_folder(path: Path, per_kind: int = 24) -> Path:
    """Like `draw_folder`, with the kinds of sprites."""
    return draw_folder(path, per_kind, SPRITE_KINDS)


def make_sheet(
    pictures: Sequence[np.ndarray],
    columns: int,
    margin: int = 0,
    spacing: int = 0,
    gutter: Sequence[int] = (0, 0, 0, 0),
) -> np.ndarray:
    """Arrange a sheet in reading order. Margin, spacing and unused cells have the colour `gutter` (RGBA)."""
    size = len(pictures[0])
    rows = -(-len(pictures) // columns)
    pitch = size + spacing
    sheet = np.empty(
        (2 * margin + rows * pitch - spacing, 2 * margin + columns * pitch - spacing, 4), np.uint8
    )
    sheet[:] = gutter
    for i, picture in enumerate(pictures):
        top, left = margin + i // columns * pitch, margin + i % columns * pitch
        sheet[top : top + size, left : left + size] = picture
    return sheet


def save(path: Path, pixels: np.ndarray, convention: str = "rgba") -> Path:
    """Write RGBA pixels as a PNG with one of the `CONVENTIONS` for transparency."""
    clear = pixels[..., 3] == 0
    rgb = pixels[..., :3].copy()
    if convention == "rgba":
        Image.fromarray(pixels).save(path)
    elif convention == "indexed":
        # sorted, so the transparent colour (zeros) is first
        colours = np.unique(pixels.reshape(-1, 4), axis=0)
        index = (pixels[:, :, None, :] == colours).all(axis=-1).argmax(axis=-1).astype(np.uint8)
        picture = Image.fromarray(index).convert("P")
        picture.putpalette(colours[:, :3].tobytes())
        picture.save(path, transparency=bytes(colours[:, 3]))
    elif convention == "colour key":
        rgb[clear] = (1, 2, 3)
        Image.fromarray(rgb).save(path, transparency=(1, 2, 3))
    else:
        rgb[clear] = MAGENTA if convention == "magenta" else GROUND
        Image.fromarray(rgb).save(path)
    return path


def _draw_floor(picture: np.ndarray, random: np.random.Generator) -> None:
    rows, columns = random.integers(SIZE, size=(2, 12))
    picture[rows, columns, :3] = INK


def _draw_wall(picture: np.ndarray, random: np.random.Generator) -> None:
    picture[3::4, :, :3] = INK
    offset = int(random.integers(8))
    for course in range(4):
        joint = (offset + 4 * (course % 2)) % 8
        picture[4 * course : 4 * course + 3, [joint, joint + 8], :3] = INK
    rows, columns = random.integers(SIZE, size=(2, 4))
    picture[rows, columns, :3] = INK


def _draw_water(picture: np.ndarray, random: np.random.Generator) -> None:
    for row in range(1, SIZE, 4):
        start, length = random.integers(SIZE), random.integers(4, 9)
        picture[row, (start + np.arange(length)) % SIZE, :3] = (222, 238, 214)


_DRAW_TILE = {"floor": _draw_floor, "wall": _draw_wall, "water": _draw_water}


def _draw_sprite(
    picture: np.ndarray, kind: str, shade: tuple[int, int, int], random: np.random.Generator
) -> None:
    y, x = np.mgrid[:SIZE, :SIZE]
    if kind == "slime":
        height = int(random.integers(5, 9))
        body = (y >= 14 - height) & (y < 14) & (abs(2 * x - 15) < 10 + 2 * ((y - 14 + height) // 2))
    elif kind == "potion":
        belly = int(random.integers(16, 27))
        body = ((y - 10) ** 2 + (x - 8) ** 2 < belly) | ((abs(x - 8) < 2) & (y > 2) & (y < 10))
    else:
        width = int(random.integers(3, 6))
        head = (y - 4) ** 2 + (x - 8) ** 2 < 11
        legs = (abs(abs(x - 8) - 2) < 2) & (y > 10) & (y < 15)
        body = head | ((abs(x - 8) < width) & (y > 6) & (y < 12)) | legs
    picture[body] = (*shade, 255)
    outline = body & ~(
        np.roll(body, 1, 0) & np.roll(body, -1, 0) & np.roll(body, 1, 1) & np.roll(body, -1, 1)
    )
    picture[outline, :3] = INK
    inside = np.argwhere(body & ~outline)
    for row, column in inside[random.integers(len(inside), size=3)]:
        picture[row, column, :3] = (222, 238, 214)
