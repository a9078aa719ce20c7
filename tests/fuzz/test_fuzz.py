"""Half a minute of fuzzing with fixed seeds, and the saved findings."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tilewright import _core
from tilewright.compiler.ops import OPS

from .runner import FINDINGS, Report, run
from .targets import TARGETS

SECONDS = 6.0  # per target; a busy machine executes fewer cases in the same time
PARTS = {  # targets whose cases one process executes in turn, and the number of cases of each
    ("network",): 150,
    ("damaged",): 1200,
    ("tunes",): 40,
    ("frames",): 40,
    ("critic",): 200,
    ("picture", "coarse", "palette"): 200,
    ("recipe", "terrain", "sheets", "wang"): 100,
    ("map", "tileset"): 200,
    ("config", "data", "set", "losses", "checkpoint", "base"): 100,
}
STAGES = "conv2d + add, conv2d + lookup, conv2d + lookup + add, conv_transpose2d + lookup, scores + argmax"
LAYERS = ("by Winograd's algorithm", "direct", "of a sampler", "with pixels in the lanes")
OUTPUTS = ("indices, kind", "indices, kind, palette", "kind, rgba")


def fuzz(targets: Sequence[str], first: int, count: int, seconds: float = SECONDS) -> Report:
    report = run(list(targets), first, count, seconds * len(targets), jobs=1)
    assert not report.findings, f"python -m tests.fuzz TARGET SEED executes a case again:\n{report}"
    assert all(report.counts[target]["cases"] > 0 for target in targets)
    return report


@pytest.mark.parametrize("targets", PARTS, ids="+".join)
def test_nothing_is_found(targets: Sequence[str]) -> None:
    fuzz(targets, 0, PARTS[tuple(targets)])


def test_every_target_is_fuzzed() -> None:
    assert sorted(target for part in PARTS for target in part) == sorted(TARGETS)


def test_the_networks_have_everything_that_a_pack_may_hold() -> None:
    counts = fuzz(["network"], 10_000, 200, seconds=120).counts["network"]
    wanted = [f"op {op}" for op in OPS]
    wanted += [f"stage {stage}" for stage in STAGES.split(", ")]
    wanted += [f"layer {layer}" for layer in LAYERS]
    wanted += [f"outputs {names}" for names in OUTPUTS]
    wanted += ["sampler masked", "sampler autoregressive", "refused", "addition of one cell", "texture"]
    wanted += [f"input {source}" for source in ("latents", "kind", "cells", "kind_map", "words")]
    wanted += [f"on {backend}" for backend in (*_core.backends(), "simt, shared", "simt, global")]
    assert [what for what in wanted if not counts[what]] == []
    assert counts["compared"] > 0.8 * counts["cases"]


def test_critics_are_compared_and_refused() -> None:
    counts = fuzz(["critic"], 10_000, 200, seconds=60).counts["critic"]
    wanted = ["op max_pool", "op mean", "outputs score", "input cells", "input kind_map", "refused"]
    wanted += [f"on {backend}" for backend in (*_core.backends(), "simt, shared", "simt, global")]
    assert [what for what in wanted if not counts[what]] == []
    assert counts["loaded"] > 0.4 * counts["cases"]


def test_damage_makes_other_packs_and_none() -> None:
    counts = fuzz(["damaged"], 100_000, 400, seconds=120).counts["damaged"]
    assert 0.2 < counts["loaded"] / counts["cases"] < 0.6
    assert counts["loaded"] + counts["refused"] == counts["cases"]


@pytest.mark.parametrize(
    "file", [file for file in sorted(FINDINGS.iterdir()) if file.suffix != ".md"], ids=lambda file: file.name
)
def test_what_was_found_once(file: Path) -> None:
    """The name of a finding begins with its target."""
    TARGETS[file.name.partition("-")[0]].check(file.read_bytes())
