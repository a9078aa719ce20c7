"""External tools for the kernels: the verification in separate processes, compute-sanitizer, ncu."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .budget import Budget

CHECKS = ("memcheck", "racecheck")
FOUND_ERRORS = 99
OUT_OF_TIME = "out of time"
EQUALITY_AT_ONCE = 6
CHECKS_AT_ONCE = 8
SECTIONS = (
    "LaunchStats",
    "Occupancy",
    "SpeedOfLight",
    "ComputeWorkloadAnalysis",
    "MemoryWorkloadAnalysis",
    "SchedulerStats",
    "WarpStateStats",
)


@dataclass(frozen=True)
class Ended:
    """A finished program. code: exit code; None if it was killed or not started for lack of time."""

    code: int | None
    lines: list[str]


def run_all(commands: Sequence[Sequence[str]], at_once: int, budget: Budget, log: Path) -> list[Ended]:
    """Run programs, `at_once` in parallel. Their output goes to the log."""
    with ThreadPoolExecutor(at_once) as pool:
        ended = list(pool.map(lambda command: _run(command, budget), commands))
    with log.open("a") as file:
        file.writelines(f"{line}\n" for one in ended for line in one.lines)
    return ended


def _run(command: Sequence[str], budget: Budget) -> Ended:
    if budget.left() == 0:
        return Ended(None, [])
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            printed, _ = process.communicate(timeout=budget.left())
        except subprocess.TimeoutExpired:
            if sys.platform == "win32":
                process.kill()
            else:  # a watched program would otherwise go on without its watcher
                os.killpg(process.pid, signal.SIGKILL)
            return Ended(None, [])
    return Ended(process.returncode, printed.splitlines())


def module(name: str, *arguments: object) -> list[str]:
    """Return the command that runs a module of this package."""
    return [sys.executable, "-m", f"{__package__}.{name}", *map(str, arguments)]


def equality(
    packs: Sequence[str], tiles: int, device: str, budget: Budget, log: Path
) -> list[dict[str, Any]]:
    """Run `equality.py` for each pack.

    equal: None if there was no time.
    """
    commands = [module("equality", pack, "--tiles", tiles, "--device", device) for pack in packs]
    found = []
    for pack, ended in zip(packs, run_all(commands, EQUALITY_AT_ONCE, budget, log), strict=True):
        try:
            found.append(json.loads(next(line for line in reversed(ended.lines) if line.startswith("{"))))
        except (StopIteration, ValueError):
            out_of_time = ended.code is None
            reason = OUT_OF_TIME if out_of_time else f"exit code {ended.code}: {_last(ended.lines)}"
            found.append(
                {"pack": Path(pack).stem, "equal": None if out_of_time else False, "first_difference": reason}
            )
    return found


def sanitizer(packs: Sequence[str], device: str, budget: Budget, log: Path) -> list[dict[str, Any]]:
    """Run `small_cases.py` under compute-sanitizer, by check and pack; on a CPU without it.

    clean: None if there was no time or no such program.
    """
    program = shutil.which("compute-sanitizer")
    if device == "cuda" and program is None:
        return [{"check": check, "pack": "", "clean": None, "summary": "not installed"} for check in CHECKS]
    cases, commands = [], []
    for check in CHECKS if device == "cuda" else ("no check",):
        for pack in packs:
            watch = [str(program), "--tool", check, "--error-exitcode", str(FOUND_ERRORS)]
            cases.append((check, pack))
            commands.append(
                [*(watch if device == "cuda" else ()), *module("small_cases", "--device", device, pack)]
            )
    found = []
    for (check, pack), ended in zip(cases, run_all(commands, CHECKS_AT_ONCE, budget, log), strict=True):
        summary_lines = [line.strip("= ") for line in ended.lines if "SUMMARY" in line] or ended.lines
        summary = OUT_OF_TIME if ended.code is None else _last(summary_lines)
        clean = None if ended.code is None else ended.code == 0
        found.append({"check": check, "pack": Path(pack).stem, "clean": clean, "summary": summary})
    return found


def counters(pack: str, tiles: int, budget: Budget, log: Path) -> dict[str, Any]:
    """Return ncu's figures for the last kernel of a batch, by section, or a note if it is unavailable."""
    program = shutil.which("ncu")
    if program is None:
        return {"note": "no ncu here"}
    watch = [program, "--csv", "--page", "details", "--clock-control", "none", "--launch-count", "2"]
    for section in SECTIONS:
        watch += ["--section", section]
    (ended,) = run_all([[*watch, *module("small_cases", "--tiles", tiles, pack)]], 1, budget, log)
    out_of_time = ended.code is None
    return read_counters(ended.lines) or {
        "note": OUT_OF_TIME if out_of_time else f"ncu: exit code {ended.code}, no figures"
    }


def read_counters(lines: Sequence[str]) -> dict[str, Any]:
    """Parse ncu's table: `kernel`, and section -> metric -> "value unit" of the last kernel."""
    table = [line for line in lines if line.startswith('"')]
    found: dict[str, Any] = {}
    for row in csv.DictReader(table):
        if found.get("kernel") != row.get("Kernel Name") or found.get("id") != row.get("ID"):
            found = {"kernel": row.get("Kernel Name"), "id": row.get("ID")}
        metric = row.get("Metric Name")
        if metric:
            value = f"{row.get('Metric Value')} {row.get('Metric Unit')}".strip()
            found.setdefault(row.get("Section Name") or "", {})[metric] = value
    return found


def _last(lines: Sequence[str]) -> str:
    return " ".join(lines[-1:])[:200]
