"""Several processes, on one machine or more, that train one model: data parallelism under torchrun.

Every process holds the whole model and sees its part of each batch; gradients are averaged before each update, so the
weights stay equal. We average them ourselves instead of wrapping modules: gradient penalties differentiate twice and a
critic is frozen for half of a step, which torch's wrapper does not follow (StyleGAN3 averages by hand for that reason).
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
class Crew:
    """The processes of a run, seen from one of them. Every method but `first` is called by all at the same moment."""

    rank: int = 0
    size: int = 1
    device: torch.device = CPU

    @property
    def first(self) -> bool:
        """Whether this process is the one that writes and speaks."""
        return self.rank == 0

    def mean(self, figures: dict[str, float]) -> dict[str, float]:
        """Every figure's mean over the processes."""
        if self.size == 1:
            return figures
        values = torch.tensor(list(figures.values()), dtype=torch.float64, device=self._wire())
        dist.all_reduce(values)
        return dict(zip(figures, (values / self.size).tolist(), strict=True))

    def any(self, flag: bool) -> bool:
        """Whether one of the processes says so."""
        return flag if self.size == 1 else self.mean({"flag": float(flag)})["flag"] > 0

    def tell(self, value: Any) -> Any:
        """What the first process passes, to all of them; plain JSON values."""
        return value if self.size == 1 else json.loads(self.tell_bytes(json.dumps(value).encode()))

    def tell_bytes(self, content: bytes) -> bytes:
        """The first process's bytes, to all of them."""
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
        """From now on every update of `family` uses the mean of all processes' gradients."""
        if self.size > 1:
            for optimizer in family.optimizers.values():
                optimizer.register_step_pre_hook(self._average_gradients)

    def _average_gradients(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        gradients = [
            p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None
        ]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        flat /= self.size
        for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))

    def share_buffers(self, family: Family) -> None:
        """Running statistics become those of the first process, as in torch's own wrapper."""
        if self.size > 1:
            for module in family.modules.values():
                for buffer in module.buffers():
                    dist.broadcast(buffer, 0)

    def _wire(self) -> torch.device:
        return self.device if dist.get_backend() == "nccl" else torch.device("cpu")


ALONE = Crew()


def pick_device(name: str) -> torch.device:
    """ "auto", "cpu" or "cuda" -> the device of this process; MachineError for a GPU that is not there."""
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
def open_crew(device_name: str = "auto") -> Iterator[Crew]:
    """The processes that torchrun started, or this one alone; NCCL between GPUs, gloo between CPUs."""
    device = pick_device(device_name)
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Crew(device=device)
        return
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Crew(dist.get_rank(), size, device)
    finally:
        dist.destroy_process_group()


def to_device(family: Family, device: torch.device, compiled: bool) -> None:
    """Move a family where it is to be trained; compiled: on a GPU with torch.compile.

    Critics are left as they are: gradient penalties differentiate them twice, which compiled code cannot do.
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
