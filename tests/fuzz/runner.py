"""Run cases in processes that may crash, hang or exhaust memory, and collect the findings."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from .targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
FINDINGS = Path(__file__).parent / "findings"
CASE_SECONDS = 20.0  # wall-clock time on a busy machine; the checks limit CPU time to one second
START_SECONDS = 120.0  # for a process to load the modules of its first case on a busy machine
BLOCK = 1024  # seeds per request to a process
TURN = 16  # the same in a run of a fixed number of cases, which may end early


class Block(NamedTuple):
    """Cases first .. last - 1 of a target."""

    target: str
    first: int
    last: int


@dataclass(frozen=True)
class Found:
    """A case that failed. `signature` is equal for cases of the same fault."""

    target: str
    seed: int
    signature: str
    text: str

    def __str__(self) -> str:
        return f"{self.target} {self.seed}: {self.text}"

    def save(self, folder: Path) -> Path:
        """Save the case to a file. Files in tests/fuzz/findings are regression tests."""
        path = folder / f"{self.target}-{self.seed}{TARGETS[self.target].suffix}"
        path.write_bytes(TARGETS[self.target].make(self.seed))
        return path


@dataclass
class Report:
    """counts: per target. findings: the first of each signature, and the number of occurrences."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    findings: dict[str, Found] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, found: Found) -> None:
        """Add a finding."""
        self.times[found.signature] += 1
        self.findings.setdefault(found.signature, found)

    def __str__(self) -> str:
        lines = []
        for target, counts in sorted(self.counts.items()):
            lines.append(f"{target}: {counts['cases']:,} cases")
            lines += [
                f"  {number:>10,}  {what}" for what, number in sorted(counts.items()) if what != "cases"
            ]
        lines += [f"{self.times[s]:>6,} times {s}; first {f}" for s, f in self.findings.items()]
        cases = sum(counts["cases"] for counts in self.counts.values())
        lines.append(f"{cases:,} cases in {self.seconds:,.0f} s, {len(self.findings)} kinds of findings")
        return "\n".join(lines)


class _Job(threading.Thread):
    """Executes blocks from a shared iterator in a worker process, and restarts the process when it ends."""

    def __init__(
        self, blocks: Iterator[Block], report: Report, lock: threading.Lock, flags: list[str]
    ) -> None:
        super().__init__()
        self.blocks, self.report, self.lock, self.flags = blocks, report, lock, flags
        self.process: subprocess.Popen[str] | None = None
        self.heard = time.monotonic()
        self.begun = self.stopped = self.hung = False
        self.left: Block | None = None  # the rest of the last process's block

    def run(self) -> None:
        while not self.stopped and self._next() is not None:
            self._serve()

    def _next(self) -> Block | None:
        """Return the next block."""
        if self.left is None:
            with self.lock:
                self.left = next(self.blocks, None)
        return self.left

    def _serve(self) -> None:
        """Start a process and send it blocks until it ends or there are none left."""
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self.begun, self.hung, self.heard = False, False, time.monotonic()
        with tempfile.TemporaryFile("w+", errors="replace") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-m", "tests.fuzz.worker", *self.flags],
                cwd=ROOT, env=environment, text=True, errors="replace",
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip
            while not self.stopped and (block := self._next()) is not None:
                seed = self._ask(self.process, block)
                if seed is None:
                    self.left = None
                    continue
                code = self._end(self.process)
                if not self.stopped:
                    how = f"more than {CASE_SECONDS:.0f} s" if self.hung else _ending(code)
                    errors.seek(0)
                    with self.lock:
                        self.report.add(
                            Found(block.target, seed, f"{block.target}: {how}", errors.read()[-3000:])
                        )
                self.left = Block(block.target, seed + 1, block.last) if seed + 1 < block.last else None
                return
            self._end(self.process)

    def _end(self, process: "subprocess.Popen[str]") -> int:
        with suppress(BrokenPipeError):
            process.communicate()  # closes its input, so it exits
        return process.wait()

    def _ask(self, process: "subprocess.Popen[str]", block: Block) -> int | None:
        """Let the process execute a block. Returns the case that ended the process, or None."""
        assert process.stdin is not None and process.stdout is not None
        seed = block.first
        with suppress(BrokenPipeError):
            print(*block, file=process.stdin, flush=True)
        for line in process.stdout:
            self.heard = time.monotonic()
            what, _, rest = line.rstrip().partition(" ")
            if what == "case":
                seed = int(rest)
            elif what == "counts":
                self.begun = True
                with self.lock:
                    self.report.counts.setdefault(block.target, Counter()).update(json.loads(rest))
            elif what == "finding":
                with self.lock:
                    self.report.add(Found(block.target, **json.loads(rest)))
            elif what == "done":
                return None
        return seed


def _ending(code: int) -> str:
    return f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with the code {code}"


def run(
    targets: list[str],
    first: int,
    count: int | None,
    seconds: float,
    jobs: int,
    limited: bool = True,
    say: Callable[[str], None] | None = None,
) -> Report:
    """Run cases first .. first + count - 1 of each target, or any number if count is None, for `seconds`.

    The clock starts when the first case is done. say: called with each new kind of finding, and once a minute
    with the number of cases.
    """
    report, lock = Report(), threading.Lock()
    shown = 0
    # it reserves more address space than the limit
    limited = limited and "libasan" not in os.environ.get("LD_PRELOAD", "")
    launched, minutes = time.monotonic(), 0
    started: float | None = None
    flags = [] if limited else ["unlimited"]
    blocks = _blocks(targets, first, count)
    workers = [_Job(blocks, report, lock, flags) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    try:
        while any(worker.is_alive() for worker in workers):
            time.sleep(0.2)
            if started is None and any(worker.begun for worker in workers):
                started = time.monotonic()
            if say is not None and len(report.findings) > shown:
                with lock:
                    found = list(report.findings.values())[shown:]
                shown += len(found)
                for one in found:
                    say(str(one))
            if say is not None and time.monotonic() > launched + 60 * (minutes + 1):
                minutes += 1
                with lock:
                    cases = sum(counts["cases"] for counts in report.counts.values())
                say(f"{minutes} min: {cases:,} cases, {len(report.findings)} kinds of findings")
            _watch(workers, started is not None and time.monotonic() > started + seconds)
    finally:
        _watch(workers, True)
        for worker in workers:
            worker.join()
    report.seconds = time.monotonic() - launched
    return report


def _watch(workers: list[_Job], over: bool) -> None:
    """End hanging processes, and all processes when the time is over."""
    for worker in workers:
        process = worker.process
        worker.stopped |= over
        worker.hung |= time.monotonic() > worker.heard + (CASE_SECONDS if worker.begun else START_SECONDS)
        if process is not None and process.poll() is None and (worker.stopped or worker.hung):
            process.kill()


def _blocks(targets: list[str], first: int, count: int | None) -> Iterator[Block]:
    """Return the seeds of the targets in turn."""
    at, end = first, None if count is None else first + count
    while end is None or at < end:
        for target in targets:
            size = max(1, round(BLOCK * TARGETS[target].share)) if end is None else min(TURN, end - at)
            yield Block(target, at, at + size)
        at += BLOCK if end is None else TURN
