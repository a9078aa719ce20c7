"""Levels: finite walkable maps, and pictures of them."""

from tilewright.level.levels import Level, level_styles, make_level
from tilewright.level.map import Layer, Map, MapObject
from tilewright.level.picture import TiledLevel, draw_level, tile_level
from tilewright.level.variants import tile_map

__all__ = [
    "Layer",
    "Level",
    "Map",
    "MapObject",
    "TiledLevel",
    "draw_level",
    "level_styles",
    "make_level",
    "tile_level",
    "tile_map",
]
