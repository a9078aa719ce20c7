"""Timing with CUDA events."""

from collections.abc import Callable

import torch


def seconds_by_events(start: Callable[[], object], calls: int) -> float:
    """Return the seconds of one call on the device, the mean over `calls` consecutive calls."""
    began, ended = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    began.record()
    for _ in range(calls):
        start()
    ended.record()
    ended.synchronize()
    return began.elapsed_time(ended) / 1000 / calls
