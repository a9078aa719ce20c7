"""The streams of random words, one for each purpose (docs/seeds.md). `csrc/core/streams.h` has the same table."""

from enum import IntEnum


class Stream(IntEnum):
    """What random words are drawn for: the last word of a Philox counter. Streams are independent of each other."""

    LATENTS = 0
    KIND = 1
    WFC_PATTERN = 2  # which pattern a cell of a level takes
    WFC_TIE_BREAK = 3  # which of the cells with the least entropy is next
    TILE_VARIANT = 4  # tile_map()
    ORDER = 5  # in which a masked sampler fixes cells
    GUMBEL = 6  # the noise of a sampler
    TILE_CHOICE = 7  # choose_tiles()
