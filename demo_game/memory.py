"""Keeps the memory of a long game steady: by default, Python and glibc keep more and more of what is free."""

import ctypes
import gc
import sys
from typing import Any

_M_MMAP_THRESHOLD, _LARGE = -3, 1 << 16  # the option of glibc, and bytes
_M_ARENA_MAX = -8
_C: Any = ctypes.CDLL(None) if sys.platform == "linux" else None


def return_large_blocks() -> None:
    """Let glibc return large blocks, such as those of arrays, as soon as they are freed, and threads share its heap."""
    if hasattr(_C, "mallopt"):
        _C.mallopt(_M_MMAP_THRESHOLD, _LARGE)
        _C.mallopt(_M_ARENA_MAX, 1)


def collect() -> None:
    """Free what refers to itself, such as screens with megabytes of pictures, and return free pages. Takes 50 ms."""
    gc.collect()
    if hasattr(_C, "malloc_trim"):
        _C.malloc_trim(0)
