"""New characters for training on animation sheets: the upper part of one, and the lower part of another."""

import numpy as np

from .dataset import Dataset

CUT = (
    0.375,
    0.8125,
)  # rows of a frame, as shares of its height, from which it may continue as another character
TRIED = 12  # characters, of which the one whose silhouette fits best at the cut is taken
FITS = 0.85  # least share of pixels of the two rows at the cut that are transparent in both or in neither


class Mixer:
    """Lets sheets continue downwards as another character, in all frames from the same row."""

    def __init__(self, data: Dataset, share: float) -> None:
        """data: animation sheets. share: of those that are mixed if another one fits, 0 .. 1."""
        self._images, self._edge, self._share = data.images, data.frame[0], share

    def draw(self, rng: np.random.Generator, chosen: np.ndarray) -> np.ndarray:
        """Return the sheets with the numbers `chosen` int64 (N,), uint8 (N, H, W, 4), some of them mixed."""
        sheets = np.array(self._images[chosen])
        first, last = (round(share * self._edge) for share in CUT)
        cuts = rng.integers(first, last, len(chosen))
        others = rng.integers(0, len(self._images), (len(chosen), TRIED))
        row = np.arange(sheets.shape[1]) % self._edge
        for number in np.flatnonzero(rng.random(len(chosen)) < self._share):
            sheet, other = sheets[number], np.asarray(self._images[others[number]])
            near = (row == cuts[number] - 1) | (row == cuts[number])
            solid, own = other[:, near][..., 3] > 0, sheet[near][..., 3] > 0
            fit = (solid == own).mean(axis=(1, 2))
            if fit.max() >= FITS:
                below = row >= cuts[number]
                sheet[below] = other[fit.argmax()][below]
        return sheets
