"""The styles of `make_level`."""

from dataclasses import dataclass
from typing import Literal

from tilewright.level.kinds import FLOOR, GRASS, LAVA, SAND, WALL, WATER


@dataclass(frozen=True)
class Style:
    """How the terrain of a plan looks. Kinds are indices into KINDS.

    shape: how areas are open: rectangles with corridors, round islands, or wherever noise is low. closed: percent of
    cells that such noise closes. grain: the size of its features. voids: whether areas may be left out. ground: the
    kind of open cells. outside: of closed ones. fence: of the cells between the stages of a level. way: the kind along
    ways, None for the ground. bridge: of cells that a way opens. liquid: percent of open cells that become `pool`.
    patch, meadow: percent of open cells, and the kind that they get. shore: the kind of open cells beside water, or
    None. houses: whether areas have some. solid: the prop that closes its cell, and the kind that it is drawn as.
    props: one that stands anywhere, and one beside closed cells.
    """

    shape: Literal["rooms", "islands", "noise"]
    closed: int
    grain: int
    voids: bool
    ground: int
    outside: int
    fence: int
    way: int | None
    bridge: int
    pool: int
    liquid: int
    meadow: int
    patch: int
    shore: int | None
    houses: bool
    solid: tuple[str, int]
    props: tuple[str, str]


STYLES = {
    "dungeon": Style(
        "rooms", 0, 1, True, FLOOR, WALL, WALL, None, FLOOR, WATER, 6, GRASS, 5, None, False,
        ("pillar", WALL), ("bones", "torch"),
    ),
    "caves": Style(
        "noise", 44, 1, True, FLOOR, WALL, WALL, None, FLOOR, WATER, 10, GRASS, 14, None, False,
        ("boulder", WALL), ("mushroom", "crystal"),
    ),
    "islands": Style(
        "islands", 0, 1, True, GRASS, WATER, WATER, None, FLOOR, WATER, 0, GRASS, 0, SAND, False,
        ("boulder", WALL), ("flower", "shell"),
    ),
    "village": Style(
        "noise", 7, 1, False, GRASS, WALL, WALL, FLOOR, FLOOR, WATER, 5, SAND, 4, None, True,
        ("well", WATER), ("flower", "barrel"),
    ),
    "overworld": Style(
        "noise", 24, 3, True, GRASS, WALL, WALL, FLOOR, FLOOR, WATER, 14, SAND, 8, SAND, False,
        ("boulder", WALL), ("flower", "bush"),
    ),
    "garden": Style(
        "noise", 13, 1, False, GRASS, WALL, WALL, FLOOR, FLOOR, WATER, 9, GRASS, 0, None, False,
        ("statue", WALL), ("flower", "bush"),
    ),
    "volcano": Style(
        "noise", 44, 1, True, FLOOR, WALL, WALL, None, FLOOR, LAVA, 16, SAND, 10, None, False,
        ("boulder", WALL), ("bones", "crystal"),
    ),
}  # fmt: skip
"""The styles by name."""
