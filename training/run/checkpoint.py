"""Checkpoints: one safetensors file with a family, its optimizers, and a checksum over every byte."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from tilewright.errors import DataError
from tilewright.files import read_bounded

from ..config_ranges import MAX_STEPS
from ..families.family import Family
from ..watch.rescue_state import RescueState
from .sealed import in_words, seal, unseal

MAX_BYTES = 1 << 31


@dataclass(frozen=True)
class Checkpoint:
    """The verified contents of a file. `restore` checks whether they fit a family."""

    tensors: dict[str, Tensor]
    step: int
    total_steps: int
    rescue: RescueState
    name: str


def pack_checkpoint(family: Family, step: int, total_steps: int, rescue: RescueState) -> bytes:
    """Serialise everything that the steps after `step` depend on."""
    return seal(_tensors(family), {"step": step, "total_steps": total_steps, "care": rescue.to_json()})


def read_checkpoint(path: Path) -> bytes:
    """Read a file. Raises DataError if it is missing or too large for a checkpoint."""
    try:
        return read_bounded(path, MAX_BYTES, follow=False)
    except DataError as error:
        raise DataError(
            f"{path} is not a readable checkpoint: {str(error).removeprefix(f'{path}: ')}"
        ) from error


def unpack_checkpoint(content: bytes, name: str) -> Checkpoint:
    """Read the output of `pack_checkpoint`. `name` is used in errors.

    The bytes are untrusted. Raises DataError if they are no checkpoint, if a bit has changed, or if a number
    is not finite.
    """
    try:
        tensors, about = unseal(content)
        step, total = about["step"], about["total_steps"]
        if type(step) is not int or type(total) is not int or not 0 <= step <= total <= MAX_STEPS:
            raise ValueError(f"step {step!r:.20} of {total!r:.20}")
        rescue = RescueState.from_json(about["care"])
    except Exception as error:  # exceptions of the library, and consequences of invalid metadata
        raise DataError(f"{name} is not a readable checkpoint: {in_words(error)}") from error
    return Checkpoint(tensors, step, total, rescue, name)


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
    """Copy a checkpoint into `family`. Raises DataError, without changes, if the tensors do not match its
    networks.
    """
    tensors = checkpoint.tensors
    try:
        known = set[str]()
        states = {}
        for name, module in family.modules.items():
            for key, value in module.state_dict().items():
                _check(f"{name}/{key}", tensors, value.shape, value.dtype)
                known.add(f"{name}/{key}")
        for name, optimizer in family.optimizers.items():
            states[name] = _optimizer_state(optimizer, tensors, f"optimizer/{name}/")
            known |= {f"optimizer/{name}/{i}/{key}" for i, state in states[name].items() for key in state}
        if set(tensors) - known:
            raise ValueError(f"{min(set(tensors) - known)!r:.80} is none of theirs")
    except ValueError as error:
        raise DataError(f"{checkpoint.name} does not fit this run's networks: {error}") from error
    for name, module in family.modules.items():
        module.load_state_dict({key: tensors[f"{name}/{key}"] for key in module.state_dict()})
    for name, optimizer in family.optimizers.items():
        optimizer.load_state_dict({**optimizer.state_dict(), "state": states[name]})


def _optimizer_state(
    optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor], prefix: str
) -> dict[int, dict[str, Tensor]]:
    """Return Adam's state by parameter number: all fields, or none for a parameter without a gradient.

    torch would accept any shape, dtype and field, and fail at the next step.
    """
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for index, parameter in enumerate(parameters):
        names = {field: f"{prefix}{index}/{field}" for field in ("step", "exp_avg", "exp_avg_sq")}
        if not any(name in tensors for name in names.values()):
            continue
        _check(names["step"], tensors, torch.Size([]), torch.float32)
        for field in ("exp_avg", "exp_avg_sq"):
            _check(names[field], tensors, parameter.shape, parameter.dtype)
        for field in ("step", "exp_avg_sq"):
            if bool((tensors[names[field]] < 0).any()):
                raise ValueError(f"{names[field]} is negative")
        state[index] = {field: tensors[name] for field, name in names.items()}
    return state


def _check(name: str, tensors: dict[str, Tensor], shape: torch.Size, dtype: torch.dtype) -> None:
    found = tensors.get(name)
    if found is None:
        raise ValueError(f"{name} is missing")
    if (found.shape, found.dtype) != (shape, dtype):
        raise ValueError(f"{name} is {found.dtype} {tuple(found.shape)}, not {dtype} {tuple(shape)}")
