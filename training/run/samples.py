"""Sample pictures of a run in progress: a grid in samples/ at regular steps."""

from pathlib import Path

import numpy as np
import torch

from tilewright.sheet import make_sheet, save_png

from ..families.family import Family
from .run_folder import RunFolder

GROUND = (70, 70, 80, 255)  # colour behind transparent pixels
SAMPLE_SEED = 0


def save_samples(run: RunFolder, family: Family, step: int, device: torch.device) -> None:
    """Write a grid with a row of pictures per kind, or one picture of each example of kinds of pixels. The seed is
    always the same.
    """
    if run.kind_maps is None:
        columns = 16
        kinds = torch.arange(len(run.data["kinds"])).repeat_interleave(columns)
    else:
        columns = 4
        kinds = torch.from_numpy(run.kind_maps.astype(np.int64))
    pictures = family.sample(kinds.to(device), SAMPLE_SEED)
    save_png(make_sheet(pictures, columns, spacing=1, scale=3, ground=GROUND), sample_path(run, step))


def sample_path(run: RunFolder, step: int) -> Path:
    """Return the path that `save_samples` writes."""
    return run.path / "samples" / f"step-{step:08d}.png"
