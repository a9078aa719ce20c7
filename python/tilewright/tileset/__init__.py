"""Tile sets: their model, selection of generated pictures, and matching of kinds."""

from tilewright.tileset.animation import Animation
from tilewright.tileset.make import make_tileset
from tilewright.tileset.match import KindMatch, match_kinds, parse_kinds
from tilewright.tileset.select import choose_sprites, choose_tiles
from tilewright.tileset.sprite import Sprite
from tilewright.tileset.tileset import Terrain, Tileset

__all__ = [
    "Animation",
    "KindMatch",
    "Sprite",
    "Terrain",
    "Tileset",
    "choose_sprites",
    "choose_tiles",
    "make_tileset",
    "match_kinds",
    "parse_kinds",
]
