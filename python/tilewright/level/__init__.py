"""Levels: finite maps that a player can walk through, and which tile to draw on each of their cells."""

from tilewright.level.levels import Level, level_styles, make_level
from tilewright.level.variants import tile_map

__all__ = ["Level", "level_styles", "make_level", "tile_map"]
