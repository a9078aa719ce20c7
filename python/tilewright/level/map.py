"""`Map`: layers of tiles over a tileset, with objects. Levels produce maps, and every exporter writes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tilewright.arrays import AnyArray, BoolArray, Int16Array, Int32Array, Uint8Array
from tilewright.errors import UsageError
from tilewright.seeds import check_seed
from tilewright.sheet import check_sheet
from tilewright.surfaces import indexed_surfaces, rgba_surfaces
from tilewright.tileset.animation import change_times
from tilewright.tileset.tileset import NO_TERRAIN, Tileset, check_line, checked_facts, frozen

if TYPE_CHECKING:
    from tilewright.surfaces import Surface

EMPTY = -1
MAX_CELLS = 1 << 22  # of one layer
MAX_LAYERS = 64
MAX_OBJECTS = 1 << 16
MAX_OFFSET = 1 << 15  # pixels
_CLEAR = np.zeros(4, np.uint8)


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer of tiles. tiles: int32 (H, W), tiles of the map's tileset, or -1 for none; read-only.

    offset: pixels (x, y) by which the layer is moved right and down. Dual-grid sets are drawn half a tile up and left.
    """

    name: str
    tiles: Int32Array
    offset: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        """Raise UsageError for a field out of range."""
        check_line(self.name, "Layer: name")
        object.__setattr__(self, "tiles", frozen(self.tiles, "Layer: tiles", np.int32))
        if self.tiles.ndim != 2 or not 1 <= self.tiles.size <= MAX_CELLS:
            raise UsageError(
                f"Layer: tiles must be (H, W) with 1 to {MAX_CELLS} cells, not {self.tiles.shape}"
            )
        if len(self.offset) != 2 or not all(abs(pixels) <= MAX_OFFSET for pixels in self.offset):
            raise UsageError(f"Layer: offset must be two numbers up to {MAX_OFFSET}, not {self.offset!r:.60}")


@dataclass(frozen=True)
class MapObject:
    """A named place of a map. kind: what it is, such as "start". x, y, width, height: pixels, from the top left."""

    name: str
    kind: str
    x: int
    y: int
    width: int = 0
    height: int = 0

    def __post_init__(self) -> None:
        """Raise UsageError for a field out of range."""
        check_line(self.name, "MapObject: name")
        check_line(self.kind, "MapObject: kind")
        numbers = (self.x, self.y, self.width, self.height)
        if not all(isinstance(v, int) and abs(v) < 1 << 24 for v in numbers) or min(numbers[2:]) < 0:
            raise UsageError(f"MapObject: {self.name}: numbers must be pixels below 2**24, not {numbers}")


