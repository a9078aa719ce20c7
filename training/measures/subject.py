"""The subject of an evaluation: a pack, or the newest checkpoint of a run folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tilewright.arrays import BoolArray
from tilewright.errors import UsageError
from tilewright.generator import Pack, load

from ..run.run_folder import RunFolder
from ..run.training_loop import restore_family
from ..size import Size

CHUNK = 256  # pictures generated at once

Sampler = Callable[[np.ndarray, int], np.ndarray]
WordSampler = Callable[[np.ndarray, BoolArray, int], np.ndarray]


@dataclass(frozen=True, eq=False)
class Subject:
    """A generator of pictures.

    sample: maps kinds int64 (N,), as indices into `kinds`, and a seed to RGBA uint8 (N, H, W, 4). palette:
    uint8 (K, 4), or None without a common palette. art: digest of its training pictures. held_out: the share
    of them that training held out, or 0. words: the vocabulary. sample_words: the same as sample, of pictures with
    words bool (N, V), at least one of each.
    """

    name: str
    kinds: tuple[str, ...]
    size: Size
    palette: np.ndarray | None
    art: str
    held_out: float
    sample: Sampler
    words: tuple[str, ...] = ()
    sample_words: WordSampler | None = None


def open_subject(name_or_path: str, sampling: Mapping[str, Any] | None = None) -> Subject:
    """Open a bundled pack, an .onnx file or a run folder. sampling: arguments of `Pack.generate`. Raises UsageError,
    PackError or DataError otherwise.
    """
    given = {name: value for name, value in (sampling or {}).items() if value is not None}
    if not Path(name_or_path).is_dir():
        return pack_subject(load(name_or_path), **given)
    if given:
        raise UsageError(
            f"evaluate: {', '.join(given)}: {name_or_path} is a run folder, which is sampled as its configuration "
            "states: `tilewright export` makes a pack of it"
        )
    run = RunFolder(Path(name_or_path))
    if run.reads("halve") or run.reads("upsampler"):
        raise UsageError(
            f"evaluate: {name_or_path} is half of a pack of two networks: export both, and evaluate the pack"
        )
    return _run_subject(run)


def pack_subject(pack: Pack, **sampling: Any) -> Subject:
    """Generate with a pack: quantised, through the core. sampling: arguments of `Pack.generate`."""
    pack.generate(0, **sampling)  # unsuitable arguments are refused before the art is read

    def sample(labels: np.ndarray, seed: int) -> np.ndarray:
        pictures = np.empty((len(labels), *pack.shape, 4), np.uint8)
        for kind, name in enumerate(pack.kinds):
            wanted = np.flatnonzero(labels == kind)
            for start in range(0, len(wanted), CHUNK):
                some = wanted[start : start + CHUNK]
                pictures[some] = pack.generate(len(some), kind=name, seed=seed, start=start, **sampling).rgba
        return pictures

    def sample_words(labels: np.ndarray, has: BoolArray, seed: int) -> np.ndarray:
        parts = []
        for start in range(0, len(labels), CHUNK):
            part = slice(start, start + CHUNK)
            kinds = [pack.kinds[label] for label in labels[part]]
            texts = [" ".join(np.array(pack.words)[row]) for row in has[part]]
            made = pack.generate(len(kinds), kind=kinds, words=texts, seed=seed, start=start, **sampling)
            parts.append(made.rgba)
        return np.concatenate(parts)

    art = str(pack.file.data.get("sha256", ""))
    held_out = pack.file.training.get("held_out", 0.0)
    other = pack.file.upsampler
    if other is not None and (other.data.get("sha256"), other.training.get("held_out")) != (art, held_out):
        art = ""  # what the two networks have seen differs
    if not isinstance(held_out, float) or not 0.0 < held_out < 1.0:  # untrusted metadata
        held_out = 0.0
    palette = pack.file.head.palette
    return Subject(
        pack.name, pack.kinds, pack.shape, palette, art, held_out, sample, pack.words, sample_words
    )


def _run_subject(run: RunFolder) -> Subject:
    """Generate with the averaged network of the newest checkpoint, in floating point."""
    family = restore_family(run)
    run.load_checkpoint(family)

    def sample(labels: np.ndarray, seed: int) -> np.ndarray:
        return family.sample(torch.from_numpy(labels), seed)

    def sample_words(labels: np.ndarray, has: BoolArray, seed: int) -> np.ndarray:
        words = torch.from_numpy(has.astype(np.float32))
        return family.sample(torch.from_numpy(labels), seed, words)

    kinds = tuple(run.data["kinds"])
    name, config = run.path.resolve().name, run.config
    return Subject(
        name,
        kinds,
        config.size,
        run.palette,
        run.data["sha256"],
        config.held_out,
        sample,
        run.words,
        sample_words,
    )
