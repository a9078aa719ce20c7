"""Windows of larger pictures, read on access like an array."""

from typing import Any

import numpy as np


class Windows:
    """All windows of pictures (M, Y, X, ...), as an array (N, H, W, ...) that copies what is read.

    Window n has the picture n // P and the place n % P, in reading order, of P places.
    """

    def __init__(self, pictures: np.ndarray, size: tuple[int, int], step: int) -> None:
        """size: edges of a window. step: pixels between two windows."""
        views = np.lib.stride_tricks.sliding_window_view(pictures, size, (1, 2))[:, ::step, ::step]
        self._views = np.moveaxis(views, (-2, -1), (3, 4))  # (M, rows, columns, H, W, ...)
        self.dtype, self.ndim = pictures.dtype, pictures.ndim
        self.shape = (int(np.prod(self._views.shape[:3])), *self._views.shape[3:])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> np.ndarray:
        """Return windows by number, slice or index array, in memory."""
        return self._views[np.unravel_index(np.arange(len(self))[key], self._views.shape[:3])]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Return all windows, in memory."""
        return self[:] if dtype is None else self[:].astype(dtype)
