"""Run `tilewright bench` with parsed options."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from tilewright import engine
from tilewright.errors import UsageError

from . import report
from .bench import Options, measure
from .frame import start_up, tiles_in_a_frame
from .isa import hold_to
from .machine import results_folder
from .result import Result
from .subject import names, open_subject

LARGEST = 4096
"""Maximum of batch, threads and rounds."""
WIDTH = 140
"""Width of the output to a file or a pipe."""


def run(
    pack: str,
    batch: int,
    threads: int,
    rounds: int,
    backends: Sequence[str],
    baselines: bool,
    isa: str,
    output: Path | None,
) -> None:
    """Measure one pack or all, print a table for each and write the JSON file. Raises UsageError for invalid
    options.
    """
    _check(batch=batch, threads=threads, rounds=rounds)
    os.environ.setdefault(
        "OMP_WAIT_POLICY", "PASSIVE"
    )  # otherwise idle threads of a baseline slow down the next one
    options = Options(_backends(backends, isa), threads, rounds, baselines, isa)
    subjects = [open_subject(name, batch) for name in names(pack)]
    results: list[Result] = []
    console, show = Console(stderr=True), Console()
    if not show.is_terminal:
        show.width = WIDTH
    with console.status("") as status:
        for subject in subjects:
            results.append(measure(subject, options, status.update))
            show.print(report.table(results[-1]))
            for line in report.lines(results[-1]):
                show.print(line, markup=False, highlight=False, soft_wrap=True)
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = output or results_folder() / f"{moment}-{Path(pack).stem}.json"
    report.save(results, {"batch": batch, **asdict(options)}, path)
    print(f"all samples: {path}")


def run_frame(pack: str, threads: int, backends: Sequence[str]) -> None:
    """Print how many tiles one call generates within a frame, and the time of import and load."""
    _check(threads=threads)
    for name in names(pack):
        subject = open_subject(name, 1)
        for backend in _backends(backends, ""):
            count = tiles_in_a_frame(subject.pack(backend), threads)
            print(f"{name}, {backend}: {count} tiles within 1/60 s, threads: {threads}")
        if subject.file.path.is_file():
            importing, loading = start_up(str(subject.file.path))
            print(f"{name}: import tilewright {importing * 1000:.0f} ms, load {loading * 1000:.0f} ms")


def _check(**options: int) -> None:
    for name, value in options.items():
        if not 1 <= value <= LARGEST:
            raise UsageError(f"bench: --{name} must be in 1..{LARGEST}, not {value}")


def _backends(wanted: Sequence[str], isa: str) -> tuple[str, ...]:
    known = engine.backends()
    for name in wanted:
        if name not in known:
            raise UsageError(f"bench: unknown backend {name!r}; this machine has {', '.join(known)}")
    left = hold_to(isa, known) if isa else known
    return tuple(wanted) or tuple(left)
