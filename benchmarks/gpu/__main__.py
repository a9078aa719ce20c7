"""Verify and time the CUDA backend and its baselines. `benchmarks/gpu.sh` builds first and then calls this
module.

  python -m tilewright_benchmarks.gpu OUT_DIR [--seconds 480] [--device cuda] [--pack NAME ...] [--batch N
...]

Writes OUT_DIR/gpu.json after every step, and prints a table at the end. Exit code 0: complete, and all bytes
are equal. 1: a difference or a failure. 75: out of time; the file lists the skipped parts, for another call.
"""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

from tilewright import packs

from ..generators import GENERATORS
from . import report, tools
from .budget import Budget
from .equality import TILES
from .timings import BATCHES, Settings, Timings
from .worker import BASELINES

PARTS = ("equality", "sanitizer", "timings", "counters")
COUNTED = ("g3", 16384)
EQUALITY, SANITIZER, COUNTERS = 120.0, 90.0, 45.0
"""Time limit of a part in seconds."""
ENVIRONMENT = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false", "TF_CPP_MIN_LOG_LEVEL": "2"}


def main() -> None:
    """Parse the options, run the parts, write and print the results."""
    options = _parse()
    budget = Budget(options.seconds)
    os.environ.update(ENVIRONMENT)
    if options.device == "cpu":
        os.environ["JAX_PLATFORMS"] = "cpu"
    options.out.mkdir(parents=True, exist_ok=True)
    run = _Run(options, budget)
    try:
        run.all_parts()
    finally:
        run.save()
    print("\n".join(report.table(run.content)))
    raise SystemExit(run.exit_code())


class _Run:
    """content: the contents of the file."""

    def __init__(self, options: argparse.Namespace, budget: Budget) -> None:
        self._options, self._budget = options, budget
        self._began = time.monotonic()
        self._logs = options.out / "tools.log"
        given = {name: value for name, value in vars(options).items() if name not in ("out", "also")}
        self.content: dict[str, Any] = {
            **report.machine(),
            "command": ["benchmarks/gpu.sh", "OUT_DIR", *sys.argv[2:]],
            "options": given,
            "equality": [],
            "sanitizer": [],
            "packs": [],
            "counters": {},
            "notes": [],
            "left_out": [],
        }

    def all_parts(self) -> None:
        """Run all parts. Baselines compile during the verification and are timed afterwards."""
        o, parts = self._options, self._options.part
        settings = Settings(o.pack, o.batch, o.baseline, o.device, o.rounds, o.out / "workers.log")
        counting = "counters" in parts and o.device == "cuda"
        timings = Timings(settings, self._budget.part(self._budget.left() - COUNTERS * counting))
        try:
            if "timings" in parts:
                timings.begin()
            self._prove()
            self.save()
            if "timings" in parts:
                self._say("timings")
                for result in timings.results():
                    self.content["packs"].append(result)
                    self.save()
                self.content["notes"] += timings.notes
                self.content["left_out"] += [f"{p}, {batch} to a call" for p, batch in timings.left_out]
        finally:
            timings.close()
        if counting:
            self._say("counters")
            self.content["counters"] = tools.counters(*COUNTED, self._budget.part(COUNTERS), self._logs)
        self._say("done")

    def _prove(self) -> None:
        o, packs_named = self._options, [*self._options.pack, *self._options.also]
        if "equality" in o.part:
            self._say("equality")
            budget = self._budget.part(EQUALITY)
            self.content["equality"] = tools.equality(packs_named, o.tiles, o.device, budget, self._logs)
        if "sanitizer" in o.part:
            self._say("compute-sanitizer")
            budget = self._budget.part(SANITIZER)
            self.content["sanitizer"] = tools.sanitizer(packs_named, o.device, budget, self._logs)
        unknown = [f"equality of {f['pack']}" for f in self.content["equality"] if f["equal"] is None]
        unknown += [
            f"{f['check']} of {f['pack']}"
            for f in self.content["sanitizer"]
            if f["summary"] == tools.OUT_OF_TIME
        ]
        self.content["left_out"] += unknown

    def save(self) -> None:
        """Write the results so far."""
        report.save(self.content, self._options.out / "gpu.json")

    def exit_code(self) -> int:
        """The exit code, as documented above."""
        wrong = any(found["equal"] is False for found in self.content["equality"])
        wrong |= not all(result["core"] for result in self.content["packs"])
        if wrong or any(found["clean"] is False for found in self.content["sanitizer"]):
            return 1
        return 75 if self.content["left_out"] else 0

    def _say(self, part: str) -> None:
        print(f"gpu: {part} ({time.monotonic() - self._began:.0f} s)", flush=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--seconds", type=float, default=480.0, help="of the whole call")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cpu: a dry run")
    parser.add_argument("--pack", nargs="+", default=[*GENERATORS, "g4", *packs()], help="names or files")
    parser.add_argument("--also", type=Path, help="a folder of packs for the verification only")
    parser.add_argument("--batch", type=int, nargs="+", default=list(BATCHES), help="most important first")
    parser.add_argument("--baseline", nargs="*", choices=list(BASELINES), default=list(BASELINES))
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--rounds", type=int, default=11, help="samples of each runner")
    parser.add_argument("--tiles", type=int, default=TILES, help="tiles of each pack that are compared")
    options = parser.parse_args()
    options.also = sorted(map(str, options.also.glob("*.onnx"))) if options.also else []
    return options


if __name__ == "__main__":
    main()
