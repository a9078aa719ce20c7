"""A separate process per runtime, pack and batch. They compile in parallel, and a crash affects one of them
only.

A worker creates its runners, reports their rows, and takes a sample on request. Requests are made only while
all other workers are idle, and idle workers put no load on the device.
"""

import importlib.util
import multiprocessing
import os
import sys
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from ..result import Row
from ..subject import SEED, Subject, identical
from ..variants import VARIANTS, variants_of
from .budget import Budget
from .contest import Entry, by_speed, contest, one_line
from .network import open_repeated
from .runner import Measure, calls_in

PATIENCE = 30.0
"""Time limit of a sample in seconds."""


class WorkerError(Exception):
    """A worker that died, hangs, or failed to answer a request."""


class Worker:
    """The parent's side. kind: a key of ENTRIES. rows, notes: as reported by the worker."""

    def __init__(self, kind: str, pack: str, batch: int, device: str, seconds: float, log: Path) -> None:
        self.kind, self.rows, self.notes = kind, list[Row](), list[str]()
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        arguments = (theirs, kind, pack, batch, device, seconds, str(log))
        self._process = context.Process(target=_serve, args=arguments)
        self._process.start()
        theirs.close()

    def prepared(self, seconds: float) -> bool:
        """Whether the worker becomes ready in time. If not, it is ended with a note."""
        try:
            self.rows, self.notes = self._answer(seconds)
        except WorkerError as error:
            self.notes = [f"{self.kind}: {error}"]
        return bool(self.rows)

    def sample(self, index: int, measure: Measure) -> float:
        """Return the seconds of one call of the runner of `rows[index]`. Raises WorkerError on failure."""
        try:
            self._connection.send((index, measure))
        except OSError as error:
            raise WorkerError("the process has ended") from error
        return float(self._answer(PATIENCE))

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _answer(self, seconds: float) -> Any:
        try:
            if not self._connection.poll(seconds):
                self._process.kill()
                raise WorkerError("no answer in time, ended")
            value = self._connection.recv()
        except (EOFError, OSError) as error:
            raise WorkerError("the process has ended") from error
        if isinstance(value, str):
            raise WorkerError(value)
        return value


def _serve(
    connection: Connection, kind: str, pack: str, batch: int, device: str, seconds: float, log: str
) -> None:
    """The worker's side."""
    with open(log, "ab") as file:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), stream.fileno())
    notes: list[str] = []
    try:
        entries = ENTRIES[kind](open_repeated(pack, batch), device, Budget(seconds), notes)
        connection.send(([entry.row for entry in entries], notes))
    except Exception as error:
        connection.send(one_line(error))
        return
    calls: dict[tuple[int, Measure], int] = {}
    while True:
        try:
            index, measure = asked = connection.recv()
        except EOFError:
            return
        try:
            runner = entries[index].runner
            if asked not in calls:
                calls[asked] = calls_in(runner, measure)
            connection.send(runner.seconds(measure, calls[asked]))
        except Exception as error:
            connection.send(one_line(error))


def _core(subject: Subject, device: str, budget: Budget, notes: list[str]) -> list[Entry]:
    from .core_runner import CoreRunner, generate

    runner = CoreRunner(subject, device)
    made = np.asarray(generate(runner.pack, len(subject.reference), device, False, SEED, 0).rgba)
    row = Row(device, runner.precision, agreement=identical(subject.reference, made))
    row.executed_multiply_adds = subject.file.plan.multiply_adds * subject.evaluations
    if row.agreement != 1:
        notes.append(f"{device}: the tiles differ from the reference's")
    return [Entry(runner, row)]


def _torch_eager(subject: Subject, device: str, budget: Budget, notes: list[str]) -> list[Entry]:
    from .torch_runner import TorchEager

    kind = partial(TorchEager, device=device)
    return contest(subject, kind, TorchEager.name, list(variants_of(subject.model)), budget, notes)


def _torch_compile(
    subject: Subject, device: str, budget: Budget, notes: list[str], tuned: bool = False
) -> list[Entry]:
    """Usually fastest first, because tuning takes a minute or more."""
    from .torch_runner import TorchCompile, TorchEager, TorchTuned

    variants = _some(subject, "as it is", "phases", "wide", "resize")
    tried = contest(subject, partial(TorchEager, device=device), "", variants, budget, [])
    order = by_speed(tried[0].row.screening) if tried else variants
    del tried
    same = [name for name in order if VARIANTS[name].same_numbers]
    faster = order[: order.index(same[0])]
    kind = TorchTuned if tuned else TorchCompile
    order = [same[0], *faster, *same[1:2]]
    return contest(subject, partial(kind, device=device), kind.name, order, budget, notes)


def _jax(subject: Subject, device: str, budget: Budget, notes: list[str]) -> list[Entry]:
    from .jax_runner import JaxRunner

    order = _some(subject, "as it is", "resize", "wide", "phases")
    return contest(subject, partial(JaxRunner, device=device), JaxRunner.name, order, budget, notes)


def _onnx_runtime(subject: Subject, device: str, budget: Budget, notes: list[str]) -> list[Entry]:
    from .onnx_runtime_runner import OnnxRuntimeRunner

    kind = partial(OnnxRuntimeRunner, device=device)
    return contest(subject, kind, OnnxRuntimeRunner.name, list(variants_of(subject.model)), budget, notes)


def _some(subject: Subject, *names: str) -> list[str]:
    """Return those variants that exist for this pack."""
    return [name for name in names if name in variants_of(subject.model)]


def _ceilings(subject: Subject, device: str, budget: Budget, notes: list[str]) -> list[Entry]:
    from .ceilings import CEILINGS

    runners = [kind(device) for kind in CEILINGS]
    return [Entry(runner, Row(runner.name, runner.precision)) for runner in runners]


ENTRIES: dict[str, Callable[[Subject, str, Budget, list[str]], list[Entry]]] = {
    "core": _core,
    "torch eager": _torch_eager,
    "torch.compile": _torch_compile,
    "torch.compile max-autotune": partial(_torch_compile, tuned=True),
    "JAX": _jax,
    "ONNX Runtime": _onnx_runtime,
    "ceilings": _ceilings,
}
BASELINES: dict[str, str] = {
    "torch eager": "torch",
    "torch.compile": "torch",
    "torch.compile max-autotune": "torch",
    "JAX": "jax",
    "ONNX Runtime": "onnxruntime",
}
"""Kinds of baselines, and the module that each requires."""


def why_not(kind: str, device: str) -> str:
    """Return why a kind of baseline is unavailable on this machine, or ""."""
    if importlib.util.find_spec(BASELINES[kind]) is None:
        return f"{BASELINES[kind]} is not installed"
    if kind == "ONNX Runtime":
        import onnxruntime

        from .onnx_runtime_runner import PROVIDERS

        found = onnxruntime.get_available_providers()
        return "" if PROVIDERS[device] in found else f"no {PROVIDERS[device]}, only {', '.join(found)}"
    return ""
