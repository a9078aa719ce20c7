"""`tilewright export`: a run's averaged generator as a pack, checked against the float network and ONNX Runtime."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import tilewright
from tilewright.compiler import reference
from tilewright.engine import Engine
from tilewright.errors import PackError, UsageError
from tilewright.files import write_atomically
from tilewright.pack import MAX_NAME, PackFile, check_pack
from tilewright.palette import opaque_or_clear
from tilewright.seeds import LATENT_SCALE, draw_kinds, draw_latents

from .export_onnx import export_generator
from .gan import Family
from .run_folder import RunFolder
from .samples import from_colour_space
from .training_loop import restore_family

CHECKED_TILES = 512
CHECK_SEED = 1
CHUNK = 64
LEAST_AGREEMENT = 0.995  # with ONNX Runtime; below it something is wrong, not merely rounded otherwise


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
            if self.ort_same_pixels < LEAST_AGREEMENT:
                judge += f"; WARNING: less than {LEAST_AGREEMENT:.1%}, please report this"
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

    name: the pack's name; the file's without its ending where None. Raises UsageError for a name that no pack can
    have, PackError, writing nothing, if the core does not reproduce the reference.
    """
    name = name or output.stem
    if not name.isprintable() or len(name) > MAX_NAME:
        raise UsageError(f"export: a pack's name must be printable and of at most {MAX_NAME} characters")
    family = restore_family(run)
    steps, _ = run.load_checkpoint(family)
    generator = family.modules["ema"].eval()
    content = export_generator(generator, run.config.latent_size, _metadata(run, name, steps))
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
    """Hold the pack's bytes against its own reference, ONNX Runtime and the float network, a chunk at a time."""
    pack = check_pack(content, path)
    engine, rival = Engine(pack.plan), _OnnxRuntime.open(content)
    latents = draw_latents(CHECK_SEED, 0, CHECKED_TILES, pack.latent_size)
    kinds = draw_kinds(CHECK_SEED, 0, CHECKED_TILES, len(pack.kinds))
    same_bytes, same_as_float, distances, same_as_ort = [], [], [], []
    for first in range(0, CHECKED_TILES, CHUNK):
        part = slice(first, first + CHUNK)
        some = {"latents": latents[part], "kinds": kinds[part]}
        expected = reference.run(pack.plan, len(kinds[part]), **some)
        core = engine.run(len(kinds[part]), **some)
        same_bytes.append(all(np.array_equal(core[name], expected[name]) for name in expected))
        ours, ideal = _colours(expected, pack), _float_pictures(family, **some)
        same_as_float.append((ours == ideal).all(axis=-1))
        distances.append(np.sqrt(np.square(ours.astype(np.float64) - ideal).sum(axis=-1)))
        if rival is not None:
            same_as_ort.append((ours == _colours(rival.run(**some), pack)).all(axis=-1))
    ort = np.concatenate(same_as_ort) if same_as_ort else None
    return ExportReport(
        pack=pack,
        tiles=CHECKED_TILES,
        core_equals_reference=all(same_bytes),
        ort_same_pixels=None if ort is None else float(ort.mean()),
        ort_same_tiles=None if ort is None else float(ort.all(axis=(1, 2)).mean()),
        float_same_pixels=float(np.concatenate(same_as_float).mean()),
        float_distance=float(np.concatenate(distances).mean()),
    )


def _float_pictures(family: Family, latents: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """uint8 (N, S, S, 4) from the network as it was trained."""
    reals = torch.from_numpy(latents.astype(np.float32) * np.float32(LATENT_SCALE))
    return from_colour_space(family.sample(reals, torch.from_numpy(kinds.astype(np.int64))).float().numpy())


def _colours(results: dict[str, np.ndarray], pack: PackFile) -> np.ndarray:
    """uint8 (N, S, S, 4) from a pack's outputs."""
    if "rgba" in results:
        return opaque_or_clear(results["rgba"])
    assert pack.palette is not None
    return pack.palette[results["indices"]]


class _OnnxRuntime:
    """The same file in ONNX Runtime on the CPU."""

    def __init__(self, session: Any) -> None:
        self.session = session

    @classmethod
    def open(cls, content: bytes) -> "_OnnxRuntime | None":
        """None where ONNX Runtime is not installed."""
        try:
            import onnxruntime
        except ImportError:
            return None
        return cls(onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]))

    def run(self, latents: np.ndarray, kinds: np.ndarray) -> dict[str, np.ndarray]:
        """The pack's outputs, channels last."""
        names = [output.name for output in self.session.get_outputs()]
        values = self.session.run(None, {"latent": latents, "kind": kinds.astype(np.int64)})
        return {n: v.transpose(0, 2, 3, 1) if n == "rgba" else v for n, v in zip(names, values, strict=True)}
