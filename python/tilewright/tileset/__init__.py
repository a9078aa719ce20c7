"""Sets of tiles: which generated pictures to use, and which of a pack's kinds stands for which of a level's."""

from tilewright.tileset.match import KindMatch, match_kinds, parse_kinds
from tilewright.tileset.select import choose_sprites, choose_tiles

__all__ = ["KindMatch", "choose_sprites", "choose_tiles", "match_kinds", "parse_kinds"]
