"""Read animation sheets as art: the frames of each character as one picture, with direction and frame of each cell."""

from dataclasses import replace
from math import gcd
from pathlib import Path

import numpy as np

from tilewright.arrays import Uint8Array
from tilewright.compiler.steps import MAX_DILATION
from tilewright.errors import DataError
from tilewright.frame_sheets import Copy, FrameSheet
from tilewright.pack import Source
from tilewright.pictures import UnreadableError, read_picture

from ..art.files import Picture, list_pictures
from ..art.path_words import path_words
from ..art.relatives import join, same_number
from ..art.sheet_recipe import SheetEntry, SheetRecipe, read_sheet_recipe
from ..art.sources import find_source
from ..art.transparency import without_ground
from ..size import Size
from .dataset import Dataset
from .pixels import words as packed
from .stored_set import digest_of
from .vocabulary import vocabulary

OPAQUE = 128  # lowest alpha of a pixel that is drawn
DILATIONS = (1, 2, 16, 4, 32, 1, 16, 2, 8, 1)
ALIKE = 0.96  # share of equal pixels from which two silhouettes are of one drawing
# Share of sheets in which a frame equals an earlier one, from which generated sheets repeat it too. In the art of
# villagers.toml, right mirrors left in 44 to 48 %; as frames of its own, a network drew it as a second left.
REPEATED = 0.4


