"""Which device makes the tiles of a call."""

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
"""Multiply-adds of a call from which "auto" asks a GPU: tens of milliseconds of one thread."""

_log = logging.getLogger("tilewright")
_log.addHandler(logging.NullHandler())  # what a library logs is for those who ask for it
_said: set[str] = set()


def parse_device(device: object, caller: str, only_gpus: bool = False) -> int | None:
    """The number of the GPU that "cuda" or "cuda:N" names; None for "auto" and "cpu". UsageError for anything else."""
    if isinstance(device, str):
        if device in ("auto", "cpu") and not only_gpus:
            return None
        if match := re.fullmatch(r"cuda(?::(\d{1,4}))?", device):
            return int(match[1] or 0)
    known = "" if only_gpus else '"auto", "cpu", '
    raise UsageError(f'{caller}: device must be {known}"cuda" or "cuda:N", not {device!r:.60}')


def is_worth_a_gpu(plan: Plan, count: int) -> bool:
    """Whether "auto" asks a GPU for so many tiles."""
    return count * plan.multiply_adds * plan.evaluations >= LEAST_WORK


_opening = threading.Lock()


def _renew_lock() -> None:
    """A child of fork must not inherit it locked."""
    global _opening
    _opening = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


class Gpus:
    """A plan's engines on the GPUs that were asked for, made at the first call. Threads may share it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._engines: dict[int, DeviceEngine] = {}

    def engine(self, number: int) -> DeviceEngine:
        """The plan on GPU `number`. MachineError says why there is none."""
        with _opening:
            if number not in self._engines:
                self._engines[number] = self._open(number)
            return self._engines[number]

    def automatic(self) -> DeviceEngine:
        """The plan on the GPU of "auto": its number is LOCAL_RANK modulo the number of GPUs."""
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
    """What a GPU gives that was asked for by name, or MachineError with the call, the reason and the cure."""
    try:
        return call()
    except MachineError as error:
        raise MachineError(f'{caller}: device="{device}" is not available: {error}; use "auto"') from error


def or_none(call: Callable[[], T], caller: str) -> T | None:
    """What a GPU gives, or None if it cannot; the reason is logged once."""
    try:
        return call()
    except MachineError as error:
        if str(error) not in _said:
            _said.add(str(error))
            _log.debug("%s: the CPU makes the tiles: %s", caller, error)
        return None
