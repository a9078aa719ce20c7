"""The GPU benchmark end to end on a CPU, and its behaviour after failures."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tilewright_benchmarks.gpu.equality as equality
from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright_benchmarks.gpu import timings, tools
from tilewright_benchmarks.gpu.budget import Budget
from tilewright_benchmarks.gpu.contest import worth_measuring
from tilewright_benchmarks.gpu.report import save
from tilewright_benchmarks.gpu.runner import MEASURES
from tilewright_benchmarks.gpu.timings import BATCHES, waves
from tilewright_benchmarks.gpu.turns import take_turns
from tilewright_benchmarks.gpu.worker import Worker, WorkerError
from tilewright_benchmarks.result import Row
from tilewright_benchmarks.subject import Subject

from ..networks import palette_pack

WORDS = ("begin", "prepared", "end")


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "small.onnx"
    path.write_bytes(palette_pack(size=8))
    return path


def run(out: Path, *options: object) -> tuple[int, str, dict[str, Any]]:
    command = [sys.executable, "-m", "tilewright_benchmarks.gpu", out, "--device", "cpu", *options]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout, json.loads((out / "gpu.json").read_text())


def test_a_dry_run(pack: Path, tmp_path: Path) -> None:
    options = ("--pack", pack, "--batch", 2, "--rounds", 2, "--tiles", 9, "--baseline", "torch eager")
    code, said, found = run(tmp_path / "out", *options)
    assert code == 0, said
    assert found["left_out"] == [] and found["options"]["device"] == "cpu"
    assert {"date", "machine", "versions", "source", "command"} <= found.keys()
    assert str(tmp_path) not in json.dumps(found)
    (proof,) = found["equality"]
    assert proof["equal"] and len(set(proof["sha256"].values())) == 1
    assert proof["tiles"] >= 9 and proof["tiles_through_dlpack"] == 8
    assert [check["clean"] for check in found["sanitizer"]] == [True]
    assert [result["measure"] for result in found["packs"]] == list(MEASURES)
    for result in found["packs"]:
        core, baseline, *_ = result["rows"]
        assert (core["name"], core["agreement"], baseline["name"]) == ("cpu", 1.0, "torch eager bf16")
        assert len(core["tiles_per_second"]) == len(baseline["tiles_per_second"]) == 2
        assert baseline["screening"] and baseline["core_over_this"]["median"] > 0
        assert next(iter(result["verdicts"])).startswith("best bf16 baseline (torch eager bf16, ")
    ceilings = found["packs"][0]["ceilings"]
    assert ceilings["nearer"] in ceilings["a_second"]
    assert ceilings["a_tile_needs"]["device copy"] == 64 + 4  # indices, kind
    assert re.search(r"random +2 device ", said)


def test_what_there_is_no_time_for_is_named(pack: Path, tmp_path: Path) -> None:
    options = ("--pack", pack, "--batch", 2, 1, "--seconds", 20, "--part", "timings")
    code, said, found = run(tmp_path / "out", *options)
    assert code == 75 and found["packs"] == []
    assert len(found["left_out"]) == 2 and found["left_out"][0].endswith(", 2 to a call")
    assert "skipped for lack of time" in said


def test_a_byte_that_differs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    file = check_pack(palette_pack(size=8), Path("small.onnx"))
    assert equality.compare(file, 20, "cpu")["equal"]

    def generate(
        pack: Pack, count: int, device: str, stay: bool, seed: int, start: int, kind: str | None
    ) -> Any:
        made = pack.generate(count, kind=kind, seed=seed, start=start)
        if count == 7 and made.indices is not None:
            made.indices = made.indices.copy()
            made.indices[6, 7, 0] ^= 1
        return made

    monkeypatch.setattr(equality, "generate", generate)
    found = equality.compare(file, 20, "cpu")
    assert not found["equal"] and len(set(found["sha256"].values())) == 2  # type: ignore[attr-defined]
    assert str(found["first_difference"]).startswith(
        "count=7, kind=None, seed=20001, start=4294967291: 1 bytes of result 0, the first at (6, 7, 0): "
    )


def test_awkward_counts_come_first_and_every_kind_has_its_share() -> None:
    pack = Pack(check_pack(palette_pack(size=8), Path("small.onnx")))
    made = list(equality.calls(pack, 10_000))
    assert [count for count, *_ in made[:4]] == [1, 7, 1_023, 4_097]
    assert sum(count for count, *_ in made[4:]) >= 10_000
    assert {kind for _, kind, _, _ in made} == {None, *pack.kinds}
    assert any(start < 2**32 < start + count for count, _, _, start in made)
    assert any(start < 2**64 < start + count for count, _, _, start in made)


def test_a_worker_that_cannot_begin_says_why(tmp_path: Path) -> None:
    worker = Worker("abacus", "g3", 1, "cpu", 1, tmp_path / "log")
    try:
        assert not worker.prepared(60)
        assert worker.notes == ["abacus: KeyError: 'abacus'"]
    finally:
        worker.close()


class FakeWorker:
    """A worker with constant times that fails on request."""

    def __init__(self, seconds: float, rows: list[Row], failing: str = "") -> None:
        self.rows, self.notes = rows, list[str]()
        self._seconds, self._failing = seconds, failing

    def sample(self, index: int, measure: str) -> float:
        if measure == self._failing:
            raise WorkerError("no more")
        return self._seconds


def test_turns() -> None:
    subject = Subject(check_pack(palette_pack(size=8), Path("small.onnx")), 10)
    core = FakeWorker(1, [Row("cuda", "int8", executed_multiply_adds=1000)], failing="host")
    baseline = FakeWorker(4, [Row("torch", "bf16", "wide", 0.9)], failing="call")
    other = FakeWorker(3, [Row("torch", "bf16", "resize", None)])
    limits = FakeWorker(0.5, [Row("device copy", ""), Row("int8 product", "int8")])
    device, call, host = take_turns(subject, core, [baseline, other], limits, "cpu", 3, Budget(0))  # type: ignore[arg-type, list-item]
    assert {name: ratio["median"] for name, ratio in device["verdicts"].items()} == {
        "best bf16 baseline (torch, wide)": 4,
        "best bf16 baseline of any graph (torch, resize)": 3,
    }
    assert [row["name"] for row in call["rows"]] == ["cuda", "torch"]
    assert device["rows"][0]["share_of_peak"]["median"] == 10 * 1000 / (64**3 / 0.5)
    assert device["notes"] == ["torch, call: no more", "cuda, host: no more"]
    assert (device["core"], host["core"], host["verdicts"]) == ("cuda", "", {})
    assert [row["core_over_this"] for row in host["rows"]] == [None, None]


def test_what_matters_most_is_timed_first() -> None:
    made = waves(["g1", "g4", "g3", "dawn-tiles"], BATCHES)
    assert made == [
        [("g1", 16384), ("g3", 16384), ("g1", 64), ("g3", 64)],
        [("g1", 1024), ("g3", 1024), ("g1", 1), ("g3", 1)],
        [("dawn-tiles", 16384), ("dawn-tiles", 64)],
        [("g4", 1024), ("dawn-tiles", 1024), ("dawn-tiles", 1)],
    ]


def test_each_worker_is_asked_once_whether_it_is_ready(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls: list[str] = []

    class Quick(FakeWorker):
        def __init__(self, kind: str, pack: str, batch: int, device: str, seconds: float, log: Path) -> None:
            names = ("device copy", "int8 product") if kind == "ceilings" else (kind,)
            super().__init__(0.5, [Row(name, "int8") for name in names])
            self._name = f"{kind} {batch}"
            calls.append(f"begin {self._name}")

        def prepared(self, seconds: float) -> bool:
            calls.append(f"prepared {self._name}")
            return True

        def close(self) -> None:
            calls.append(f"end {self._name}")

    monkeypatch.setattr(timings, "Worker", Quick)
    settings = timings.Settings(["dawn-tiles"], [4, 2, 1], [], "cpu", 2, tmp_path / "log")
    run = timings.Timings(settings, Budget(500))
    run.begin()
    found = [(result["batch"], result["measure"]) for result in run.results()]
    assert found == [(batch, measure) for batch in (4, 2, 1) for measure in MEASURES]
    expected = [f"{word} {kind}" for kind in ("ceilings 4", "core 4", "core 2", "core 1") for word in WORDS]
    assert sorted(calls) == sorted(expected)
    assert calls[-1] == "end ceilings 4" and (run.notes, run.left_out) == ([], [])


def test_variants_worth_measuring() -> None:
    assert worth_measuring({"as it is": 10, "wide": 8, "phases": 9.5, "resize": 10}) == ["as it is", "phases"]
    assert worth_measuring({"as it is": 10, "resize": 11}) == ["as it is", "resize"]
    assert worth_measuring({"resize": 11}) == ["resize"]


def test_programs_that_hang_or_fail(tmp_path: Path) -> None:
    say = [sys.executable, "-c", "print('hello'); raise SystemExit(3)"]
    hang = [sys.executable, "-c", "import time; time.sleep(60)"]
    assert tools.run_all([say], 2, Budget(30), tmp_path / "log") == [tools.Ended(3, ["hello"])]
    assert tools.run_all([hang, say], 1, Budget(0.5), tmp_path / "log") == 2 * [tools.Ended(None, [])]


def test_counters_are_of_the_last_kernel() -> None:
    lines = [
        "==PROF== Connected",
        '"ID","Kernel Name","Section Name","Metric Name","Metric Unit","Metric Value"',
        '"0","run","Launch Statistics","Registers Per Thread","register/thread","80"',
        '"1","run","Launch Statistics","Registers Per Thread","register/thread","96"',
        '"1","run","Occupancy","Achieved Occupancy","%","24.9"',
    ]
    assert tools.read_counters(lines) == {
        "kernel": "run",
        "id": "1",
        "Launch Statistics": {"Registers Per Thread": "96 register/thread"},
        "Occupancy": {"Achieved Occupancy": "24.9 %"},
    }
    assert tools.read_counters([]) == {}


def test_no_path_of_the_machine_is_kept(tmp_path: Path) -> None:
    save({"note": ["cannot read /home/me/x.py, 3/4 of n/a"], "n": 1}, tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text()) == {"note": ["cannot read ..., 3/4 of n/a"], "n": 1}
