"""Half a minute of fuzzing with fixed seeds, and the saved findings."""

from pathlib import Path

import pytest

from tilewright import _core
from tilewright.compiler.ops import OPS

from .runner import FINDINGS, Report, run
from .targets import TARGETS

SECONDS = 6.0  # per part; a busy machine executes fewer cases in the same time
PARTS = {  # number of parts, and cases of each
    "network": (2, 150),
    "damaged": (2, 1000),
    "tunes": (1, 40),
    "picture": (1, 300),
    "map": (1, 300),
    "tileset": (1, 300),
    "palette": (1, 1000),
    "recipe": (1, 400),
    "coarse": (1, 600),
    "config": (1, 300),
    "data": (1, 300),
    "set": (1, 200),
    "losses": (1, 100),
    "checkpoint": (1, 200),
    "base": (1, 100),
}
STAGES = "conv2d + add, conv2d + lookup, conv2d + lookup + add, conv_transpose2d + lookup, scores + argmax"
LAYERS = ("by Winograd's algorithm", "direct", "of a sampler", "with pixels in the lanes")
OUTPUTS = ("indices, kind", "indices, kind, palette", "kind, rgba")


def fuzz(target: str, first: int, count: int, seconds: float = SECONDS) -> Report:
    report = run([target], first, count, seconds, jobs=1)
    assert not report.findings, f"python -m tests.fuzz {target} SEED executes a case again:\n{report}"
    assert report.counts[target]["cases"] > 0
    return report


@pytest.mark.parametrize(
    ("target", "first", "count"),
    [(target, part * count, count) for target, (parts, count) in PARTS.items() for part in range(parts)],
)
def test_nothing_is_found(target: str, first: int, count: int) -> None:
    fuzz(target, first, count)


def test_the_networks_have_everything_that_a_pack_may_hold() -> None:
    counts = fuzz("network", 10_000, 200, seconds=120).counts["network"]
    wanted = [f"op {op}" for op in OPS]
    wanted += [f"stage {stage}" for stage in STAGES.split(", ")]
    wanted += [f"layer {layer}" for layer in LAYERS]
    wanted += [f"outputs {names}" for names in OUTPUTS]
    wanted += ["sampler masked", "sampler autoregressive", "refused", "addition of one cell", "texture"]
    wanted += [f"input {source}" for source in ("latents", "kind", "cells", "kind_map", "words")]
    wanted += [f"on {backend}" for backend in (*_core.backends(), "simt, shared", "simt, global")]
    assert [what for what in wanted if not counts[what]] == []
    assert counts["compared"] > 0.8 * counts["cases"]


def test_damage_makes_other_packs_and_none() -> None:
    counts = fuzz("damaged", 100_000, 400, seconds=120).counts["damaged"]
    assert 0.2 < counts["loaded"] / counts["cases"] < 0.6
    assert counts["loaded"] + counts["refused"] == counts["cases"]


@pytest.mark.parametrize(
    "file", [file for file in sorted(FINDINGS.iterdir()) if file.suffix != ".md"], ids=lambda file: file.name
)
def test_what_was_found_once(file: Path) -> None:
    """The name of a finding begins with its target."""
    TARGETS[file.name.partition("-")[0]].check(file.read_bytes())
