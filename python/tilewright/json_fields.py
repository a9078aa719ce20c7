"""Checks of untrusted JSON values. Each function returns the value or raises ValueError."""

import base64
import binascii
from typing import Any

MAX_TEXT = 200


def as_object(value: object) -> dict[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise ValueError(f"not an object: {value!r:.60}")
    return value


def as_list(value: object) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise ValueError(f"not a list: {value!r:.60}")
    return value


def as_text(value: object) -> str:
    """A printable text of at most MAX_TEXT characters."""
    if not isinstance(value, str) or len(value) > MAX_TEXT or not value.isprintable():
        raise ValueError(f"not a printable text of at most {MAX_TEXT} characters")
    return value


def as_integer(value: object) -> int:
    """An integer."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"not an integer: {value!r:.60}")
    return value


def as_truth(value: object) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"neither true nor false: {value!r:.60}")
    return value


def as_bytes(value: object, most: int) -> bytes:
    """At most `most` bytes, as a text of base64."""
    if not isinstance(value, str) or len(value) > 4 * (most + 2) // 3 + 4:
        raise ValueError("not a text of base64, or too long")
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error
