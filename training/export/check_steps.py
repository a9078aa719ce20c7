"""Compare an exported iterative pack with its references: whole pictures and single evaluations."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tilewright.compiler import fast_reference, reference
from tilewright.engine import Engine
from tilewright.pack import PackFile, check_pack
from tilewright.seeds import draw_kinds

from ..families.iterative import MOST_LOGIT, Iterative
from .check_export import CHECK_SEED, NOT_COMPARED, OnnxRuntime, Report, silent, warning

CHECKED_CELLS = 64 * 256  # of partly known pictures
LEAST_MAPS = 8
PLAIN_MAPS = 2  # maps that the plain reference evaluates as well
# multiply-adds for whole pictures, assuming that every evaluation computes the whole map
PICTURES_WORK = 5_000_000_000
LEAST_PICTURES, MOST_PICTURES = 8, 64
CHUNK = 4  # pictures or maps between two progress reports


@dataclass(frozen=True)
class StepReport:
    """Comparison of the exported file with its references. Shares are in 0 .. 1 and refer to unknown cells."""

    pack: PackFile
    pictures: int  # pictures generated from a seed by the core and by the fast reference
    # partly known pictures, evaluated by the fast reference, PLAIN_MAPS of them also by the plain one
    maps: int
    core_equals_reference: bool
    ort_same_scores: float | None  # None: ONNX Runtime is not installed
    float_same_choice: float  # share of cells with the same most likely entry
    float_nats: float  # mean -log p of the picture's own entry under the float network
    int8_nats: float  # the same under the exported file

    def __str__(self) -> str:
        """Return the report as a few lines."""
        onnx_runtime = NOT_COMPARED
        if self.ort_same_scores is not None:
            onnx_runtime = (
                f"ONNX Runtime on the same file: {self.ort_same_scores:.4%} of logits identical"
                f"{warning(self.ort_same_scores)}"
            )
        plan = self.pack.plan
        assert plan.sampler is not None
        return "\n".join(
            (
                f"{self.pack.path}: {len(self.pack.content):,} bytes, {plan.sampler.method}, "
                f"at most {plan.sampler.steps} evaluations of {plan.multiply_adds:,} multiply-adds a tile",
                f"checked on {self.pictures} tiles and {self.maps} partly known ones:",
                f"  C++ core and reference: {'identical' if self.core_equals_reference else 'DIFFERENT'}",
                f"  {onnx_runtime}",
                f"  float network: {self.float_same_choice:.2%} of unknown pixels have the same likeliest colour; "
                f"quantisation changes their cross-entropy by {self.int8_nats - self.float_nats:+.4f} nats",
            )
        )


def check_steps(
    content: bytes, unit: float, path: Path, family: Iterative, report: Report = silent
) -> StepReport:
    """Compare an iterative pack with its reference, ONNX Runtime and the float network.

    unit: the logit that corresponds to one unit of the integer scores.
    """
    pack = check_pack(content, path)
    plan = pack.plan
    assert plan.sampler is not None
    work = plan.multiply_adds * plan.evaluations
    pictures = max(LEAST_PICTURES, min(MOST_PICTURES, PICTURES_WORK // work))
    drawn: dict[str, Any] = {"kinds": draw_kinds(CHECK_SEED, 0, pictures, len(pack.kinds))}
    if family.config.upsampler:
        guides, _ = family.conditions(pictures, CHECK_SEED)
        lacking = family.lacking(guides)
        assert lacking is not None
        drawn = {**_conditions(guides, None), "allowed": ~lacking[:, :, 0, 0].numpy()}
    engine, same = Engine(plan), []
    for first in range(0, pictures, CHUNK):
        report("checking whole pictures", first, pictures)
        some = {name: array[first : first + CHUNK] for name, array in drawn.items()}
        count = len(some["kinds"])
        expected = fast_reference.run(plan, count, seed=CHECK_SEED, start=first, **some)["indices"]
        core = engine.run(count, seed=CHECK_SEED, start=first, **some)["indices"]
        same.append(np.array_equal(core, expected))

    count = max(LEAST_MAPS, CHECKED_CELLS // family.config.cells)
    shown, known, truth, labels, words = family.partly_known(count, CHECK_SEED)
    cells = shown.numpy().astype(np.uint8)
    given = _conditions(labels, words)
    parts = []
    for first in range(0, len(cells), CHUNK):
        report("checking single evaluations", first, len(cells))
        part = slice(first, first + CHUNK)
        of_part = {name: array[part] for name, array in given.items()}
        parts.append(fast_reference.scores(plan, cells=cells[part], **of_part))
    scores = np.concatenate(parts)
    for number in np.linspace(0, len(cells) - 1, PLAIN_MAPS, dtype=int):
        one = slice(number, number + 1)
        of_one = {name: array[one] for name, array in given.items()}
        plain = reference.trace(plan, 1, cells=cells[one], **of_one)["logits"]
        same.append(np.array_equal(scores[one], plain))
    onnx_runtime = OnnxRuntime.open(content)
    same_as_ort = None
    if onnx_runtime is not None:
        feed = {"kind": labels.numpy(), "kind_map": labels.numpy().astype(np.uint8), **given}
        theirs = np.rint(onnx_runtime.run(cells=cells, **feed)["logits"] / unit)
        same_as_ort = float((theirs == scores).mean())
    with torch.no_grad():
        ideal = family.ema(shown, labels, words=words).permute(0, 2, 3, 1)
    ours = torch.from_numpy(scores.astype(np.float64) * unit).float()
    lacking = family.lacking(labels)
    if lacking is not None:  # neither compares what is never drawn
        never = lacking.permute(0, 2, 3, 1)
        ideal, ours = (logits.masked_fill(never, -MOST_LOGIT) for logits in (ideal, ours))
    unknown = ~known
    return StepReport(
        pack=pack,
        pictures=pictures,
        maps=count,
        core_equals_reference=all(same),
        ort_same_scores=same_as_ort,
        float_same_choice=float((ideal.argmax(3) == ours.argmax(3))[unknown].float().mean()),
        float_nats=_nats(ideal[unknown], truth[unknown]),
        int8_nats=_nats(ours[unknown], truth[unknown]),
    )


def _conditions(kinds: torch.Tensor, words: torch.Tensor | None) -> dict[str, np.ndarray]:
    """Return kinds and words as in `StepNetwork` as arguments of the reference."""
    given: dict[str, np.ndarray] = {"kinds": kinds.numpy().astype(np.int32)}
    if kinds.ndim == 3:
        given = {"kinds": np.zeros(len(kinds), np.int32), "kind_maps": kinds.numpy().astype(np.uint8)}
    if words is not None:
        given["words"] = words.numpy().astype(np.uint8)
    return given


def _nats(logits: torch.Tensor, truth: torch.Tensor) -> float:
    return float(torch.nn.functional.cross_entropy(logits, truth))
