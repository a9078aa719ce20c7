"""What the rows and the columns of a sheet tell about its grid: where they are blank, repeat one another, and break."""

import numpy as np

GROUND_SHARE = 0.25  # of an opaque sheet is one colour: taken for a ground, which does not join cells


class Lines:
    """The lines of a sheet along one axis: its rows from the top, or its columns from the left.

    Boundary i lies between the lines i and i + 1.
    """

    def __init__(self, value: np.ndarray, ink: np.ndarray) -> None:
        """value: uint32 (L, W), one for each pixel; ink: bool (L, W), False where a pixel is clear or ground."""
        self.length = len(value)
        blank = np.asarray(~ink.any(axis=1))
        drawn = np.flatnonzero(~blank)
        self.first, self.last = (int(drawn[0]), int(drawn[-1])) if drawn.size else (0, 0)
        # Lines between drawn ones that are blank, as gutters are.
        self.empty = int(blank[self.first : self.last].sum())
        self.drawn_before = np.concatenate([[0], np.cumsum(~blank)])
        same = value[1:] == value[:-1]
        repeats = same.all(axis=1)
        self.repeated = int((repeats & ~blank[1:]).sum())  # drawn lines that are equal to the one before
        # How many lines from i on are equal to line i - 1, and how many before i to line i; i from 0 to L.
        self._repeats_from = np.concatenate([[0], _run_lengths(repeats[::-1])[::-1], [0]])
        self._repeats_to = np.concatenate([[0], _run_lengths(repeats), [0]])
        joined = (
            (same & ink[1:] & ink[:-1]).sum(axis=1).astype(np.float64)
        )  # pixels that go on across a boundary
        inside = joined[~(blank[1:] & blank[:-1])]
        self.mean = float(inside.mean()) if inside.size else 0.0
        self.spread = (float(inside.std()) if inside.size else 0.0) + 1e-9
        self._through = [joined]
        self.widest = self._widest()  # lines of the widest gutter between drawn ones

    def through(self, spacing: int) -> np.ndarray:
        """How many pixels go on across `spacing` + 1 boundaries, the least of each, by the number of the first one."""
        while len(self._through) <= spacing:
            wider, more = self._through[-1], self._through[0][len(self._through) :]
            self._through.append(np.minimum(wider[: len(more)], more))
        return self._through[spacing]

    def _widest(self) -> int:
        inside = np.arange(self.length + 1)[self.first + 1 : self.last + 1]
        low, high = 0, max(0, self.last - self.first - 1)
        while low < high:  # what is a gutter is one of fewer lines too
            middle = (low + high + 1) // 2
            starts = inside[: len(inside) - middle + 1]
            low, high = (middle, high) if self.gutters(starts, starts + middle).any() else (low, middle - 1)
        return low

    def gutters(self, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
        """Whether all lines from a start up to a stop repeat the one before, are blank or repeat the one after, in this
        order.
        """
        a = np.minimum(starts + self._repeats_from[starts], stops)
        b = np.maximum(stops - self._repeats_to[stops], a)
        found: np.ndarray = self.drawn_before[b] == self.drawn_before[a]
        return found


def _run_lengths(flags: np.ndarray) -> np.ndarray:
    """How many flags in a row are True, up to and with each."""
    place = np.arange(1, len(flags) + 1)
    lengths: np.ndarray = place - np.maximum.accumulate(np.where(flags, 0, place))
    return lengths


def lines_of(pixels: np.ndarray) -> tuple[Lines, Lines]:
    """The rows and the columns of a sheet uint8 (H, W, 4) of hard alpha."""
    value = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    ink = pixels[..., 3] > 0
    ground = _ground(value, opaque=bool(ink.all()))
    if ground is not None:
        ink &= value != ground
    return Lines(value, ink), Lines(np.ascontiguousarray(value.T), np.ascontiguousarray(ink.T))


def _ground(value: np.ndarray, opaque: bool) -> int | None:
    """The colour of most lines that have a single one; else that of a quarter of an opaque sheet; else None."""
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
