"""Lower the bounds of a pack's orphan pixels to those of most of its art, for kinds whose draws often meet them."""

from pathlib import Path

import numpy as np

from tilewright import engine
from tilewright.errors import DataError, UsageError
from tilewright.generator import pack_of
from tilewright.training_pictures import FEWEST, TrainingPictures

from ..data.batches import Indexer
from ..data.dataset import Dataset
from .export_onnx import with_fields

DRAWN = 256  # pictures of each kind
MET = 0.5  # share of the draws of a kind that must meet its bound
SEED = 2**63 - 1  # far from the seeds that users choose; not that of critics


def with_orphan_bounds(content: bytes, path: Path, art: Dataset, share: float) -> bytes:
    """Return a pack whose bounds of orphans are those that the share `share` of the art of each kind meets.

    Kinds keep their bound if it is lower, if they have fewer than FEWEST pictures, and if more than half of their draws
    exceed the new one: what remains of these is worse in other ways. path: is used in errors only. art: of the kinds of
    the pack. Raises UsageError for a share out of (0, 1], and DataError for a pack without bounds.
    """
    if not 0.0 < share <= 1.0:
        raise UsageError(
            f"the share of pictures that meet the bounds of orphans must be in (0, 1], not {share}"
        )
    pack = pack_of(with_fields(content, {"critic": None}), path)
    known = pack.file.training_pictures
    if known is None:
        raise DataError(f"{path} has no bounds")
    of_art = _orphans(Indexer(known.palette)(np.asarray(art.images[:])), known)
    most = np.full(len(pack.kinds), np.iinfo(np.uint16).max)
    for kind, name in enumerate(pack.kinds):
        own = of_art[art.labels == kind]
        if len(own) >= FEWEST:
            drawn = pack.generate(DRAWN, kind=name, seed=SEED, gate=False, threads=0).indices
            assert drawn is not None
            bound = int(np.quantile(own, share, method="higher"))
            if (_orphans(drawn, known) <= bound).mean() >= MET:
                most[kind] = bound
    return with_fields(content, {"training_pictures": known.with_most_orphans(most).to_metadata()})


def _orphans(indices: np.ndarray, known: TrainingPictures) -> np.ndarray:
    """Return the number of orphans of each picture (N, H, W)."""
    pictures = np.ascontiguousarray(indices, np.uint8)
    return engine.picture_figures(pictures, len(known.palette), known.holes)[:, 2]
