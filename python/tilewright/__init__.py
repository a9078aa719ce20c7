"""tilewright: 8-bit game art from small neural networks, the same bytes for a seed on every machine."""

from typing import TYPE_CHECKING, Any

from tilewright.batches import DeviceBatch, FrameBatch, TileBatch, TokenBatch
from tilewright.errors import DataError, MachineError, NotFoundError, PackError, TilewrightError, UsageError
from tilewright.generator import Pack, generate_tiles, load
from tilewright.hardware import hardware_names, to_hardware
from tilewright.level import (
    Layer,
    Level,
    Map,
    MapObject,
    TiledLevel,
    World,
    autotile,
    draw_level,
    level_styles,
    make_level,
    tile_level,
    tile_map,
)
from tilewright.pack import Source, packs
from tilewright.palette import load_palette, palette_names, repaint
from tilewright.tileset import (
    Animation,
    KindMatch,
    Sprite,
    Terrain,
    Tileset,
    choose_sprites,
    choose_tiles,
    make_tileset,
    match_kinds,
    parse_kinds,
)

if TYPE_CHECKING:
    from tilewright import lore, music, sound
    from tilewright.formats import load_map, load_tileset

__all__ = [
    "Animation",
    "DataError",
    "DeviceBatch",
    "FrameBatch",
    "KindMatch",
    "Layer",
    "Level",
    "MachineError",
    "Map",
    "MapObject",
    "NotFoundError",
    "Pack",
    "PackError",
    "Source",
    "Sprite",
    "Terrain",
    "TileBatch",
    "TiledLevel",
    "Tileset",
    "TilewrightError",
    "TokenBatch",
    "UsageError",
    "World",
    "autotile",
    "choose_sprites",
    "choose_tiles",
    "draw_level",
    "generate_tiles",
    "hardware_names",
    "level_styles",
    "load",
    "load_map",
    "load_palette",
    "load_tileset",
    "lore",
    "make_level",
    "make_tileset",
    "match_kinds",
    "music",
    "packs",
    "palette_names",
    "parse_kinds",
    "repaint",
    "sound",
    "tile_level",
    "tile_map",
    "to_hardware",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import what few callers need when it is first used: `formats` takes a quarter of the time of an import."""
    if name in ("load_map", "load_tileset"):
        from tilewright import formats

        return getattr(formats, name)
    if name == "lore":
        import tilewright.lore as lore

        return lore
    if name == "music":
        import tilewright.music as music

        return music
    if name == "sound":
        import tilewright.sound as sound

        return sound
    raise AttributeError(f"module 'tilewright' has no attribute {name!r}")
