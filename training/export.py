"""`tilewright export`: a run's averaged generator as a pack, checked against the float network and ONNX Runtime."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import tilewright
from tilewright.compiler import reference
from tilewright.engine import Engine
from tilewright.errors import PackError
from tilewright.files import write_atomically
from tilewright.pack import PackFile, check_pack
from tilewright.seeds import LATENT_SCALE, draw_kinds, draw_latents

from .export_onnx import export_generator
from .gan import Family
from .run_folder import RunFolder
from .samples import from_colour_space
from .training_loop import restore_family

CHECKED_TILES = 512
CHECK_SEED = 1


@dataclass(frozen=True)
class ExportReport:
    """What the exported file does, beside what it should do. Shares are in 0 .. 1."""

    pack: PackFile
    tiles: int
    core_equals_reference: bool
    ort_same_pixels: float | None  # None: ONNX Runtime is not installed
    ort_same_tiles: float | None
    float_same_pixels: float
    float_distance: float  # mean over pixels of the Euclidean RGBA distance, 0 .. 510

    def __str__(self) -> str:
        """The report as a few lines."""
        if self.ort_same_pixels is None:
            judge = "ONNX Runtime: not installed, so not compared (pip install tilewright[onnxruntime])"
        else:
            judge = (
                f"ONNX Runtime on the same file: {self.ort_same_pixels:.4%} of pixels identical, "
                f"{self.ort_same_tiles:.2%} of tiles"
            )
        return "\n".join(
            (
                f"{self.pack.path}: {len(self.pack.content):,} bytes, "
                f"{self.pack.plan.multiply_adds:,} multiply-adds a tile",
                f"checked on {self.tiles} tiles:",
                f"  C++ core and reference: {'identical' if self.core_equals_reference else 'DIFFERENT'}",
                f"  {judge}",
                f"  float network: {self.float_same_pixels:.2%} of pixels have the same colour, "
                f"mean colour distance {self.float_distance:.2f} of 510",
            )
        )


def export_run(run: RunFolder, output: Path, name: str | None = None) -> ExportReport:
    """Write the newest checkpoint of `run` as a pack to `output` and check it.

    name: the pack's name; the file's without its ending where None. Raises PackError, and writes nothing, if the
    core does not reproduce the reference.
    """
    family = restore_family(run)
    steps, _ = run.load_checkpoint(family)
    generator = family.modules["ema"].eval()
    content = export_generator(generator, run.config.latent_size, _metadata(run, name or output.stem, steps))
    report = check_export(content, output, family)
    if not report.core_equals_reference:
        raise PackError(f"export: the core does not reproduce the reference on {output}: please report this")
    write_atomically(output, content)
    return report


def _metadata(run: RunFolder, name: str, steps: int) -> dict[str, Any]:
    config, data = run.config, run.data
    palette = None
    if config.model != "dcgan":
        palette = ["".join(f"{v:02x}" for v in colour) for colour in data["palette"]]
    return {
        "name": name,
        "kinds": data["kinds"],
        "tile_size": config.size,
        "palette": palette,
        "palette_size": len(palette or ()),
        "latent_size": config.latent_size,
        "transparent": config.transparent,
        "wrap": config.wrap,
        "sources": data["sources"],
        "data": {"sha256": data["sha256"], "pictures": data["pictures"], "counts": data["counts"]},
        "training": {**config.to_json(), "steps": steps, "tilewright": tilewright.__version__},
    }


def check_export(content: bytes, path: Path, family: Family) -> ExportReport:
    """Hold the pack's bytes against its own reference, ONNX Runtime and the float network."""
    pack = check_pack(content, path)
    count = CHECKED_TILES
    latents = draw_latents(CHECK_SEED, 0, count, pack.latent_size)
    kinds = draw_kinds(CHECK_SEED, 0, count, len(pack.kinds))
    expected = reference.run(pack.plan, count, latents=latents, kinds=kinds)
    core = Engine(pack.plan).run(count, latents=latents, kinds=kinds)
    same = all(np.array_equal(core[name], expected[name]) for name in expected)
    ours = _to_rgba(expected, pack)
    theirs = _to_rgba(_run_onnxruntime(content, latents, kinds), pack)
    ideal = from_colour_space(
        family.sample(
            torch.from_numpy(latents.astype(np.float32) * np.float32(LATENT_SCALE)),
            torch.from_numpy(kinds.astype(np.int64)),
        )
        .float()
        .numpy()
    )
    equal = (ours == ideal).all(axis=-1)
    distance = np.sqrt(np.square(ours.astype(np.float64) - ideal).sum(axis=-1))
    ort_equal = None if theirs is None else (ours == theirs).all(axis=-1)
    return ExportReport(
        pack=pack,
        tiles=count,
        core_equals_reference=same,
        ort_same_pixels=None if ort_equal is None else float(ort_equal.mean()),
        ort_same_tiles=None if ort_equal is None else float(ort_equal.all(axis=(1, 2)).mean()),
        float_same_pixels=float(equal.mean()),
        float_distance=float(distance.mean()),
    )


def _to_rgba(results: dict[str, np.ndarray] | None, pack: PackFile) -> np.ndarray | None:
    if results is None:
        return None
    if "rgba" not in results:
        assert pack.palette is not None
        return pack.palette[results["indices"]]
    colours = results["rgba"]
    alpha = np.full((*colours.shape[:3], 1), 255, np.uint8)
    if colours.shape[3] == 4:
        alpha = np.where(colours[..., 3:] >= 128, np.uint8(255), np.uint8(0))
    return np.concatenate([np.where(alpha > 0, colours[..., :3], 0), alpha], axis=3, dtype=np.uint8)


def _run_onnxruntime(content: bytes, latents: np.ndarray, kinds: np.ndarray) -> dict[str, np.ndarray] | None:
    """The pack's outputs from ONNX Runtime on the CPU, channels last; None where it is not installed."""
    try:
        import onnxruntime
    except ImportError:
        return None
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    values = session.run(None, {"latent": latents, "kind": kinds.astype(np.int64)})
    return {n: v.transpose(0, 2, 3, 1) if n == "rgba" else v for n, v in zip(names, values, strict=True)}
