"""What a run and its pack keep of the training pictures: hashes and bounds, by which `pack.generate()` draws again."""

from typing import Any

import numpy as np

from tilewright.training_pictures import TrainingPictures

from .batches import Indexer
from .dataset import Dataset
from .split import hold_out

_CHUNK = 1024  # pictures at once


def gate_of(data: Dataset, held_out: float, palette: np.ndarray | None) -> dict[str, Any]:
    """Return the field `training_pictures` of data.json and of a pack's metadata, or nothing for tokens, for maps of
    kinds, and without a common palette.

    held_out: share of the data that the network does not see. palette: uint8 (K, 4).
    """
    if palette is None or data.symbols or data.kind_maps is not None:
        return {}
    art, _ = hold_out(data, held_out)
    indexer = Indexer(palette)
    parts = (np.asarray(art.images[i : i + _CHUNK]) for i in range(0, len(art.labels), _CHUNK))
    indices = np.concatenate([indexer(part).astype(np.uint8) for part in parts])
    pictures = TrainingPictures.of(indices, art.labels, len(art.kinds), palette)
    return {"training_pictures": pictures.to_metadata()}
