"""The bound on sums that prevents int32 overflow: docs/numerics.md, "No sum can overflow". The core checks it
again.
"""

import numpy as np
import numpy.typing as npt

from tilewright.arrays import Int8Array

MOST_SUM = 2**31 - 1
"""The largest magnitude of a sum."""


def sums_fit(weights: Int8Array, bias: npt.NDArray[np.integer], margin: int = 0) -> bool:
    """Whether no partial sum, in any order and for any bytes, leaves int32, also after adding `margin`.

    weights: int8 (outputs, ...), all factors of one sum of an output. bias: (outputs,), with the zero point
    folded in.
    """
    rows = weights.reshape(len(weights), -1)
    bias = bias.astype(np.int64)
    low = np.minimum(bias, 0) + 255 * np.minimum(rows, 0).sum(axis=1, dtype=np.int64)
    high = np.maximum(bias, 0) + 255 * np.maximum(rows, 0).sum(axis=1, dtype=np.int64)
    return bool(low.min() - margin >= -MOST_SUM and high.max() + margin <= MOST_SUM)
