"""A checkpoint: one safetensors file with a family, its optimizers, and a checksum over every byte of it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from tilewright.errors import DataError

from .families.family import Family
from .watch.care import Care

MAX_HEADER_BYTES = 1 << 22
MAX_BYTES = 1 << 31
_UNSIGNED = "0" * 64  # what the checksum is while it is computed


@dataclass(frozen=True)
class Checkpoint:
    """What was read from a file and holds what it promises; `restore` finds out whether it fits."""

    tensors: dict[str, Tensor]
    step: int
    total_steps: int
    care: Care
    name: str


def pack_checkpoint(family: Family, step: int, total_steps: int, care: Care) -> bytes:
    """Everything that the steps after `step` depend on, as the bytes of a file."""
    about = {"step": step, "total_steps": total_steps, "care": care.to_json(), "sha256": _UNSIGNED}
    # One entry, because the library writes several in no particular order.
    content = safetensors.torch.save(_tensors(family), {"tilewright": json.dumps(about)})
    return content.replace(_UNSIGNED.encode(), hashlib.sha256(content).hexdigest().encode(), 1)


def read_checkpoint(path: Path) -> bytes:
    """The bytes of a file; DataError if there is none, or one too large to be a checkpoint."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{path} is not a readable checkpoint: it has more than {MAX_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} is not a readable checkpoint: {error.strerror}") from error


def unpack_checkpoint(content: bytes, name: str) -> Checkpoint:
    """Read what `pack_checkpoint` wrote; `name` is for errors.

    The bytes may come from a stranger. DataError if they are no checkpoint, if a bit of them has flipped, or if a
    number is not finite.
    """
    try:
        about = _about(content)
        claimed = str(about["sha256"])
        unsigned = content.replace(claimed.encode(), _UNSIGNED.encode(), 1)
        if hashlib.sha256(unsigned).hexdigest() != claimed:
            raise ValueError("its checksum is wrong: the file is damaged")
        tensors = safetensors.torch.load(content)
        step, total = int(about["step"]), int(about["total_steps"])
        if not 0 <= step <= total:
            raise ValueError(f"step {step} of {total}")
        care = Care.from_json(about["care"])
    except Exception as error:  # the library's own, and whatever strange metadata leads to
        raise DataError(f"{name} is not a readable checkpoint: {_in_words(error)}") from error
    for key, value in tensors.items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise DataError(f"{name} is not a readable checkpoint: {key} holds numbers that are not finite")
    return Checkpoint(tensors, step, total, care, name)


def _about(content: bytes) -> dict[str, Any]:
    """What `pack_checkpoint` says of a file in its header; sizes are looked at before anything is parsed."""
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > min(MAX_HEADER_BYTES, len(content) - 8):
        raise ValueError("its header is longer than the file, or than any header")
    header = json.loads(content[8 : 8 + length])
    return dict(json.loads(header["__metadata__"]["tilewright"]))


def _in_words(error: Exception) -> str:
    return f"it has no {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__


def _tensors(family: Family) -> dict[str, Tensor]:
    tensors = {
        f"{name}/{key}": value.detach().cpu().contiguous()
        for name, module in family.modules.items()
        for key, value in module.state_dict().items()
    }
    for name, optimizer in family.optimizers.items():
        for index, state in optimizer.state_dict()["state"].items():
            for key, value in state.items():
                tensors[f"optimizer/{name}/{index}/{key}"] = (
                    torch.as_tensor(value).detach().cpu().contiguous()
                )
    return tensors


def restore(family: Family, checkpoint: Checkpoint) -> None:
    """Put a checkpoint's numbers into `family`; DataError if their names or shapes are not its own."""
    tensors = checkpoint.tensors
    try:
        for name, module in family.modules.items():
            prefix = f"{name}/"
            module.load_state_dict(
                {key.removeprefix(prefix): v for key, v in tensors.items() if key.startswith(prefix)}
            )
        for name, optimizer in family.optimizers.items():
            optimizer.load_state_dict(
                {
                    **optimizer.state_dict(),
                    "state": _optimizer_state(optimizer, tensors, f"optimizer/{name}/"),
                }
            )
    except (KeyError, IndexError, RuntimeError, ValueError) as error:
        raise DataError(f"{checkpoint.name} does not fit this run's networks: {error}") from error


def _optimizer_state(
    optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor], prefix: str
) -> dict[int, dict[str, Tensor]]:
    """By the number of a parameter; torch itself would take any shape and fail at the next step."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith(prefix):
            index, field = key.removeprefix(prefix).split("/")
            if value.shape not in (parameters[int(index)].shape, torch.Size([])):
                raise ValueError(f"{key} has the shape {tuple(value.shape)}")
            state.setdefault(int(index), {})[field] = value
    return state