@dataclass(frozen=True, eq=False)
class Map:
    """Height x width cells, drawn as layers of tiles. All arrays are read-only.

    name: a printable line. tileset: serves all layers. layers: 1 to 64 of them, the lowest first, all of one shape.
    objects: places, in any order. terrain: the logical map, int16, numbers of the tileset's terrains or -1: (H, W), the
    terrain of each cell, or (H + 1, W + 1), the terrain of each corner, for corner sets; None if it is unknown. seed:
    of the generator, if a generator made it. provenance: texts by key, as in `Tileset`.

    Raises UsageError for values out of range.
    """

    name: str
    tileset: Tileset
    layers: tuple[Layer, ...]
    objects: tuple[MapObject, ...] = ()
    terrain: Int16Array | None = None
    seed: int | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check all fields, and copy what a caller could change."""
        check_line(self.name, "Map: name")
        self._set(layers=tuple(self.layers), objects=tuple(self.objects))
        self._set(provenance=checked_facts(self.provenance, "Map: provenance"))
        if not 1 <= len(self.layers) <= MAX_LAYERS or len(self.objects) > MAX_OBJECTS:
            raise UsageError(f"Map: there must be 1 to {MAX_LAYERS} layers and at most {MAX_OBJECTS} objects")
        for layer in self.layers:
            if layer.tiles.shape != self.shape:
                raise UsageError(f"Map: layers differ in shape: {self.shape} and {layer.tiles.shape}")
            if layer.tiles.min() < EMPTY or layer.tiles.max() >= len(self.tileset):
                raise UsageError(
                    f"Map: tiles of layer {layer.name!r} must be -1..{len(self.tileset) - 1}, the tileset's"
                )
        if self.seed is not None:
            self._set(seed=check_seed(self.seed, "Map"))
        if self.terrain is not None:
            self._set(terrain=frozen(self.terrain, "Map: terrain", np.int16))
            self._check_terrain(self.terrain)

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        """A short description, without arrays."""
        height, width = self.shape
        return f"<Map {self.name!r}: {width}x{height} cells, {len(self.layers)} layers, {self.tileset!r}>"

    def _check_terrain(self, terrain: Int16Array) -> None:
        height, width = self.shape
        if terrain.shape not in ((height, width), (height + 1, width + 1)):
            raise UsageError(
                f"Map: terrain must be {self.shape}, one of each cell, or {(height + 1, width + 1)}, one of each "
                f"corner, not {terrain.shape}"
            )
        if terrain.min() < NO_TERRAIN or terrain.max() >= len(self.tileset.terrains):
            raise UsageError(
                f"Map: terrain must be -1..{len(self.tileset.terrains) - 1}, the tileset's terrains"
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in cells."""
        height, width = self.layers[0].tiles.shape
        return height, width

    @property
    def facts(self) -> dict[str, str]:
        """What exported files say about the map: the provenance and the seed."""
        return dict(self.provenance) | ({} if self.seed is None else {"seed": str(self.seed)})

    @property
    def solid(self) -> BoolArray:
        """Whether a tile of any layer blocks walkers: bool (H, W)."""
        blocks = np.append(self.tileset.solid, False)  # tile -1, none, is the last
        return np.asarray(np.any([blocks[layer.tiles] for layer in self.layers], axis=0))

    def times(self) -> tuple[tuple[int, ...], int]:
        """The times in milliseconds at which the picture changes, from 0, and when all of it repeats.

        A map without animated tiles has the times (0,) and repeats after 0. Raises UsageError for a map with more
        than 1,024 different pictures.
        """
        used = np.zeros(len(self.tileset) + 1, np.bool_)
        for layer in self.layers:
            used[layer.tiles] = True
        return change_times([one for one in self.tileset.animations if used[one.tile]])

    def picture(self, at: int = 0) -> Uint8Array:
        """Draw the map at a time: uint8 (H * h, W * w, 4), RGBA, for tiles of h x w pixels.

        at: milliseconds since the start of all animations. Later layers cover earlier ones, and transparent pixels
        show what is below. Raises UsageError for a time that is no integer, and for more than 2**28 pixels.
        """
        rgba = self.tileset.rgba
        # A pixel is copied as one number.
        pixels = np.ascontiguousarray(rgba).view(np.uint32)[..., 0]
        canvas = self._assemble(pixels, rgba[..., 3] > 0, _CLEAR.view(np.uint32)[0], at, "picture")
        return canvas[..., None].view(np.uint8)

    def indexed(self, at: int = 0) -> tuple[Uint8Array, Uint8Array]:
        """Draw the map in palette entries: uint8 (H * h, W * w), and the palette uint8 (K, 4).

        The palette is that of the tileset; if it has no transparent colour and the map has empty cells, one is
        added at its end. Raises UsageError as `picture` does, for a tileset without a palette, and for one of 256
        opaque colours on a map with empty cells.
        """
        palette = self.tileset.palette
        if palette is None:
            raise UsageError("Map.indexed(): the tileset has no palette: Map.picture() draws it in RGBA")
        clear = np.flatnonzero(palette[:, 3] == 0)
        if not len(clear) and self._has_holes():
            if len(palette) == 256:
                raise UsageError("Map.indexed(): the map has empty cells, and all 256 colours are opaque")
            palette = np.concatenate([palette, _CLEAR[None]])
            clear = np.array([len(palette) - 1])
        ground = np.uint8(clear[0] if len(clear) else 0)
        drawn = palette[self.tileset.pictures, 3] > 0
        return self._assemble(self.tileset.pictures, drawn, ground, at, "indexed"), palette

    def surface(self, at: int = 0) -> "Surface":
        """Draw the map as a pygame surface, which needs no display.

        It has 8 bits and a palette if the tileset has one, else 32 bits with alpha. Raises UsageError as `picture`
        does, and MachineError without the module pygame.
        """
        if self.tileset.palette is None:
            return rgba_surfaces(self.picture(at)[None])[0]
        entries, palette = self.indexed(at)
        return indexed_surfaces(entries[None], palette)[0]

    def save(self, path: str | Path) -> tuple[Path, ...]:
        """Write the map in the format that the file name says, and return all files written.

        docs/formats.md lists the formats. Raises UsageError for an unknown suffix, MachineError if a file cannot
        be written.
        """
        from tilewright.formats import save

        return save(self, path, "Map.save()")

    def _has_holes(self) -> bool:
        """Whether no layer covers every cell with a tile. Layers that are moved leave pixels free."""
        return all(layer.offset != (0, 0) or (layer.tiles == EMPTY).any() for layer in self.layers)

    def _assemble(
        self, pictures: AnyArray, drawn: BoolArray, ground: np.integer, at: int, method: str
    ) -> AnyArray:
        """Draw pictures (N, h, w) for all layers. drawn: bool (N, h, w), the pixels that cover others."""
        if isinstance(at, bool) or not isinstance(at, (int, np.integer)):
            raise UsageError(f"Map.{method}(): at must be an integer in milliseconds, not {at!r:.60}")
        (rows, columns), (height, width) = self.shape, self.tileset.shape
        check_sheet(rows * columns, (height, width), columns, spacing=0, scale=1)
        shown = self.tileset.shown(int(at))
        canvas = np.empty((rows * height, columns * width), pictures.dtype)
        full: BoolArray = np.asarray(drawn.all(axis=(1, 2)))
        visible: BoolArray = np.asarray(drawn.any(axis=(1, 2)))
        for number, layer in enumerate(self.layers):
            here = layer.tiles != EMPTY
            tiles = shown[np.where(here, layer.tiles, 0)]
            whole = layer.offset == (0, 0) and bool((full[tiles] & here).all())
            if number == 0 and not whole:
                canvas[:] = ground
            if not (visible[tiles] & here).any():
                continue
            if whole:  # nothing shows through: draw all cells at once
                cells = canvas.reshape(rows, height, columns, width).swapaxes(1, 2)
                cells[:] = pictures[tiles]
                continue
            for row in range(rows):  # a row at a time bounds the memory
                covers = drawn[tiles[row]] & here[row][:, None, None]
                _put(canvas, pictures[tiles[row]], covers, layer.offset[0], layer.offset[1] + row * height)
        return canvas


def _put(canvas: AnyArray, tiles: AnyArray, covers: BoolArray, left: int, top: int) -> None:
    """Draw a row of tiles (W, h, w) at a pixel of the canvas, and cut off what is outside."""
    count, height, width = covers.shape
    strip = tiles.swapaxes(0, 1).reshape(height, count * width)
    mask = covers.swapaxes(0, 1).reshape(height, count * width)
    rows = slice(max(0, top), max(0, min(canvas.shape[0], top + height)))
    columns = slice(max(0, left), max(0, min(canvas.shape[1], left + count * width)))
    inside = slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
    if rows.start < rows.stop and columns.start < columns.stop:
        np.copyto(canvas[rows, columns], strip[inside], where=mask[inside])
