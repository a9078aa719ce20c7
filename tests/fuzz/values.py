"""Random numbers, texts and damage for any file format."""

import json
import math
from random import Random
from typing import Any

INTEGERS = (
    0,
    1,
    -1,
    2,
    3,
    4,
    5,
    7,
    8,
    64,
    65,
    127,
    128,
    255,
    256,
    513,
    4097,
    2**31 - 1,
    2**31,
    -(2**31),
    2**63 - 1,
    -(2**63),
)
FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 1e-45, 1e-40, 3.4e38, math.inf, -math.inf, math.nan)
TEXTS = (
    "",
    "wrap",
    "constant",
    "reflect",
    "SAME_UPPER",
    "NOTSET",
    "nan",
    "1",
    "x" * 5000,
    "\x1b]0;t\x07",
    "\x00",
    "名\u200d前",
)


def damage_bytes(rng: Random, content: bytes) -> bytes:
    """Flip bits, and delete or repeat bytes."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 3, 10))):
        if not data:
            break
        at, length, choice = rng.randrange(len(data)), rng.choice((1, 2, 4, 8, 100)), rng.random()
        if choice < 0.5:
            data[at] ^= 1 << rng.randrange(8)
        elif choice < 0.7:
            data[at] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
        elif choice < 0.8:
            del data[at : at + length]
        elif choice < 0.9:
            data[at:at] = data[rng.randrange(len(data)) :][:length]
        elif choice < 0.95:
            data[at : at + length] = rng.randbytes(length)
        else:
            del data[at:]
    return bytes(data)


def any_value(rng: Random) -> Any:
    """Return any JSON value."""
    choice = rng.randrange(9)
    if choice < 2:
        return rng.choice((*INTEGERS, 10**30, -(10**400)))
    if choice == 2:
        return rng.choice((*FLOATS, 6.5, 1e308))
    if choice == 3:
        return rng.choice((*TEXTS, "000000ff", "ffffff80", "00000000"))
    if choice == 4:
        return rng.choice((None, True, False))
    if choice == 5:
        return [
            rng.choice((0, 255, 1.5, "00ff00ff", None, [], {})) for _ in range(rng.choice((0, 1, 2, 4, 300)))
        ]
    if choice == 6:
        return {rng.choice(("name", "method", "", "x")): rng.choice(INTEGERS)}
    if choice == 7:
        return [rng.choice(TEXTS)] * rng.choice((1, 2, 1000))
    return {}


def damage_json(rng: Random, values: Any) -> bytes:
    """Return JSON in which one value is changed, missing or new at any depth, or a text that is not JSON."""
    values = json.loads(json.dumps(values))
    where, key = _some_place(rng, values)
    choice = rng.random()
    if where is not None and choice < 0.15:
        del where[key]
    elif where is not None and choice < 0.3 and isinstance(where[key], (int, float)):
        where[key] = (
            where[key] + rng.choice((-1, 1)) if choice < 0.2 else where[key] * rng.choice((-1, 0, 1e300))
        )
    elif where is not None and choice < 0.85:
        where[key] = any_value(rng)
    elif isinstance(values, dict):
        values[rng.choice(TEXTS)] = any_value(rng)
    content = json.dumps(values).encode()
    if rng.random() < 0.1:
        deep = rng.choice(
            (b"[" * 100_000, b'{"a":' * 50_000, b"9" * 6000, b"NaN", b"", b"\xff\xfe", b"\xef\xbb\xbf{}")
        )
        content = rng.choice((content[: rng.randrange(len(content) + 1)], deep, content + content))
    return damage_bytes(rng, content) if rng.random() < 0.1 else content


def _some_place(rng: Random, values: Any) -> tuple[Any, Any]:
    """Return a random list or object, and an index or key of it."""
    where, key = None, None
    while isinstance(values, (list, dict)) and values:
        where, key = values, rng.choice(sorted(values) if isinstance(values, dict) else range(len(values)))
        values = values[key]
        if rng.random() < 0.4:
            break
    return where, key
