"""Sample pictures of a run in progress: a grid in samples/ at regular steps."""

from pathlib import Path

import numpy as np
import torch

from tilewright.files import write_atomically
from tilewright.sheet import make_sheet, save_png

from ..families.family import Family
from .run_folder import RunFolder

GROUND = (70, 70, 80, 255)  # colour behind transparent pixels
SAMPLE_SEED = 0


def save_samples(run: RunFolder, family: Family, step: int, device: torch.device) -> None:
    """Write a grid with a row of pictures per kind, or one picture of each example of kinds of pixels; or tokens as
    text. The seed is always the same.
    """
    if run.kind_maps is None:
        columns = 16
        kinds = torch.arange(len(run.data["kinds"])).repeat_interleave(columns)
    else:
        columns = 16 if run.config.column else 4
        kinds = torch.from_numpy(run.kind_maps.astype(np.int64))
    pictures = family.sample(kinds.to(device), SAMPLE_SEED)
    if run.config.tokens:
        names = [run.data["kinds"][kind] for kind in kinds.tolist()]
        write_atomically(sample_path(run, step), _as_text(pictures, names, run.data["symbols"]).encode())
        return
    save_png(make_sheet(pictures, columns, spacing=1, scale=3, ground=GROUND), sample_path(run, step))


def sample_path(run: RunFolder, step: int) -> Path:
    """Return the path that `save_samples` writes."""
    return run.path / "samples" / f"step-{step:08d}.{'txt' if run.config.tokens else 'png'}"


def _as_text(pictures: np.ndarray, kinds: list[str], symbols: list[str]) -> str:
    """Return a line for each text, or the lines of each grid and an empty one."""
    join = "" if pictures.shape[1] == 1 else " "
    grids = [
        "\n".join(join.join(symbols[i] for i in line) for line in grid) for grid in pictures[..., 0].tolist()
    ]
    if pictures.shape[1] == 1:
        return "".join(f"{kind}: {text}\n" for kind, text in zip(kinds, grids, strict=True))
    return "".join(f"{kind}\n{grid}\n\n" for kind, grid in zip(kinds, grids, strict=True))
