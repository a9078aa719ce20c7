"""Checks of arguments that many functions take."""

import numpy as np

from tilewright.errors import UsageError


def check_range(value: object, name: str, least: int, most: int, caller: str) -> int:
    """Return an integer. Raises UsageError unless it is one of `least` .. `most`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise UsageError(f"{caller}: {name} must be an integer, not {value!r:.60}")
    if value < least:
        raise UsageError(f"{caller}: {name} must be {least} or more, not {value}")
    if value > most:
        raise UsageError(f"{caller}: {name} must be at most {most}, not {value}")
    return int(value)


def check_truth(value: object, name: str, caller: str) -> bool:
    """Return a truth value. Raises UsageError for anything else."""
    if not isinstance(value, (bool, np.bool_)):
        raise UsageError(f"{caller}: {name} must be True or False, not {value!r:.60}")
    return bool(value)
