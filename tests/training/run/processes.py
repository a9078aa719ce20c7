"""Processes that train: forked from a server that imports torch once, which would take each of them seconds."""

import multiprocessing
import os
from collections.abc import Callable, Mapping
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")


def begin(
    function: Callable[..., object],
    *arguments: object,
    environment: Mapping[str, str] | None = None,
    stderr: Path | None = None,
) -> ForkServerProcess:
    """Start a process that calls a function of a module. stderr: the file that gets what it prints there."""
    CONTEXT.set_forkserver_preload(
        ["pytest", "tilewright.cli", "tilewright_training.run.train", "torch._dynamo"]
    )
    process = CONTEXT.Process(target=_call, args=(function, arguments, environment or {}, stderr))
    process.start()
    return process


def event() -> Event:
    """Return an event that processes can be given."""
    return CONTEXT.Event()


def _call(
    function: Callable[..., object],
    arguments: tuple[object, ...],
    environment: Mapping[str, str],
    stderr: Path | None,
) -> None:
    os.environ.update(environment)
    if stderr is not None:
        os.dup2(os.open(stderr, os.O_WRONLY | os.O_CREAT), 2)
    function(*arguments)
