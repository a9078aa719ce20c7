"""Decode protobuf messages into dataclasses, and limit the number of their fields.

Two bytes of a file can become an object of a hundred bytes. The size of a file therefore bounds neither memory nor
time, and the decoder counts fields.
"""

import struct
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, TypeVar

import numpy as np

M = TypeVar("M")
MOST_NUMBER = (1 << 29) - 1  # protobuf's largest field number


class WireError(ValueError):
    """The bytes are not a message of the expected type."""


class TooManyError(ValueError):
    """The message has more fields and numbers in lists than allowed."""


def one(number: int, kind: type, default: Any) -> Any:
    """Declare a field of a dataclass for the protobuf field `number`, of which the last occurrence counts.

    kind: int, float, str, bytes or a dataclass. default: the value if the message lacks the field. It is stored in
    the class, so an object takes memory only for the fields that its message has.
    """
    return field(default=default, metadata={"entry": (number, kind, False)})


def many(number: int, kind: type) -> Any:
    """Declare a field of a dataclass for all occurrences of the protobuf field `number`: a list, or ()."""
    return field(default=(), metadata={"entry": (number, kind, True)})


def decode(content: bytes, message: type[M], most: int) -> M:
    """Decode bytes to an object of the dataclass `message`.

    The fields of the dataclass are declared with `one` and `many`, and it has no `__init__`, because the class holds
    the defaults. Other protobuf fields are skipped.

    Raises WireError if the bytes are not such a message, or contain groups, which ONNX does not use. Raises
    TooManyError for more than `most` fields and numbers in lists.
    """
    made = message()
    try:
        _Decoder(content, most).fill(made, 0, len(content))
    except (IndexError, struct.error):
        raise WireError("a field that is longer than the file") from None
    return made


@cache
def _entries(message: Any) -> dict[int, tuple[str, type, bool]]:
    """Return a mapping from field number to (name, kind, whether it is a list)."""
    found = {}
    for declared in fields(message):
        number, kind, is_list = declared.metadata["entry"]
        found[number] = (declared.name, kind, is_list)
    return found


_SKIPPED = ("", type(None), False)


@dataclass
class _Decoder:
    content: bytes
    left: int

    def fill(self, made: Any, at: int, end: int) -> None:
        """Decode one message into `made`. Protobuf merges a submessage that occurs several times, so `made` may
        have values already.
        """
        content, entries, values = self.content, _entries(made.__class__), vars(made)
        while at < end:
            self.left -= 1
            if self.left < 0:
                raise TooManyError("too many fields and numbers in lists")
            key, at = (content[at], at + 1) if content[at] < 128 else self.varint(at)
            if not 0 < key >> 3 <= MOST_NUMBER:
                raise WireError("a field without a number")
            name, kind, is_list = entries.get(key >> 3, _SKIPPED)
            value: Any = None
            wire = key & 7
            if wire == 2:
                size, start = (content[at], at + 1) if content[at] < 128 else self.varint(at)
                at = start + size
                if at > end:
                    break
                if kind is str or kind is bytes:
                    value = content[start:at]
                    value = _text(value) if kind is str else value
                elif kind is int or kind is float:
                    if is_list:
                        values.setdefault(name, []).extend(self.packed(kind, start, at))
                elif name:
                    value = None if is_list else values.get(name)
                    value = kind() if value is None else value
                    if size:
                        self.fill(value, start, at)
            elif wire == 0:
                value, at = self.varint(at)
                value = _signed(value) if kind is int else None
            elif wire == 1:
                at += 8
            elif wire == 5:
                if kind is float:
                    (value,) = struct.unpack_from("<f", content, at)
                at += 4
            else:
                raise WireError("a group")
            if value is None:
                continue
            if is_list:
                values.setdefault(name, []).append(value)
            else:
                values[name] = value
        if at > end:
            raise WireError("a field that is longer than its message")

    def count(self, entries: int) -> None:
        self.left -= entries
        if self.left < 0:
            raise TooManyError("too many fields and numbers in lists")

    def varint(self, at: int) -> tuple[int, int]:
        """Return a number of at most ten bytes, and the position after it."""
        byte = self.content[at]
        if byte < 128:
            return byte, at + 1
        value = 0
        for shift in range(0, 70, 7):
            byte = self.content[at]
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value, at
        raise WireError("a number of more than ten bytes")

    def packed(self, kind: type, at: int, end: int) -> list[Any]:
        """Return the numbers of a list that is stored as one field."""
        if kind is float:
            if (end - at) % 4:
                raise WireError("half a number")
            self.count((end - at) // 4)
            numbers: list[float] = np.frombuffer(self.content[at:end], "<f4").tolist()
            return numbers
        found = []
        self.count(end - at)
        while at < end:
            value, at = self.varint(at)
            found.append(_signed(value))
        if at > end:
            raise WireError("a number that is longer than its list")
        return found


def _signed(value: int) -> int:
    """Convert the 64 bits of a varint to int64."""
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise WireError("a text that is not UTF-8") from None
