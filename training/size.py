"""Sizes of pictures: what is accepted, how sizes are written, and the maps of a network that enlarges.

A size is (height, width) in pixels. Texts are WIDTHxHEIGHT, as in names of files; one number is a square.
"""

import re
from collections.abc import Sequence

from tilewright.errors import UsageError

Size = tuple[int, int]

LEAST, MOST = 8, 64  # pixels along an edge
LEAST_FRAME, MOST_COLUMN = 4, 512  # pixels along a row of a column of frames, and along the column
LARGE = (128, 128)  # also accepted
LEAST_TOKENS, MOST_TOKENS, MOST_LINES = 4, 256, 16  # tokens of a line, and lines of a grid
LEAST_START, MOST_START = 3, 144  # cells along an edge of a start map, and cells of a start map
_TEXT = re.compile(r"([0-9]{1,4})(?:x([0-9]{1,4}))?")


def as_size(value: int | Sequence[int]) -> Size:
    """Return the size that a number, or a pair (height, width), stands for."""
    if isinstance(value, int):
        return value, value
    height, width = value
    return height, width


def parse_size(text: str, caller: str) -> Size:
    """Return the size of a text such as `18` or `24x32`. Raises UsageError, which names `caller`."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise UsageError(f"{caller}: --size must be a number such as 16, or WIDTHxHEIGHT, not {text!r:.40}")
    return int(found[2] or found[1]), int(found[1])


def size_text(size: Size) -> str:
    """Return WIDTHxHEIGHT."""
    return f"{size[1]}x{size[0]}"


def short_text(size: Size) -> str:
    """Return one number for squares, and WIDTHxHEIGHT for other sizes."""
    return str(size[0]) if size[0] == size[1] else size_text(size)


def is_trainable(size: Size) -> bool:
    """Whether networks can be trained on pictures of this size."""
    return size == LARGE or all(LEAST <= edge <= MOST for edge in size)


def is_column(size: Size) -> bool:
    """Whether networks can be trained on columns of frames of this size."""
    return LEAST_FRAME <= size[1] <= MOST and LEAST_FRAME <= size[0] <= MOST_COLUMN


def are_tokens(size: Size) -> bool:
    """Whether networks can be trained on grids of so many lines and tokens per line."""
    return 1 <= size[0] <= MOST_LINES and LEAST_TOKENS <= size[1] <= MOST_TOKENS


def maps(size: Size) -> list[Size]:
    """Return the sizes of a network's maps that double up to `size`: the start map first.

    The start map is the smallest one with at least LEAST_START cells along both edges. Sizes that cannot be
    halved have one map.
    """
    height, width = size
    found = [size]
    while height % 2 == width % 2 == 0 and min(height, width) // 2 >= LEAST_START:
        height, width = height // 2, width // 2
        found.insert(0, (height, width))
    return found


def is_doubled(size: Size) -> bool:
    """Whether networks that enlarge a start map can make pictures of this size."""
    start, *rest = maps(size)
    return bool(rest) and start[0] * start[1] <= MOST_START
