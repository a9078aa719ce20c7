"""Sample pictures of a run in progress: a grid in samples/ at regular steps."""

from pathlib import Path

import torch

from tilewright.sheet import make_sheet, save_png

from ..families.family import Family
from .run_folder import RunFolder

GROUND = (70, 70, 80, 255)  # colour behind transparent pixels
SAMPLE_SEED = 0


def save_samples(run: RunFolder, family: Family, step: int, device: torch.device) -> None:
    """Write a grid with a row of pictures per kind. The seed is always the same."""
    columns = 16
    labels = torch.arange(len(run.data["kinds"]), device=device).repeat_interleave(columns)
    pictures = family.sample(labels, SAMPLE_SEED)
    save_png(make_sheet(pictures, columns, spacing=1, scale=3, ground=GROUND), sample_path(run, step))


def sample_path(run: RunFolder, step: int) -> Path:
    """Return the path that `save_samples` writes."""
    return run.path / "samples" / f"step-{step:08d}.png"
