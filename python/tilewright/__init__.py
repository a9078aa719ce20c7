"""tilewright: 8-bit game art from small neural networks, the same bytes for a seed on every machine."""

from tilewright.errors import DataError, MachineError, PackError, TilewrightError, UsageError
from tilewright.generator import Pack, TileBatch, generate_tiles, load
from tilewright.level import Level, level_styles, make_level, tile_map
from tilewright.pack import Source, packs
from tilewright.palette import load_palette, palette_names

__all__ = [
    "DataError",
    "Level",
    "MachineError",
    "Pack",
    "PackError",
    "Source",
    "TileBatch",
    "TilewrightError",
    "UsageError",
    "generate_tiles",
    "level_styles",
    "load",
    "load_palette",
    "make_level",
    "packs",
    "palette_names",
    "tile_map",
]
__version__ = "0.1.0"
