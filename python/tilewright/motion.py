"""How far a character moves between the frames of its clips: integer measures of silhouettes.

A generated sheet whose character moves further than those of artists is drawn again (runner.py).
"""

from dataclasses import dataclass

import numpy as np

from tilewright.arrays import BoolArray, Int32Array, Int64Array, Uint8Array

# 95 % of the clips of Ninja Adventure (four steps) and DawnLike (two frames of idle motion) are within these bounds.
MOST_HEIGHT, MOST_FEET, MOST_TORSO, LEAST_OVERLAP = 2, 1, 32, 580
FAULT = 199  # of a sheet, to which the bounds that it exceeds are added: a critic rarely finds a greater one


@dataclass(frozen=True, eq=False)
class Motion:
    """Measures of N sprites of C clips, int64 (N, C).

    height, feet, torso: the most by which the height, the lowest row and the centre of the upper half of a silhouette
    differ between two frames of a clip, in pixels; the centre in sixteenths of a pixel, along the axis in which it
    differs more. overlap: the least overlap of neighbouring frames, the last and the first included, in thousandths of
    the area that they cover together. A clip with an empty frame has an overlap of 0.
    """

    height: Int64Array
    feet: Int64Array
    torso: Int64Array
    overlap: Int64Array


def motion(solid: BoolArray) -> Motion:
    """Measure silhouettes bool (N, C, F, H, W), True where a frame is opaque."""
    rows, columns = np.arange(solid.shape[-2]), np.arange(solid.shape[-1])
    in_row = solid.any(axis=-1)
    top = np.where(in_row, rows, len(rows)).min(axis=-1)
    feet = np.where(in_row, rows, -1).max(axis=-1)
    height = np.maximum(feet + 1 - top, 0)
    upper = solid & (rows < (top + (height + 1) // 2)[..., None])[..., None]
    area = np.maximum(upper.sum(axis=(-2, -1)), 1)
    across = 16 * (upper * columns).sum(axis=(-2, -1)) // area
    down = 16 * (upper * rows[:, None]).sum(axis=(-2, -1)) // area
    following = np.roll(solid, -1, axis=2)
    both = (solid & following).sum(axis=(-2, -1))
    either = (solid | following).sum(axis=(-2, -1))
    return Motion(
        height=np.ptp(height, axis=2),
        feet=np.ptp(feet, axis=2),
        torso=np.maximum(np.ptp(across, axis=2), np.ptp(down, axis=2)),
        overlap=(1000 * both // np.maximum(either, 1)).min(axis=2),
    )


def faults(indices: Uint8Array, kinds: Int32Array, sheet: tuple[int, int], palette: Uint8Array) -> Uint8Array:
    """Return FAULT and the number of bounds that each sheet uint8 (N, H, W) exceeds, uint8 (N,); 0 within all of them.
    kinds are ignored.

    sheet: rows, which are clips, and columns of frames. palette: uint8 (K, 4).
    """
    (rows, columns), (count, height, width) = sheet, indices.shape
    solid = (palette[:, 3] > 0)[indices].reshape(count, rows, height // rows, columns, width // columns)
    measured = motion(solid.swapaxes(2, 3))
    beyond = (
        (measured.height > MOST_HEIGHT).astype(np.uint8)
        + (measured.feet > MOST_FEET)
        + (measured.torso > MOST_TORSO)
        + (measured.overlap < LEAST_OVERLAP)
    )
    total = beyond.sum(axis=1).clip(max=255 - FAULT)
    found: Uint8Array = np.where(total > 0, FAULT + total, 0).astype(np.uint8)
    return found
