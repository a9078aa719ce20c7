"""Packed colours, the nearest picture of a set, and a measure of how seamlessly a tile repeats."""

import numpy as np

CHUNK = 1024  # pictures per chunk


def words(images: np.ndarray) -> np.ndarray:
    """Pack each colour of uint8 (N, S, S, 4) into one word: uint32 (N, S, S). Transparent pixels become 0."""
    packed = np.ascontiguousarray(images).view("<u4")[..., 0]
    return np.where(packed >> 24 == 0, np.uint32(0), packed)


def nearest_pixels(images: np.ndarray, training: np.ndarray) -> np.ndarray:
    """Return float64 (N,): the share of pixels in which each picture differs from the nearest training
    picture.

    images uint8 (N, S, S, 4), training (M, S, S, 4). All transparent pixels are equal.
    """
    ours = words(images).reshape(len(images), -1)
    best = np.full(len(ours), ours.shape[1], dtype=np.int64)
    for start in range(0, len(training), CHUNK):
        theirs = words(training[start : start + CHUNK]).reshape(-1, ours.shape[1])
        for i, picture in enumerate(ours):
            best[i] = min(best[i], np.count_nonzero(theirs != picture, axis=1).min())
    return best / ours.shape[1]


def seam_ratio(images: np.ndarray) -> float:
    """Return the mean colour difference across the wrapped edges divided by that of inner neighbours; NaN for
    flat tiles.
    """
    values = images[..., :3].astype(np.int32)
    across = inside = 0.0
    for axis in (1, 2):
        step = np.abs(np.diff(values, axis=axis, append=values.take([0], axis=axis)))
        across += float(step.take(-1, axis=axis).mean())
        inside += float(step.take(range(step.shape[axis] - 1), axis=axis).mean())
    return across / inside if inside > 0 else float("nan")
