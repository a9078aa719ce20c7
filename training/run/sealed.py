"""Safetensors files with a JSON object and a checksum over every byte, for untrusted reading."""

import hashlib
import json
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from tilewright.files import printable_line

MAX_HEADER_BYTES = 1 << 22
_UNSIGNED = "0" * 64  # placeholder for the checksum while it is computed


def seal(tensors: dict[str, Tensor], about: dict[str, Any]) -> bytes:
    """Serialise tensors and a JSON object."""
    # Use one metadata entry: the library writes several in no particular order.
    content = safetensors.torch.save(tensors, {"tilewright": json.dumps({**about, "sha256": _UNSIGNED})})
    return content.replace(_UNSIGNED.encode(), hashlib.sha256(content).hexdigest().encode(), 1)


def unseal(content: bytes) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors and the object of `seal`, including its "sha256".

    The bytes are untrusted. Raises ValueError, and other exceptions of the libraries, if they are no such file, if a
    bit has changed, or if a number is not finite.
    """
    about = _about(content)
    claimed = str(about["sha256"])
    unsigned = content.replace(claimed.encode(), _UNSIGNED.encode(), 1)
    if hashlib.sha256(unsigned).hexdigest() != claimed:
        raise ValueError("its checksum is wrong: the file is damaged")
    tensors = safetensors.torch.load(content)
    for key, value in tensors.items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise ValueError(f"{key} holds numbers that are not finite")
    return tensors, about


def in_words(error: Exception) -> str:
    """Return why `unseal` failed, in one line."""
    return (
        printable_line(f"it has no {error}" if isinstance(error, KeyError) else str(error))
        or type(error).__name__
    )


def _about(content: bytes) -> dict[str, Any]:
    """Return the object in a file's header. Checks sizes before parsing."""
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > min(MAX_HEADER_BYTES, len(content) - 8):
        raise ValueError("its header is longer than the file, or than any header")
    header = json.loads(content[8 : 8 + length])
    return dict(json.loads(header["__metadata__"]["tilewright"]))
