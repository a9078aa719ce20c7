"""What commands read and write: pictures of a pack's size, and sheets of tiles."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tilewright.arrays import BoolArray, Uint8Array
from tilewright.cli.options import file_to_write
from tilewright.errors import DataError, UsageError
from tilewright.generator import Pack
from tilewright.given_pictures import to_indices
from tilewright.hardware import check_hardware, to_hardware
from tilewright.names import free_name, plain_name
from tilewright.pictures import UnreadableError, read_picture
from tilewright.sheet import check_sheet, make_sheet, save_png


@dataclass(frozen=True)
class Sheet:
    """How a command arranges tiles, and the old machine that shows them. Raises UsageError for what is impossible."""

    verb: str
    columns: int
    scale: int
    spacing: int
    hardware: str | None

    def __post_init__(self) -> None:
        for name, value, least in (
            ("columns", self.columns, 1),
            ("scale", self.scale, 1),
            ("spacing", self.spacing, 0),
        ):
            if not least <= value <= 4096:
                raise UsageError(f"{self.verb}: --{name} must be in {least}..4096, not {value}")
        if self.hardware is not None:
            check_hardware(self.hardware, self.verb)

    def check(self, count: int, shape: tuple[int, int]) -> None:
        """Raise UsageError if `count` tiles of (height, width) pixels are too many for one picture."""
        check_sheet(count, shape, self.columns, self.spacing, self.scale)

    def save(self, tiles: Uint8Array, output: Path) -> None:
        """Write RGBA tiles uint8 (N, H, W, 4) as a PNG."""
        if self.hardware is not None:
            tiles = to_hardware(tiles, self.hardware)
        columns = max(1, min(self.columns, len(tiles)))  # a single tile is a picture of its size
        save_png(make_sheet(tiles, columns, spacing=self.spacing, scale=self.scale), output)


def output_of(pack: Pack, seed: int, output: Path | None) -> Path:
    """Return `output`, or a new name with the pack's and the seed. Raises UsageError if it is a folder."""
    return file_to_write(output or free_name(Path(f"{plain_name(Path(pack.name))}-{seed}.png")))


def read_tile(
    pack: Pack, path: Path, number: int, verb: str, size: tuple[int, int] | None = None
) -> Uint8Array:
    """Read tile `number` of a sheet without spacing, RGBA uint8 (H, W, 4). size: H and W; by default, those of the
    pack's pictures. Raises DataError for any other file, and UsageError for other sizes and numbers.
    """
    if pack.alphabet:
        raise UsageError(f"{verb}: {pack.name} generates tokens, not pictures: call pack.{verb}()")
    height, width = size or pack.shape
    what = f"the {width}x{height} that {pack.name} generates"
    if size is not None:
        what = f"frames of {width}x{height}, which {pack.name} animates"
    tiles = read_tiles(path, (height, width), what, verb)
    if not 0 <= number < len(tiles):
        raise UsageError(f"{verb}: --tile must be in 0..{len(tiles) - 1} for {path}, not {number}")
    tile: Uint8Array = tiles[number]
    return tile


def read_tiles(path: Path, size: tuple[int, int], what: str, verb: str) -> Uint8Array:
    """Read all tiles of `size` (H, W) of a sheet without spacing, RGBA uint8 (N, H, W, 4). Raises DataError for any
    other file, and UsageError for another size; `what` says in it what the tiles should be.
    """
    try:
        picture = read_picture(path)
    except UnreadableError as error:
        raise DataError(f"{verb}: {path}: {error}") from error
    height, width = size
    rows, columns = picture.shape[0] // height, picture.shape[1] // width
    if picture.shape[:2] != (rows * height, columns * width) or rows * columns == 0:
        found = f"{picture.shape[1]}x{picture.shape[0]}"
        raise UsageError(f"{verb}: {path} has {found} pixels, which is no sheet of {what}")
    tiles: Uint8Array = picture.reshape(rows, height, columns, width, 4).swapaxes(1, 2)
    return tiles.reshape(rows * columns, height, width, 4)


def read_tiles_of_kinds(texts: list[str], pack: Pack, verb: str) -> dict[str, Uint8Array]:
    """Read the pictures of KIND=PICTURE texts: for each kind, RGBA uint8 (N, cell, cell, 4)."""
    found: dict[str, Uint8Array] = {}
    for text in texts:
        kind, equals, path = text.partition("=")
        if not (kind and equals and path) or kind in found:
            raise UsageError(f"{verb}: --tile must be KIND=PICTURE, each kind once, not {text!r:.100}")
        size = (pack.cell, pack.cell)
        cut = read_tiles(Path(path), size, f"tiles of {pack.cell}x{pack.cell} for {kind}", verb)
        found[kind] = cut[cut[..., 3].any(axis=(1, 2))]  # sheets may have empty places
        if not len(found[kind]):
            raise UsageError(f"{verb}: {path} is empty: {kind} needs a tile")
    return found


def read_mask(pack: Pack, path: Path, verb: str) -> BoolArray:
    """Read a mask of the pack's size, bool (H, W): True where a pixel is opaque and brighter than half grey."""
    rgba = read_tile(pack, path, 0, verb)
    mask: BoolArray = (rgba[..., 3] >= 128) & (rgba[..., :3].astype(np.int64).sum(axis=-1) >= 3 * 128)
    return mask


def tell_distance(pack: Pack, path: Path, distance: float) -> None:
    """Print how far the colours of a file were moved to those of the pack, if they were."""
    if distance > 0:
        print(f"{path}: colours become the nearest of {pack.name}, at most {distance:.0f} of 441 away")


def given_indices(
    pack: Pack, path: Path, number: int, verb: str, size: tuple[int, int] | None = None
) -> Uint8Array:
    """Read a tile of a sheet as palette entries uint8 (H, W), and print how far colours were moved. size: as in
    `read_tile`.
    """
    indices, distance = to_indices(pack.file, read_tile(pack, path, number, verb, size), verb, size)
    tell_distance(pack, path, distance)
    first: Uint8Array = indices[0]
    return first
