"""Levels: finite walkable maps, pictures of them, and the solver that fills maps with tiles."""

from tilewright.level.autotile import autotile
from tilewright.level.constraints import Allow, Border, Connected, Count, Fixed, Never, Separation
from tilewright.level.levels import Level, LevelObject, level_styles, make_level
from tilewright.level.map import Layer, Map, MapObject
from tilewright.level.overlap import Overlap, learn
from tilewright.level.picture import TiledLevel, draw_level, tile_level
from tilewright.level.rules import Rules
from tilewright.level.solver import Solution, solve
from tilewright.level.variants import tile_map
from tilewright.level.world import Chunk, World

__all__ = [
    "Allow",
    "Border",
    "Chunk",
    "Connected",
    "Count",
    "Fixed",
    "Layer",
    "Level",
    "LevelObject",
    "Map",
    "MapObject",
    "Never",
    "Overlap",
    "Rules",
    "Separation",
    "Solution",
    "TiledLevel",
    "World",
    "autotile",
    "draw_level",
    "learn",
    "level_styles",
    "make_level",
    "solve",
    "tile_level",
    "tile_map",
]
