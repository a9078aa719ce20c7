"""The streams of random words, one per purpose (docs/seeds.md). `csrc/core/streams.h` has the same table."""

from enum import IntEnum


class Stream(IntEnum):
    """The purpose of random words: the last word of a Philox counter. Streams are independent of each other."""

    LATENTS = 0
    KIND = 1
    WFC_PATTERN = 2  # the pattern of a cell of a level
    WFC_TIE_BREAK = 3  # the choice among cells of lowest entropy
    TILE_VARIANT = 4  # tile_map() and autotile()
    ORDER = 5  # the order in which a masked sampler fixes cells
    GUMBEL = 6  # the noise of a sampler
    TILE_CHOICE = 7  # choose_tiles()
    VARIATION = 8  # the regions of Pack.variations()
    LEVEL = 9  # the plan of a level
    LEVEL_NOISE = 10  # the terrain of a level
    WORLD = 11  # worlds without an end
    HALTON = 12  # how far the Halton order of a tile is rolled
    BEGIN = 13  # which cells start as a random palette entry, and which
    SOUND = 14  # effects and voices of sound
    LORE = 15  # texts
