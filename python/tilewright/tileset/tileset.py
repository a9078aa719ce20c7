"""`Tileset`: the tiles of a map, and what editors and engines need to know about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tilewright.arrays import AnyArray, BoolArray, Float64Array, Int16Array, Int32Array, Uint8Array
from tilewright.checks import check_truth
from tilewright.errors import UsageError
from tilewright.files import MAX_LINE, is_printable_line
from tilewright.lazy import lazy
from tilewright.surfaces import indexed_surfaces, rgba_surfaces
from tilewright.tileset.animation import Animation

if TYPE_CHECKING:
    from tilewright.surfaces import Surface

POSITIONS = (
    *("top", "top_right", "right", "bottom_right"),
    *("bottom", "bottom_left", "left", "top_left"),
)
"""The positions of a terrain code, clockwise from the top: edges and corners in turn."""
EDGES, CORNERS = slice(0, 8, 2), slice(1, 8, 2)
NO_TERRAIN = -1

MAX_TILES = 1 << 16
MAX_EDGE = 1024  # pixels
MAX_PIXELS = 1 << 26  # of all tiles
MAX_TERRAINS = 254  # Tiled stores a colour of a Wang set in a byte
MAX_FACTS = 64

_DEFAULT: Any = None  # __post_init__ makes an array of it, so that the fields are never None


@dataclass(frozen=True)
class Terrain:
    """A material of a tileset. colour: RGB 0 .. 255, with which editors mark it.

    behind_walls: whether it fills the rock behind the walls of its tileset, which are then drawn one cell thick
    (docs/tilesets.md).
    """

    name: str
    colour: tuple[int, int, int] = (128, 128, 128)
    behind_walls: bool = False

    def __post_init__(self) -> None:
        """Raise UsageError for a name that is no printable line, or values that are no colour or not bool."""
        check_line(self.name, "Terrain: name")
        if len(self.colour) != 3 or not all(isinstance(v, int) and 0 <= v <= 255 for v in self.colour):
            raise UsageError(f"Terrain: colour must be three integers in 0..255, not {self.colour!r:.60}")
        check_truth(self.behind_walls, "behind_walls", "Terrain")


@dataclass(frozen=True, eq=False)
class Tileset:
    """N tiles of one size. All arrays are read-only.

    name: a printable line, which names files and resources. pictures: uint8 (N, H, W), palette entries, or uint8 (N, H,
    W, 4), RGBA with alpha 0 or 255. palette: uint8 (K, 4), alpha 0 or 255, K in 1..256, if the pictures are entries.

    terrains: the materials, at most 254. codes: int16 (N, 8), the terrain at each of `POSITIONS` of a tile: at its
    corners, its edges or both; -1 for none. Tiles of a corner set have terrains at corners only. centres: int16 (N,),
    the terrain of the tile itself, or -1.

    probabilities: float64 (N,), relative frequencies among tiles with equal codes, 0 or more. solid: bool (N,),
    whether a tile blocks walkers. animations: at most one per tile. provenance: texts by key that say how the tiles
    were made, which every exported file repeats where its format has a place.

    Arrays that are not given hold no terrain, probability 1, and not solid. Raises UsageError for values out of range.
    """

    name: str
    pictures: Uint8Array
    palette: Uint8Array | None = None
    terrains: tuple[Terrain, ...] = ()
    codes: Int16Array = _DEFAULT
    centres: Int16Array = _DEFAULT
    probabilities: Float64Array = _DEFAULT
    solid: BoolArray = _DEFAULT
    animations: tuple[Animation, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check all fields, and copy what a caller could change."""
        check_line(self.name, "Tileset: name")
        self._set(pictures=frozen(self.pictures, "Tileset: pictures", np.uint8))
        if self.palette is not None:
            self._set(palette=frozen(self.palette, "Tileset: palette", np.uint8))
        _check_pictures(self.pictures, self.palette)
        count = len(self.pictures)
        for name, dtype, shape, default in (
            ("codes", np.int16, (count, 8), NO_TERRAIN),
            ("centres", np.int16, (count,), NO_TERRAIN),
            ("probabilities", np.float64, (count,), 1),
            ("solid", np.bool_, (count,), False),
        ):
            value = getattr(self, name)
            array = np.full(shape, default, dtype) if value is None else value
            self._set(**{name: frozen(array, f"Tileset: {name}", dtype, shape)})
        self._set(terrains=tuple(self.terrains), animations=tuple(self.animations))
        self._set(provenance=checked_facts(self.provenance, "Tileset: provenance"))
        self._check_terrains()
        if not (np.isfinite(self.probabilities) & (self.probabilities >= 0)).all():
            raise UsageError("Tileset: probabilities must be finite, 0 or more")
        animated = [animation.tile for animation in self.animations]
        used = [*animated, *(tile for animation in self.animations for tile in animation.frames)]
        if len(set(animated)) < len(animated) or not all(0 <= tile < count for tile in used):
            raise UsageError(
                f"Tileset: animations must name tiles 0..{count - 1}, each as an animated tile at most once"
            )

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _check_terrains(self) -> None:
        names = [terrain.name for terrain in self.terrains]
        if len(names) > MAX_TERRAINS or len(set(names)) < len(names):
            raise UsageError(f"Tileset: terrains must be at most {MAX_TERRAINS}, with different names")
        for name in ("codes", "centres"):
            values: Int16Array = getattr(self, name)
            if values.min() < NO_TERRAIN or values.max() >= len(names):
                raise UsageError(f"Tileset: {name} must be -1..{len(names) - 1}, the terrains' numbers")

    def __len__(self) -> int:
        """The number of tiles."""
        return len(self.pictures)

    def __repr__(self) -> str:
        """A short description, without arrays."""
        height, width = self.shape
        return f"<Tileset {self.name!r}: {len(self)} tiles of {width}x{height}>"

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of a tile in pixels."""
        height, width = self.pictures.shape[1:3]
        return height, width

    @lazy
    def rgba(self) -> Uint8Array:
        """uint8 (N, H, W, 4), the colours; computed when it is first asked for."""
        if self.palette is None:
            return self.pictures
        colours = self.palette[self.pictures]
        colours.setflags(write=False)
        return colours

    def shown(self, at: int = 0) -> Int32Array:
        """The tile whose picture each tile shows `at` milliseconds after the start: int32 (N,)."""
        tiles = np.arange(len(self), dtype=np.int32)
        for animation in self.animations:
            tiles[animation.tile] = animation.frame(at)
        return tiles

    def surfaces(self) -> "list[Surface]":
        """Each tile as a pygame surface, which needs no display: 8 bits and a palette if the tileset has one.

        Raises MachineError without the module pygame.
        """
        if self.palette is None:
            return rgba_surfaces(self.pictures)
        return indexed_surfaces(self.pictures, self.palette)

    def save(self, path: str | Path) -> tuple[Path, ...]:
        """Write the tileset in the format that the file name says, and return all files written.

        docs/formats.md lists the formats. Raises UsageError for an unknown suffix, MachineError if a file cannot
        be written.
        """
        from tilewright.formats import save

        return save(self, path, "Tileset.save()")


def check_line(value: object, what: str) -> None:
    """Raise UsageError unless `value` is a printable line, not empty."""
    if not is_printable_line(value) or not value:
        raise UsageError(f"{what} must be 1 to {MAX_LINE} printable characters, not {value!r:.60}")


def checked_facts(facts: Mapping[str, str], what: str) -> dict[str, str]:
    """Return a copy of texts by key. Raises UsageError unless all are printable lines."""
    if not isinstance(facts, Mapping) or len(facts) > MAX_FACTS:
        raise UsageError(f"{what} must be a mapping of at most {MAX_FACTS} texts")
    for key, text in facts.items():
        check_line(key, f"{what}: a key")
        if not isinstance(text, str) or not text.isprintable():
            raise UsageError(f"{what}: {key} must be a printable text, not {text!r:.60}")
    return dict(facts)


def frozen(array: AnyArray, name: str, dtype: Any, shape: tuple[int, ...] | None = None) -> AnyArray:
    """Return a read-only copy of an array; the array itself if it cannot be written. UsageError if it does not fit."""
    fits = isinstance(array, np.ndarray) and array.dtype == dtype and shape in (None, array.shape)
    if not fits:
        wanted = f"{np.dtype(dtype)} {'' if shape is None else shape}".rstrip()
        raise UsageError(f"{name} must be an array {wanted}, not {_described(array)}")
    if array.flags.writeable or array.base is not None:
        array = array.copy()
        array.setflags(write=False)
    return array


def _described(value: object) -> str:
    return f"{value.dtype} {value.shape}" if isinstance(value, np.ndarray) else f"{value!r:.60}"


def _check_pictures(pictures: Uint8Array, palette: Uint8Array | None) -> None:
    rank = 4 if palette is None else 3
    if pictures.ndim != rank or (palette is None and pictures.shape[-1] != 4):
        wanted = (
            "(N, H, W, 4), as there is no palette" if palette is None else "(N, H, W), as there is a palette"
        )
        raise UsageError(f"Tileset: pictures must be uint8 {wanted}, not {pictures.shape}")
    count, height, width = pictures.shape[:3]
    if not (1 <= count <= MAX_TILES and 1 <= min(height, width) <= max(height, width) <= MAX_EDGE):
        raise UsageError(
            f"Tileset: there must be 1 to {MAX_TILES} tiles with edges of 1 to {MAX_EDGE} pixels, not {count} of "
            f"{width}x{height}"
        )
    if count * height * width > MAX_PIXELS:
        raise UsageError(f"Tileset: {count} tiles of {width}x{height} have more than {MAX_PIXELS} pixels")
    if palette is not None:
        if palette.ndim != 2 or palette.shape[1] != 4 or not 1 <= len(palette) <= 256:
            raise UsageError(f"Tileset: palette must be uint8 (K, 4), K in 1..256, not {palette.shape}")
        if pictures.max() >= len(palette):
            raise UsageError(f"Tileset: a picture has entry {pictures.max()} of a palette of {len(palette)}")
    alpha = pictures[..., 3] if palette is None else palette[:, 3]
    if not np.isin(alpha, (0, 255)).all():
        raise UsageError("Tileset: alpha must be 0 or 255")
