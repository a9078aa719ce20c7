"""What is measured: a pack, or a run folder whose newest checkpoint is sampled."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from tilewright.generator import Pack, load

from ..run.run_folder import RunFolder
from ..run.training_loop import restore_family

CHUNK = 256  # pictures made at a time

Sampler = Callable[[np.ndarray, int], np.ndarray]


@dataclass(frozen=True, eq=False)
class Subject:
    """A generator of pictures.

    sample: kinds int64 (N,), as indices into `kinds`, and a seed -> uint8 (N, S, S, 4), RGBA. palette: uint8 (K, 4),
    None where it has none or one for each picture. art: the digest of the pictures that it was trained with; held_out:
    the share of them that training kept apart, 0 if it did not.
    """

    name: str
    kinds: tuple[str, ...]
    size: int
    palette: np.ndarray | None
    art: str
    held_out: float
    sample: Sampler


def open_subject(name_or_path: str) -> Subject:
    """A bundled pack, an .onnx file or a run folder; UsageError, PackError or DataError if it is none of them."""
    if Path(name_or_path).is_dir():
        return _run_subject(RunFolder(Path(name_or_path)))
    return pack_subject(load(name_or_path))


def pack_subject(pack: Pack) -> Subject:
    """Tiles as a game gets them: quantised, through the core."""

    def sample(labels: np.ndarray, seed: int) -> np.ndarray:
        pictures = np.empty((len(labels), pack.tile_size, pack.tile_size, 4), np.uint8)
        for kind, name in enumerate(pack.kinds):
            wanted = np.flatnonzero(labels == kind)
            for start in range(0, len(wanted), CHUNK):
                some = wanted[start : start + CHUNK]
                pictures[some] = pack.generate(len(some), kind=name, seed=seed, start=start).rgba
        return pictures

    art = str(pack.file.data.get("sha256", ""))
    held_out = pack.file.training.get("held_out", 0.0)
    if not isinstance(held_out, float) or not 0.0 < held_out < 1.0:  # a pack of a stranger may say anything
        held_out = 0.0
    return Subject(pack.name, pack.kinds, pack.tile_size, pack.file.head.palette, art, held_out, sample)


def _run_subject(run: RunFolder) -> Subject:
    """Pictures of the newest checkpoint's averaged network, in floating point."""
    family = restore_family(run)
    run.load_checkpoint(family)

    def sample(labels: np.ndarray, seed: int) -> np.ndarray:
        return family.sample(torch.from_numpy(labels), seed)

    kinds = tuple(run.data["kinds"])
    name, config = run.path.resolve().name, run.config
    return Subject(name, kinds, config.size, run.palette, run.data["sha256"], config.held_out, sample)
