"""End-to-end tests of `tilewright bench`, and of the text of its results."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import pytest

import tilewright_benchmarks.candidates
from tilewright import MachineError, UsageError, cli, packs
from tilewright.engine import Engine
from tilewright.pack import check_pack
from tilewright_benchmarks.baselines import BASELINES, Baseline
from tilewright_benchmarks.bench import Options, measure
from tilewright_benchmarks.isa import LIMITS, hold_to
from tilewright_benchmarks.report import lines, verdicts
from tilewright_benchmarks.result import Result, Row
from tilewright_benchmarks.subject import DRAWN, Subject, names, open_subject

from ..networks import palette_pack


class Oracle(Baseline):
    """A baseline that returns the expected tiles for `as it is` and cannot run phases."""

    name, package, precision = "oracle", "numpy", "int8"
    variants = ("as it is", "phases")

    def __init__(self, model: onnx.ModelProto, feed: Mapping[str, np.ndarray], threads: int) -> None:
        if all(node.op_type != "ConvTranspose" for node in model.graph.node):
            raise RuntimeError("no\nphases")
        file = check_pack(model.SerializeToString(), Path("oracle.onnx"))
        self._engine = Engine(file.plan)
        self._arguments = {"latents": feed["latent"], "kinds": feed["kind"].astype(np.int32)}

    def run(self) -> object:
        return self.outputs()

    def outputs(self) -> dict[str, np.ndarray]:
        return self._engine.run(len(self._arguments["latents"]), **self._arguments)


@pytest.fixture
def subject() -> Subject:
    return Subject(check_pack(palette_pack(size=8), Path("small.onnx")), 4)


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        cli.main([str(a) for a in arguments])
    captured = capsys.readouterr()
    return int(leaving.value.code or 0), captured.out, captured.err


def test_a_baseline_is_measured_beside_the_core(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tilewright_benchmarks.candidates, "BASELINES", (Oracle,))
    result = measure(subject, Options(("scalar",), rounds=2))
    core, baseline = result.rows
    assert (core.name, baseline.name, baseline.variant) == ("scalar", "oracle", "as it is")
    assert (core.agreement, baseline.agreement, baseline.difference) == (1, 1, 0)
    assert len(core.tiles_per_second) == len(baseline.tiles_per_second) == len(core.int8_peak) == 2
    assert core.share_of_peak is not None and 0 < core.share_of_peak.median < 1.5
    assert result.notes == ["oracle, phases: RuntimeError: no phases"]
    assert list(verdicts(result)) == [
        "best int8 baseline (oracle, as it is)",
        "best int8 baseline, graphs of other numbers allowed (oracle, as it is)",
    ]


def test_baselines_that_cannot_be_held_are_left_out(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tilewright_benchmarks.candidates, "BASELINES", (Oracle,))
    result = measure(subject, Options(("scalar",), rounds=1, isa="avx2"))
    assert [row.name for row in result.rows] == ["scalar"]
    assert result.notes == ["oracle: cannot be held to avx2"]


def test_several_threads_are_held_against_one(subject: Subject) -> None:
    result = measure(subject, Options(("scalar",), threads=2, rounds=2, baselines=False))
    assert [row.name for row in result.rows] == ["scalar", "scalar, one thread"]
    assert result.core == "scalar"
    assert all(row.core_over_this is not None and row.core_over_this.median > 0 for row in result.rows)


def test_wrong_tiles_are_not_timed(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Subject, "reference", np.zeros((4, 8, 8, 4), np.uint8))
    with pytest.raises(MachineError, match="no backend of scalar generates the reference's tiles of random"):
        measure(subject, Options(("scalar",), rounds=1, baselines=False))


def test_verdicts_take_the_best_graph_of_each_baseline() -> None:
    rows = [
        Row("best", "int8", tiles_per_second=[8.0]),
        Row("a", "int8", "as it is", 0.9, tiles_per_second=[2.0]),
        Row("a", "int8", "phases", 0.9, tiles_per_second=[4.0]),
        Row("a", "int8", "resize", None, tiles_per_second=[5.0]),
        Row("ONNX Runtime fp32", "fp32", "wide", 0.5, 3.0, tiles_per_second=[1.0]),
    ]
    from tilewright_benchmarks.measure import ratios

    for row in rows:
        row.core_over_this = ratios([8.0], row.tiles_per_second)
    result = Result("p", 1, 1, "best", rows, ["a note"])
    assert [row.variant for row in result.best_rows()] == ["", "phases", "resize", "wide"]
    assert {name: ratio.median for name, ratio in verdicts(result).items()} == {
        "best int8 baseline (a, phases)": 2.0,
        "best fp32 baseline (ONNX Runtime fp32, wide)": 8.0,
        "best int8 baseline, graphs of other numbers allowed (a, resize)": 1.6,
        "ONNX Runtime fp32 (wide)": 8.0,
    }
    assert lines(result)[-2:] == [
        "float32 network: 50.00% of pixels are the core's; mean difference 3.00 of 255",
        "a note",
    ]


def test_command_writes_every_sample(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pack, samples = tmp_path / "small.onnx", tmp_path / "new" / "samples.json"
    pack.write_bytes(palette_pack(size=8))
    options = ("--batch", 2, "--rounds", 3, "--backend", "scalar", "--no-baselines", "--json", samples)
    code, out, _ = run(capsys, "bench", pack, *options)
    assert code == 0
    assert "random: tiles a second, 2 to a call" in out and f"all samples: {samples}" in out
    content = json.loads(samples.read_text())
    assert {"date", "machine", "versions", "source", "command", "options", "packs"} <= content.keys()
    (result,) = content["packs"]
    (row,) = result["rows"]
    assert (result["core"], len(row["tiles_per_second"]), row["executed_multiply_adds"] > 0) == (
        "scalar",
        3,
        True,
    )


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("--rounds", 0), 2, "bench: --rounds must be in 1..4096, not 0"),
        (("--batch", -1), 2, "bench: --batch must be in 1..4096, not -1"),
        (("--frame", "--threads", 0), 2, "bench: --threads must be in 1..4096, not 0"),
        (("--backend", "abacus"), 2, "bench: unknown backend 'abacus'; this machine has "),
        (("--isa", "mmx"), 2, "bench: --isa must be one of vnni, avx-vnni, avx2, not 'mmx'"),
    ],
)
def test_wrong_use(
    capsys: pytest.CaptureFixture[str], arguments: tuple[object, ...], code: int, text: str
) -> None:
    got, _, err = run(capsys, "bench", "dawn-tiles", *arguments)
    assert (got, err.startswith(f"tilewright: {text}"), err.count("\n")) == (code, True, 1)


def test_isas() -> None:
    environment: dict[str, str] = {}
    assert hold_to("avx2", ["avx2", "scalar"], environment) == ["avx2"]
    assert environment == LIMITS["avx2"]
    with pytest.raises(MachineError, match="this machine has no backend avx2, only scalar"):
        hold_to("avx2", ["scalar"], environment)
    with pytest.raises(UsageError):
        hold_to("sse", ["scalar"], environment)


def test_all_stands_for_every_pack() -> None:
    assert names("all") == ("g1", "g2", "g3", "g4", *packs())
    assert names("x.onnx") == ("x.onnx",)


@pytest.mark.parametrize("name", DRAWN)
def test_generators_are_packs_of_the_same_bytes_every_time(name: str) -> None:
    assert DRAWN[name]() == open_subject(name, 1).file.content


def test_baselines_have_names_of_their_own() -> None:
    assert len({kind.name for kind in BASELINES}) == len(BASELINES)
