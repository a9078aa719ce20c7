"""Selection of the device that generates the tiles of a call."""

import logging
import os
import re
import threading
from collections.abc import Callable
from typing import TypeVar

from tilewright import engine, settings
from tilewright.engine import DeviceEngine
from tilewright.errors import MachineError, UsageError
from tilewright.plan import Plan

T = TypeVar("T")

LEAST_WORK = 1 << 33
"""Minimum multiply-adds of a call for which "auto" tries a GPU: tens of milliseconds on one thread."""

_log = logging.getLogger("tilewright")
_log.addHandler(logging.NullHandler())  # the library logs only if the application asks for it
_said: set[str] = set()


def parse_device(device: object, caller: str, only_gpus: bool = False) -> int | None:
    """Return the GPU number of "cuda" or "cuda:N", or None for "auto" and "cpu". Raises UsageError otherwise."""
    if isinstance(device, str):
        if device in ("auto", "cpu") and not only_gpus:
            return None
        if match := re.fullmatch(r"cuda(?::(\d{1,4}))?", device):
            return int(match[1] or 0)
    known = "" if only_gpus else '"auto", "cpu", '
    raise UsageError(f'{caller}: device must be {known}"cuda" or "cuda:N", not {device!r:.60}')


def is_worth_a_gpu(plan: Plan, count: int) -> bool:
    """Whether "auto" tries a GPU for `count` tiles."""
    return count * plan.multiply_adds * plan.evaluations >= LEAST_WORK


_opening = threading.Lock()


def _renew_lock() -> None:
    """Replace the lock in a forked child, where it might be locked."""
    global _opening
    _opening = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


class Gpus:
    """The engines of a plan on the requested GPUs, created on first use. Threads may share it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._engines: dict[int, DeviceEngine] = {}

    def engine(self, number: int) -> DeviceEngine:
        """Return the engine on GPU `number`. Raises MachineError with the reason if there is none."""
        with _opening:
            if number not in self._engines:
                self._engines[number] = self._open(number)
            return self._engines[number]

    def automatic(self) -> DeviceEngine:
        """Return the engine on the GPU of "auto": LOCAL_RANK modulo the number of GPUs."""
        return self.engine(settings.local_rank() % max(1, len(engine.cuda_indices())))

    def _open(self, number: int) -> DeviceEngine:
        if reason := engine.cuda_unavailable_reason():
            raise MachineError(reason)
        indices = engine.cuda_indices()
        if number >= len(indices):
            raise MachineError(
                f"this machine has {len(indices)} GPUs that this build can use, the first is cuda:0"
            )
        return DeviceEngine(self._plan, indices[number])


def on_named_gpu(call: Callable[[], T], device: str, caller: str) -> T:
    """Call a function on an explicitly named GPU. Errors become MachineError with the call, the reason and
    the remedy.
    """
    try:
        return call()
    except MachineError as error:
        raise MachineError(f'{caller}: device="{device}" is not available: {error}; use "auto"') from error


def or_none(call: Callable[[], T], caller: str) -> T | None:
    """Call a function on a GPU. Returns None if the GPU cannot be used, and logs the reason once."""
    try:
        return call()
    except MachineError as error:
        if str(error) not in _said:
            _said.add(str(error))
            _log.debug("%s: the CPU makes the tiles: %s", caller, error)
        return None
