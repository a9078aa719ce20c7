"""Settings from environment variables. docs/env_vars.md lists them."""

import os
import re

from tilewright.errors import UsageError


def default_backend() -> str:
    """TILEWRIGHT_BACKEND, or "" for the fastest supported backend."""
    return os.environ.get("TILEWRIGHT_BACKEND", "")


def default_threads() -> int:
    """TILEWRIGHT_THREADS, or 0 for one per processor."""
    text = os.environ.get("TILEWRIGHT_THREADS", "0")
    if not text.isdecimal() or len(text) > 4 or int(text) > 1024:
        raise UsageError(f"TILEWRIGHT_THREADS must be a number in 0..1024, not {text!r:.40}")
    return int(text)


def local_rank() -> int:
    """LOCAL_RANK, the number that torchrun gives a process of a machine; 0 if it is unset or invalid."""
    text = os.environ.get("LOCAL_RANK", "0")
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 0
