"""Compare an exported one-shot pack with the reference, ONNX Runtime and the float network."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tilewright.compiler import reference
from tilewright.engine import Engine
from tilewright.pack import PackFile, check_pack
from tilewright.palette import binarize_alpha
from tilewright.seeds import draw_kinds, draw_latents

from ..families.family import Family
from ..families.networks import example_words

CHECKED_TILES = 512
# multiply-adds per check; larger networks are checked on fewer tiles because the reference is slow
CHECKED_PRODUCTS = 10**11
CHECK_SEED = 1
CHUNK = 64
LEAST_AGREEMENT = (
    # minimum agreement with ONNX Runtime per evaluation; a lower value indicates a bug rather than rounding
    0.995
)


Report = Callable[[str, int, int], None]
"""Progress callback of an export: (stage, work done, total work)."""


def silent(stage: str, done: int, of: int) -> None:
    """A Report that does nothing."""


@dataclass(frozen=True)
class ExportReport:
    """Comparison of the exported file with its references. Shares are in 0 .. 1."""

    pack: PackFile
    tiles: int
    # evaluations of the network per picture; each starts from the rounded result of the previous one
    evaluations: int
    core_equals_reference: bool
    ort_same_pixels: float | None  # None: ONNX Runtime is not installed
    ort_same_tiles: float | None
    ort_distance: float | None  # like float_distance
    float_same_pixels: float
    float_distance: float  # mean over pixels of the Euclidean RGBA distance, 0 .. 510

    def __str__(self) -> str:
        """Return the report as a few lines."""
        onnx_runtime = NOT_COMPARED
        if self.ort_same_pixels is not None and self.ort_distance is not None:
            onnx_runtime = (
                f"ONNX Runtime on the same file: {self.ort_same_pixels:.4%} of pixels identical, "
                f"{self.ort_same_tiles:.2%} of tiles, mean colour distance {self.ort_distance:.2f} of 510"
                f"{warning(self.ort_same_pixels, LEAST_AGREEMENT**self.evaluations)}"
            )
        return "\n".join(
            (
                f"{self.pack.path}: {len(self.pack.content):,} bytes, "
                f"{self.pack.plan.multiply_adds:,} multiply-adds a tile",
                f"checked on {self.tiles} tiles:",
                f"  C++ core and reference: {'identical' if self.core_equals_reference else 'DIFFERENT'}",
                f"  {onnx_runtime}",
                f"  float network: {self.float_same_pixels:.2%} of pixels have the same colour, "
                f"mean colour distance {self.float_distance:.2f} of 510",
            )
        )


NOT_COMPARED = "ONNX Runtime: not installed, so not compared (pip install onnxruntime)"


def warning(agreement: float, least: float = LEAST_AGREEMENT) -> str:
    """Return a suffix for the line on ONNX Runtime: a warning if the agreement is too low."""
    return "" if agreement >= least else f"; WARNING: less than {least:.1%}, please report this"


def check_export(content: bytes, path: Path, family: Family, report: Report = silent) -> ExportReport:
    """Compare a one-shot pack with its reference, ONNX Runtime and the float network, in chunks of tiles."""
    pack = check_pack(content, path)
    engine, onnx_runtime = Engine(pack.plan), OnnxRuntime.open(content)
    tiles = max(CHUNK, min(CHECKED_TILES, CHECKED_PRODUCTS // max(1, pack.plan.multiply_adds)))
    latents = draw_latents(CHECK_SEED, 0, tiles, pack.latent_size)
    kinds = draw_kinds(CHECK_SEED, 0, tiles, len(pack.kinds))
    given: dict[str, Any] = {"latents": latents, "kinds": kinds}
    labels = torch.from_numpy(kinds.astype(np.int64))
    if pack.words:
        words = example_words(len(pack.words), tiles, CHECK_SEED)
        given["words"] = words.numpy().astype(np.uint8)
        floats = family.sample(labels, CHECK_SEED, words)
    else:
        floats = family.sample(labels, CHECK_SEED)
    same_bytes, same_as_float, distances, same_as_ort, from_ort = [], [], [], [], []
    for first in range(0, tiles, CHUNK):
        report("checking tiles", first, tiles)
        part = slice(first, first + CHUNK)
        some = {name: array[part] for name, array in given.items()}
        expected = reference.run(pack.plan, len(kinds[part]), **some)
        core = engine.run(len(kinds[part]), **some)
        same_bytes.append(all(np.array_equal(core[name], expected[name]) for name in expected))
        ours, ideal = _colours(expected, pack), floats[part]
        same_as_float.append((ours == ideal).all(axis=-1))
        distances.append(_distances(ours, ideal))
        if onnx_runtime is not None:
            feed = {"latent": some["latents"], "kind": some["kinds"].astype(np.int64), **some}
            theirs = onnx_runtime.run(**feed)
            same_as_ort.append((ours == _colours(theirs, pack)).all(axis=-1))
            from_ort.append(_distances(ours, _colours(theirs, pack)))
    ort = np.concatenate(same_as_ort) if same_as_ort else None
    return ExportReport(
        pack=pack,
        tiles=tiles,
        evaluations=family.evaluations,
        core_equals_reference=all(same_bytes),
        ort_same_pixels=None if ort is None else float(ort.mean()),
        ort_same_tiles=None if ort is None else float(ort.all(axis=(1, 2)).mean()),
        ort_distance=None if ort is None else float(np.concatenate(from_ort).mean()),
        float_same_pixels=float(np.concatenate(same_as_float).mean()),
        float_distance=float(np.concatenate(distances).mean()),
    )


def _distances(colours: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the Euclidean distances float (N, S, S) of uint8 (N, S, S, 4)."""
    return np.sqrt(np.square(colours.astype(np.float64) - others).sum(axis=-1))


def _colours(results: dict[str, np.ndarray], pack: PackFile) -> np.ndarray:
    """Return the pictures uint8 (N, S, S, 4) that the outputs of a pack represent."""
    if "rgba" in results:
        return binarize_alpha(results["rgba"])
    assert pack.head.palette is not None
    return pack.head.palette[results["indices"]]


class OnnxRuntime:
    """Runs the same file in ONNX Runtime on the CPU."""

    def __init__(self, session: Any) -> None:
        self.session = session

    @classmethod
    def open(cls, content: bytes) -> "OnnxRuntime | None":
        """Open a pack. Returns None if ONNX Runtime is not installed."""
        try:
            import onnxruntime
        except ImportError:
            return None
        return cls(onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]))

    def run(self, **given: np.ndarray) -> dict[str, np.ndarray]:
        """Return the outputs of the pack, maps channels-last. Inputs that it does not have are ignored."""
        names = [output.name for output in self.session.get_outputs()]
        feed = {value.name: given[value.name] for value in self.session.get_inputs()}
        values = self.session.run(None, feed)
        return {n: v.transpose(0, 2, 3, 1) if v.ndim == 4 else v for n, v in zip(names, values, strict=True)}