def read_sheets(folder: Path, recipe: Path) -> Dataset:
    """Return a picture for each character of a recipe of sheets (docs/training.md).

    A picture has a row of cells for each direction and a column for each frame. Its kinds are the directions and
    numbers of frames of its cells, such as "down-1", in reading order. Mirrored characters are further pictures, whose
    directions are exchanged as the recipe says; so are, for an even number of frames, characters that begin with the
    other foot. Relatives are the pictures of one character, characters with nearly the same silhouettes, and those that
    have a picture in common, apart from the frames that are copies.

    Raises DataError for a recipe or a sheet that cannot be used, and if no picture matches.
    """
    read = read_sheet_recipe(recipe)
    if not folder.is_dir():
        raise DataError(f"read_sheets(): {folder} is not a folder")
    found, grids = [], []
    for picture in list_pictures(folder).pictures:
        for entry in read.entries:
            if entry.matches(picture.relative):
                cut = _cut(picture, entry, read)
                grids += cut
                found += [picture] * len(cut)
                break
    if not grids:
        raise DataError(f"read_sheets(): no picture in {folder} matches the files of {recipe.name}")
    images, first = _distinct(np.stack(grids))
    of = [found[i] for i in first]
    words = vocabulary(
        [path_words(picture.relative) for picture in of], images[:, : read.frame[0], : read.frame[1]]
    )
    variants = _variants(images, read)
    kinds = kinds_of(read)
    pictures = np.concatenate(variants)
    shape = len(read.directions), read.frames
    cell = gcd(*read.frame)
    cells = np.arange(len(kinds), dtype=np.uint8).reshape(shape)
    cells = cells.repeat(read.frame[0] // cell, axis=0).repeat(read.frame[1] // cell, axis=1)
    repeats = np.tile(np.arange(len(images)), len(variants))
    labels = np.zeros(len(pictures), np.int64)
    sheet = FrameSheet(*shape, _copies_of(pictures, *shape))
    drawn = replace(sheet, column=True).to_drawn(pictures)
    return Dataset(
        images=pictures,
        labels=labels,
        kinds=kinds,
        sources=_sources(of, folder),
        digest=digest_of(pictures, labels, kinds),
        groups=_with_equal(_relatives(images)[repeats], drawn),
        kind_maps=np.broadcast_to(cells, (len(pictures), *cells.shape)),
        cell=cell,
        sheet=sheet,
        vocabulary=words.take(repeats),
    )


def kinds_of(recipe: SheetRecipe) -> tuple[str, ...]:
    """Return the kinds of the cells of a grid, in reading order."""
    return tuple(f"{name}-{1 + frame}" for name in recipe.directions for frame in range(recipe.frames))


def usual_size(recipe: Path) -> Size:
    """Return the size of a sheet, (height, width)."""
    return read_sheet_recipe(recipe).size


def usual_frame(recipe: Path) -> Size:
    """Return the size of a frame, (height, width)."""
    return read_sheet_recipe(recipe).frame


def usual_dilations(size: Size) -> tuple[int, ...]:
    """Return dilations with which kernels read the same pixel of other frames, 16 and 32 pixels away, where they fit
    pictures of this size.
    """
    return tuple(dilation for dilation in DILATIONS if dilation <= min(size))


def usual_column_dilations(data: Dataset) -> tuple[int, ...]:
    """Return dilations for columns: kernels read the same pixel of the frame above, and of the same step in the
    direction before, where directions have as many frames and these are near enough.
    """
    above, own = data.frame[0], data.sheet.own
    directions = {number // data.sheet.columns for number in own}
    frames = len(own) // len(directions) if len(directions) > 1 else 1
    before = above * min(frames, MAX_DILATION // above)
    return 1, above, 2, before, 4, above, 1, before, 8, 2, above, 1


def as_columns(data: Dataset) -> Dataset:
    """Return the data set of columns of the frames of animation sheets. Equal columns, which are relatives,
    stay.
    """
    sheet = replace(data.sheet, column=True)
    images, maps = (sheet.to_drawn(np.asarray(part[:])) for part in (data.images, data.kind_maps))
    return replace(
        data, images=images, kind_maps=maps, digest=digest_of(images, data.labels, data.kinds), sheet=sheet
    )


def _copies_of(images: Uint8Array, rows: int, columns: int) -> tuple[Copy, ...]:
    """Return the frames of sheets (N, H, W, 4) that equal an earlier one, or its mirror image, in at least four in
    ten sheets. A copy of a copy is one of the first.
    """
    pixels = packed(images)
    count, height, width = pixels.shape
    frames = pixels.reshape(count, rows, height // rows, columns, width // columns).swapaxes(2, 3)
    frames = frames.reshape(count, rows * columns, *frames.shape[3:])
    found: dict[int, tuple[int, bool]] = {}
    for number in range(1, rows * columns):
        shares = {
            (source, mirrored): (frames[:, number] == frames[:, source, :, :: -1 if mirrored else 1])
            .all(axis=(1, 2))
            .mean()
            for source in range(number)
            for mirrored in (False, True)
        }
        source, mirrored = max(shares, key=lambda choice: shares[choice])
        if shares[source, mirrored] >= REPEATED:
            first, turned = found.get(source, (source, False))
            found[number] = first, mirrored != turned
    return tuple((number, *copy) for number, copy in found.items())


def describe(data: Dataset) -> str:
    """Return the line that a command prints about the art that it has read."""
    characters = len(np.unique(data.images[:], axis=0))
    return f"{characters} sheets of {len(np.unique(data.groups))} drawings: {', '.join(data.kinds)}"


def _cut(picture: Picture, entry: SheetEntry, recipe: SheetRecipe) -> list[Uint8Array]:
    """Return the characters of a picture, uint8 (H, W, 4) each."""
    sheet = _sheet(picture, entry)
    height, width = recipe.frame
    lines = [entry.directions.index(name) for name in recipe.directions]
    blocks = []
    for column, row in entry.at:
        grid = np.zeros((len(lines), height, recipe.frames, width, 4), np.uint8)
        for i, line in enumerate(lines):
            for j, place in enumerate(entry.order):
                x, y = (line, place) if entry.across else (place, line)
                top, left = (row + y) * height, (column + x) * width
                frame = sheet[top : top + height, left : left + width]
                if frame.shape[:2] != recipe.frame:
                    raise DataError(
                        f"read_sheets(): {picture.relative} has {sheet.shape[1]}x{sheet.shape[0]} pixels and no frame "
                        f"at column {column + x}, row {row + y}: correct the recipe, or add the picture to skip"
                    )
                grid[i, :, j] = frame
        grid[grid[..., 3] < OPAQUE] = 0
        grid[..., 3] = np.where(grid[..., 3] < OPAQUE, 0, 255)
        if grid[..., 3].any():
            blocks.append(grid.reshape(*recipe.size, 4))
    return blocks


def _sheet(picture: Picture, entry: SheetEntry) -> Uint8Array:
    """Return the picture of an entry, uint8 (H, W, 4): several as one, in which each line of frames continues."""
    parts = []
    for path in entry.parts(picture.path):
        try:
            parts.append(without_ground(read_picture(path)))
        except UnreadableError as error:
            raise DataError(f"read_sheets(): {path.name} beside {picture.relative}: {error}") from error
    if len({part.shape for part in parts}) > 1:
        raise DataError(
            f"read_sheets(): {picture.relative} and the pictures of its other frames have different sizes"
        )
    return np.concatenate(parts, axis=0 if entry.across else 1)


def _distinct(grids: Uint8Array) -> tuple[Uint8Array, list[int]]:
    """Return the first of equal grids, in order, and their numbers."""
    first: dict[bytes, int] = {}
    for number, grid in enumerate(grids):
        first.setdefault(grid.tobytes(), number)
    chosen = list(first.values())
    return grids[chosen], chosen


def _relatives(images: Uint8Array) -> np.ndarray:
    """Return group numbers int32 (N,): drawings whose silhouettes differ in few pixels belong together."""
    solid = (images[..., 3] > 0).reshape(len(images), -1)
    pairs = [
        (number, number + 1 + other)
        for number in range(len(solid))
        for other in np.flatnonzero((solid[number + 1 :] == solid[number]).mean(axis=1) >= ALIKE)
    ]
    return join(len(images), np.array(pairs, np.int64).reshape(-1, 2))


def _with_equal(groups: np.ndarray, pictures: Uint8Array) -> np.ndarray:
    """Return group numbers int32 (N,) in which equal pictures (N, H, W, 4) are of one group: a character may be the
    mirror image of another one, and differ from it only in frames that a column omits.
    """
    first: dict[bytes, int] = {}
    equal = [(first.setdefault(picture.tobytes(), number), number) for number, picture in enumerate(pictures)]
    return join(len(groups), same_number(groups + 1), np.array(equal))


def _variants(images: Uint8Array, recipe: SheetRecipe) -> list[Uint8Array]:
    """Return all pictures, then all mirrored ones, then both from the other foot."""
    height, width = recipe.frame
    count = len(images)
    frames = images.reshape(count, len(recipe.directions), height, recipe.frames, width, 4)
    other = list(range(len(recipe.directions)))
    for pair in recipe.mirrored:
        first, second = (recipe.directions.index(name) for name in pair)
        other[first], other[second] = second, first
    sets = [frames, frames[:, other, :, :, ::-1]]
    if recipe.frames % 2 == 0:
        sets += [np.roll(one, recipe.frames // 2, axis=3) for one in sets]
    return [one.reshape(images.shape) for one in sets]


def _sources(pictures: list[Picture], folder: Path) -> tuple[Source, ...]:
    return tuple(dict.fromkeys(find_source(picture.path.parent, folder) for picture in pictures))
