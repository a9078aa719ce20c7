"""Turn a picture into tiles: decode, remove the ground, cut, fit, and drop blank and duplicate tiles."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tilewright.errors import DataError
from tilewright.palette import remap
from tilewright.pictures import Budget, UnreadableError

from ..size import Size, as_size, short_text, size_text
from .figures import find_atlas
from .files import Picture
from .frames import Frame, boxes_of_cells, corners_of, cut_frames, stated_beside
from .grid import Margin, cut
from .layouts import even_grid, find_grid
from .recipe import Rule
from .report import Report
from .stated import MAGENTA_KEY, Opened, open_picture
from .tiles import Pixels, Tiles
from .transparency import MAGENTA, clear_colour, ground_colour, is_opaque, rim_colour, without_ground

MAX_TILES = 500_000
PREVIEW_SHARE = (
    0.25  # this share of a preview's cells equals tiles of the sheets that it shows; the rest is covered
)


@dataclass(frozen=True)
class Settings:
    """Defaults for pictures whose rule does not say otherwise. Lengths in pixels; None means detect."""

    size: Size
    margin: Margin | None = None
    spacing: int | None = None
    transparent: bool | None = None
    palette: tuple[tuple[int, int, int], ...] = ()
    keep_shadows: bool = False


class ArtReader:
    """Collects distinct tiles in reading order. The first of equal tiles is kept."""

    def __init__(self, settings: Settings, pixels: Pixels, most: int | None = None) -> None:
        """most: the number of tiles above which reading fails; None means `MAX_TILES`."""
        self.settings = settings
        self.report = Report()
        self.tiles = Tiles(pixels)
        self.originals = 0  # number of tiles that were read before pictures that may be copies
        self.most = MAX_TILES if most is None else most

    def read(
        self, picture: Picture, rules: tuple[Rule, ...], budget: Budget, last: bool = True
    ) -> int | None:
        """Read one picture and return the number of new tiles. The first rule decides how it is cut.

        A picture that cannot be used is noted in the report and raises nothing. Pictures that may be copies
        of others are read only with `last`, after all others. Without it, they return None.
        """
        try:
            return self._read(picture, rules, budget, last)
        except UnreadableError as reason:
            self.report.skipped.append((picture.relative, str(reason)))
            return 0

    def _read(self, picture: Picture, rules: tuple[Rule, ...], budget: Budget, last: bool) -> int | None:
        size = self.settings.size
        animation = picture.path.suffix.lower() == ".gif"
        if animation and not last:
            return None
        transparent = rules[0].transparent if rules[0].transparent is not None else self.settings.transparent
        spent = last and not animation  # deferred by the first pass, so it was counted already
        keep = self.settings.keep_shadows
        opened = open_picture(picture.path, None if spent else budget, size, transparent is not False, keep)
        pixels = opened.pixels
        single = pixels.shape[:2] == size
        if not single and picture.looks_like_preview():
            self.report.previews.append(picture.relative)
            return 0
        if opened.enlarged > 1:
            if not last:
                return None
            self.report.enlarged[picture.relative] = opened.enlarged
        self.report.shadow_pixels += opened.shadows
        self.report.half_transparent_pixels += opened.half_transparent
        if opened.convention == MAGENTA_KEY:
            self.report.keyed[picture.relative] = MAGENTA
        cells, columns = self._cells(picture, rules[0], opened, transparent)
        # Decided from the cells: sprites on an opaque ground can have transparent gutters.
        if transparent and is_opaque(cells):
            ground = ground_colour(cells)
            if ground is not None:
                clear_colour(cells, ground)
                self.report.keyed[picture.relative] = ground
        cells = _pad(cells, size)
        of_cell = [
            next((rule for rule in rules if rule.covers(*divmod(i, columns))), None)
            for i in range(len(cells))
        ]
        cells = self._in_colours(cells, of_cell)
        if (animation or opened.enlarged > 1) and self._shows_others(cells):
            self.report.previews.append(picture.relative)
            return 0
        self.report.files += 1
        before = len(self.tiles)
        for i, (cell, rule) in enumerate(zip(cells, of_cell, strict=True)):
            if rule is None or rule.skip:
                self.report.unclaimed_cells += 1
            elif self._wanted(cell, single, transparent):
                self._keep(cell, rule.kind, picture.relative, i, columns if len(cells) > 1 else 0)
        return len(self.tiles) - before

    def _in_colours(self, cells: np.ndarray, rules: list[Rule | None]) -> np.ndarray:
        """Return the cells (N, H, W, 4) in the colours of the rule of each, or else in those of the recipe."""
        palettes = [(rule.palette if rule else ()) or self.settings.palette for rule in rules]
        if not any(palettes):
            return cells
        made = cells.copy()
        for palette in set(palettes) - {()}:
            some = [i for i, other in enumerate(palettes) if other == palette]
            made[some] = remap(cells[some], np.array([[*colour, 255] for colour in palette], np.uint8))
        return made

    def _cells(
        self, picture: Picture, rule: Rule, opened: Opened, transparent: bool | None
    ) -> tuple[np.ndarray, int]:
        """Return the cells (N, h, w, 4) of a picture and the number of cells per row."""
        pixels, size = opened.pixels, self.settings.size
        height, width = pixels.shape[:2]
        tile = size if rule.tile is None else rule.tile
        self._check_fits(tile, "its cells of")
        if height <= tile[0] and width <= tile[1]:
            return pixels[None], 1
        margin = self.settings.margin if rule.margin is None else rule.margin
        spacing = self.settings.spacing if rule.spacing is None else rule.spacing
        untold = all(one is None for one in (margin, spacing, rule.tile, rule.rows, rule.columns))
        if untold and opened.enlarged == 1:
            stated = stated_beside(picture, width, height)
            frames = stated.frames
            if stated.cells is not None and stated.cells.is_square:
                tile = as_size(stated.cells.width)
                margin, spacing = stated.cells.margin, stated.cells.spacing
                self._check_fits(tile, "its tileset states cells of")
            elif stated.cells is not None:
                frames = boxes_of_cells(stated.cells, width, height)
            if frames:
                return self._sprites(pixels, frames, picture.relative, transparent), 1
            if stated.doubt:
                self.report.doubt(picture.relative, stated.doubt)
        if (rule.rows or rule.columns) and not margin and not spacing:
            # A tileset that counts its columns implies the grid; a partial last row is not part of it.
            pixels = pixels[: height - height % tile[0], : width - width % tile[1]]
        if tile[0] == tile[1]:
            found = find_grid(pixels, tile[0], margin, spacing)
        else:
            found = even_grid(pixels, tile, margin, spacing)
        figures = without_ground(pixels) if transparent else pixels
        atlas = find_atlas(figures, size[0], found.grid) if untold and size[0] == size[1] else None
        if atlas is not None and atlas.is_plain:
            self.report.figures[picture.relative] = len(atlas.figures)
            return self._sprites(pixels, atlas.figures, picture.relative, transparent), 1
        if atlas is not None:
            found = atlas.doubted(found)
        if found.grid is None:
            raise UnreadableError(found.doubt)
        self.report.grids[picture.relative] = found.grid
        if found.doubt:
            self.report.doubt(picture.relative, found.doubt)
        return cut(pixels, found.grid), found.grid.columns

    def _check_fits(self, tile: Size, what: str) -> None:
        size = self.settings.size
        if tile[0] > size[0] or tile[1] > size[1]:
            raise UnreadableError(f"{what} {short_text(tile)} pixels, larger than {short_text(size)}")

    def _sprites(
        self, pixels: np.ndarray, frames: tuple[Frame, ...], relative: str, transparent: bool | None
    ) -> np.ndarray:
        """Return the sprites that fit, each centred on a transparent cell: (N, h, w, 4)."""
        size = self.settings.size
        small = [f for f in frames if f.height <= size[0] and f.width <= size[1]]
        left_out = (
            f"{len(frames) - len(small)} of its {len(frames)} sprites are larger than {short_text(size)}"
        )
        if not small:
            raise UnreadableError(left_out)
        if len(small) < len(frames):
            self.report.doubt(relative, f"{left_out}: skipped")
        if is_opaque(pixels) and any((f.height, f.width) != size for f in small):
            ground = ground_colour(corners_of(pixels, frames)) or rim_colour(pixels) if transparent else None
            if ground is None:
                raise UnreadableError(
                    f"sprites on an opaque ground, smaller than {size_text(size)}; try --transparent"
                )
            pixels = pixels.copy()
            clear_colour(pixels, ground)
            self.report.keyed[relative] = ground
        return cut_frames(pixels, tuple(small), size)

    def _shows_others(self, cells: np.ndarray) -> bool:
        """Whether the cells include tiles of pictures that are neither animated nor enlarged, as previews do."""
        drawn = [cell for cell in cells if (cell != cell[0, 0]).any()]
        known = sum(self.tiles.is_known(cell, self.originals) for cell in drawn)
        return len(drawn) > 1 and known >= PREVIEW_SHARE * len(drawn)

    def _wanted(self, cell: np.ndarray, single: bool, transparent: bool | None) -> bool:
        one_colour = bool((cell == cell[0, 0]).all())
        # A file of one colour may be meant as a tile, such as sky. A sheet cell of one colour is unused.
        if one_colour and (not single or cell[0, 0, 3] == 0):
            self.report.blanks += 1
        elif transparent is False and not is_opaque(cell):
            self.report.see_through += 1
        else:
            return True
        return False

    def _keep(self, cell: np.ndarray, kind: str, relative: str, number: int, columns: int) -> None:
        if not self.tiles.add(cell, kind, relative, self.report.files, number, columns):
            self.report.duplicates += 1
        elif len(self.tiles) > self.most:
            raise DataError(f"read_art(): more than {self.most} tiles; name fewer folders")


def _pad(cells: np.ndarray, size: Size) -> np.ndarray:
    """Centre smaller cells on a transparent ground. Opaque tiles cannot be padded."""
    height, width = cells.shape[1:3]
    if (height, width) == size:
        return cells
    if is_opaque(cells):
        raise UnreadableError(f"{width}x{height} opaque pixels are smaller than {size_text(size)}")
    padded = np.zeros((len(cells), *size, 4), dtype=np.uint8)
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    padded[:, top : top + height, left : left + width] = cells
    return padded


def folder_of_kind(picture: Picture, root: Path, with_pictures: set[str]) -> str:
    """Return the folder name that gives the kind: the first one below `root` that holds pictures, or `root`."""
    parts = picture.folder.split("/") if picture.folder else []
    prefixes = ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
    holder = next((prefix for prefix in prefixes if prefix in with_pictures), root.name)
    return holder.rpartition("/")[2]
