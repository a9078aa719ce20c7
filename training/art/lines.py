"""Evidence for the grid of a sheet: rows and columns that are blank, repeat their neighbour, or break the
drawing.
"""

import numpy as np

# a colour with this share of an opaque sheet is its ground; the ground does not connect cells
GROUND_SHARE = 0.25


class Lines:
    """The rows of a sheet from the top, or its columns from the left.

    Boundary i lies between lines i and i + 1.
    """

    def __init__(self, value: np.ndarray, ink: np.ndarray) -> None:
        """value: uint32 (L, W), one word per pixel. ink: bool (L, W), False for transparent and ground
        pixels.
        """
        self.length = len(value)
        blank = np.asarray(~ink.any(axis=1))
        drawn = np.flatnonzero(~blank)
        self.first, self.last = (int(drawn[0]), int(drawn[-1])) if drawn.size else (0, 0)
        # Blank lines between drawn ones, as in gutters.
        self.empty = int(blank[self.first : self.last].sum())
        self.drawn_before = np.concatenate([[0], np.cumsum(~blank)])
        same = value[1:] == value[:-1]
        repeats = same.all(axis=1)
        self.repeated = int((repeats & ~blank[1:]).sum())  # drawn lines that equal the previous line
        # For i in 0..L: the number of lines from i onwards that equal line i - 1, and of lines before i that
        # equal line i.
        self._repeats_from = np.concatenate([[0], _run_lengths(repeats[::-1])[::-1], [0]])
        self._repeats_to = np.concatenate([[0], _run_lengths(repeats), [0]])
        joined = (
            (same & ink[1:] & ink[:-1]).sum(axis=1).astype(np.float64)
        )  # runs of equal colour that cross each boundary
        inside = joined[~(blank[1:] & blank[:-1])]
        self.mean = float(inside.mean()) if inside.size else 0.0
        self.spread = (float(inside.std()) if inside.size else 0.0) + 1e-9
        self._through = [joined]
        self.widest = self._widest()  # lines of the widest gutter between drawn lines

    def through(self, spacing: int) -> np.ndarray:
        """For each first boundary, the minimum of the crossings over `spacing` + 1 boundaries."""
        while len(self._through) <= spacing:
            wider, more = self._through[-1], self._through[0][len(self._through) :]
            self._through.append(np.minimum(wider[: len(more)], more))
        return self._through[spacing]

    def _widest(self) -> int:
        inside = np.arange(self.length + 1)[self.first + 1 : self.last + 1]
        low, high = 0, max(0, self.last - self.first - 1)
        while low < high:  # binary search: every part of a gutter is a gutter
            middle = (low + high + 1) // 2
            starts = inside[: len(inside) - middle + 1]
            low, high = (middle, high) if self.gutters(starts, starts + middle).any() else (low, middle - 1)
        return low

    def gutters(self, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
        """Whether the lines from start to stop repeat the line before, then are blank, then repeat the line
        after.
        """
        a = np.minimum(starts + self._repeats_from[starts], stops)
        b = np.maximum(stops - self._repeats_to[stops], a)
        found: np.ndarray = self.drawn_before[b] == self.drawn_before[a]
        return found


def _run_lengths(flags: np.ndarray) -> np.ndarray:
    """Return, for each position, the number of consecutive True flags that end there."""
    place = np.arange(1, len(flags) + 1)
    lengths: np.ndarray = place - np.maximum.accumulate(np.where(flags, 0, place))
    return lengths


def lines_of(pixels: np.ndarray) -> tuple[Lines, Lines]:
    """Return the rows and the columns of a sheet uint8 (H, W, 4) with binary alpha."""
    value = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    ink = pixels[..., 3] > 0
    ground = _ground(value, opaque=bool(ink.all()))
    if ground is not None:
        ink &= value != ground
    return Lines(value, ink), Lines(np.ascontiguousarray(value.T), np.ascontiguousarray(ink.T))


def _ground(value: np.ndarray, opaque: bool) -> int | None:
    """Return the ground colour, or None.

    The ground is the colour of most single-coloured lines, else a colour that covers a quarter of an opaque
    sheet.
    """
    rows = value[(value == value[:, :1]).all(axis=1), 0]
    columns = value[0, (value == value[:1]).all(axis=0)]
    single = np.concatenate([rows, columns])
    if single.size:
        colours, counts = np.unique(single, return_counts=True)
        return int(colours[counts.argmax()])
    if opaque:
        colours, counts = np.unique(value, return_counts=True)
        if counts.max() >= GROUND_SHARE * value.size:
            return int(colours[counts.argmax()])
    return None
