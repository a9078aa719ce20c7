"""Tile sets: selection of generated pictures, and matching of kinds."""

from tilewright.tileset.match import KindMatch, match_kinds, parse_kinds
from tilewright.tileset.select import choose_sprites, choose_tiles

__all__ = ["KindMatch", "choose_sprites", "choose_tiles", "match_kinds", "parse_kinds"]
