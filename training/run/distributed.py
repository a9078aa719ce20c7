"""Data-parallel training of one model in several processes, on one or more machines, under torchrun.

Every process holds the whole model and a part of each batch. Gradients are averaged before each update, so
the weights stay equal. The averaging is explicit rather than through DistributedDataParallel, which does not
support gradient penalties that differentiate twice, or a critic that is frozen for half of a step (StyleGAN3
does the same).
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch import distributed as dist

from tilewright.errors import MachineError, UsageError

from ..families.family import Family

CPU = torch.device("cpu")


@dataclass(frozen=True)
class ProcessGroup:
    """The processes of a run, from the view of one of them. All methods except `first` are collective calls."""

    rank: int = 0
    size: int = 1
    device: torch.device = CPU

    @property
    def first(self) -> bool:
        """Whether this process writes files and messages."""
        return self.rank == 0

    def mean(self, figures: dict[str, float]) -> dict[str, float]:
        """Return the mean of every figure over the processes."""
        if self.size == 1:
            return figures
        values = torch.tensor(list(figures.values()), dtype=torch.float64, device=self._wire())
        dist.all_reduce(values)
        return dict(zip(figures, (values / self.size).tolist(), strict=True))

    def any(self, flag: bool) -> bool:
        """Whether `flag` is set in any process."""
        return flag if self.size == 1 else self.mean({"flag": float(flag)})["flag"] > 0

    def broadcast(self, value: Any) -> Any:
        """Return the first process's value, plain JSON, in all processes."""
        return value if self.size == 1 else json.loads(self.broadcast_bytes(json.dumps(value).encode()))

    def broadcast_bytes(self, content: bytes) -> bytes:
        """Return the first process's bytes in all processes."""
        if self.size == 1:
            return content
        length = torch.tensor([len(content)], device=self._wire())
        dist.broadcast(length, 0)
        bytes_here = content if self.first else bytes(int(length))
        data = torch.from_numpy(np.frombuffer(bytes_here, np.uint8).copy()).to(self._wire())
        if len(data):
            dist.broadcast(data, 0)
        return data.cpu().numpy().tobytes()

    def join(self, family: Family) -> None:
        """Average the gradients of all processes in every update of `family` from now on."""
        if self.size > 1:
            for optimizer in family.optimizers.values():
                optimizer.average_gradients = self._average_gradients

    def _average_gradients(self, optimizer: torch.optim.Optimizer) -> None:
        gradients = [
            p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None
        ]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        flat /= self.size
        for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))

    def share_buffers(self, family: Family) -> None:
        """Copy running statistics from the first process, like torch's own wrapper."""
        if self.size > 1:
            for module in family.modules.values():
                for buffer in module.buffers():
                    dist.broadcast(buffer, 0)

    def _wire(self) -> torch.device:
        return self.device if dist.get_backend() == "nccl" else torch.device("cpu")


ALONE = ProcessGroup()


def pick_device(name: str) -> torch.device:
    """Return the device for "auto", "cpu" or "cuda". Raises MachineError if there is no such GPU."""
    if name not in ("auto", "cpu", "cuda"):
        raise UsageError(f"train: device must be auto, cpu or cuda, not {name!r:.60}")
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise MachineError("train: there is no GPU that torch can use here: leave out --device cuda")
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
    torch.cuda.set_device(device)
    return device


@contextmanager
def open_group(device_name: str = "auto") -> Iterator[ProcessGroup]:
    """Join the processes that torchrun started, or create a group of one. Uses NCCL for GPUs and gloo for
    CPUs.
    """
    device = pick_device(device_name)
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield ProcessGroup(device=device)
        return
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield ProcessGroup(dist.get_rank(), size, device)
    finally:
        dist.destroy_process_group()


def to_device(family: Family, device: torch.device, compiled: bool) -> None:
    """Move a family to a device. compiled: use torch.compile on a GPU.

    Critics are not compiled, because gradient penalties differentiate them twice and compiled code does not
    support that.
    """
    for name, module in family.modules.items():
        module.to(device)
        if compiled and device.type == "cuda" and name not in ("critic", "ema"):
            module.compile()
    for optimizer in family.optimizers.values():
        for state in optimizer.state.values():
            for key, value in state.items():
                if isinstance(value, Tensor) and key != "step":
                    state[key] = value.to(device)
