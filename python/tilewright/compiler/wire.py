"""Counts the objects that a protobuf parser would make of a file, before it makes them.

Two bytes of a file can become an object of a hundred bytes, so the size of a file does not bound memory or time.
"""

from typing import Any

Schema = dict[int, Any]
"""Field number -> the Schema of the messages in it, or the least bytes of a number in a packed list."""


class WireError(ValueError):
    """The bytes are no protobuf."""


def count_objects(content: bytes, schema: Schema, most: int) -> int:
    """Fields and list entries of a message and of all messages within it; stops counting beyond `most`.

    Raises WireError where the bytes are no protobuf, or have groups, which ONNX does not use.
    """
    total = 0
    messages = [(0, len(content), schema)]
    try:
        while messages:
            at, end, fields = messages.pop()
            while at < end:
                total += 1
                if total > most:
                    return total
                key = content[at]
                at += 1
                if key > 127:
                    key, at = _varint(content, at - 1)
                wire = key & 7
                if wire == 2:
                    size = content[at]
                    at += 1
                    if size > 127:
                        size, at = _varint(content, at - 1)
                    inner = fields.get(key >> 3)
                    if inner.__class__ is dict:
                        messages.append((at, at + size, inner))
                    elif inner is not None:
                        total += size // inner
                    at += size
                elif wire == 0:
                    at = at + 1 if content[at] < 128 else _varint(content, at)[1]
                elif wire == 5:
                    at += 4
                elif wire == 1:
                    at += 8
                else:
                    raise WireError("a group")
            if at > end:
                raise WireError("a field that is longer than its message")
    except IndexError:
        raise WireError("a field that is longer than the file") from None
    return total


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """A number of at most ten bytes, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        byte = content[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise WireError("a number of more than ten bytes")
