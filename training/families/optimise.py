"""The parts of a training step that all families share: update, average and schedule."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..config import Config


class Adam(torch.optim.AdamW):
    """Adam whose gradients other processes may change before they are clipped (run/distributed.py)."""

    average_gradients: Callable[[torch.optim.Optimizer], None] | None = None


def adam(module: nn.Module, config: Config, decayed: Sequence[nn.Parameter] = ()) -> Adam:
    """Return Adam for all parameters of a module.

    decayed: the parameters to which config.weight_decay applies, decoupled from the gradient: Loshchilov and
    Hutter, "Decoupled weight decay regularization" (ICLR 2019).
    """
    groups: list[dict[str, Any]] = [{"params": list(module.parameters())}]
    if config.weight_decay:
        chosen = {id(parameter) for parameter in decayed}
        rest = [parameter for parameter in module.parameters() if id(parameter) not in chosen]
        groups = [{"params": rest}, {"params": list(decayed), "weight_decay": config.weight_decay}]
    return Adam(groups, lr=config.lr, betas=(config.beta1, config.beta2), weight_decay=0.0)


def update(optimizer: Adam, loss: Tensor, most: float = math.inf) -> None:
    """Take one optimizer step on `loss`, with the gradient norm clipped to `most`. All weight updates happen
    here.
    """
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if optimizer.average_gradients is not None:
        optimizer.average_gradients(optimizer)
    if most < math.inf:
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        nn.utils.clip_grad_norm_(parameters, most)
    optimizer.step()


@torch.no_grad()
def average(ema: nn.Module, module: nn.Module, decay: float) -> None:
    """Move `ema` towards `module`: weights by 1 - decay, buffers completely."""
    for slow, fast in zip(ema.parameters(), module.parameters(), strict=True):
        slow.lerp_(fast, 1.0 - decay)
    for slow, fast in zip(ema.buffers(), module.buffers(), strict=True):
        slow.copy_(fast)


def average_decay(config: Config, step: int) -> float:
    """Return config.ema, or less in the first steps."""
    return min(config.ema, (1 + step) / (10 + step))


def cool(optimizer: torch.optim.Optimizer, config: Config, progress: float, factor: float = 1.0) -> None:
    """Set the learning rate to `factor` times config.lr, decaying linearly to a tenth from
    config.cooldown_from on.
    """
    share = max(0.0, (progress - config.cooldown_from) / max(1e-9, 1.0 - config.cooldown_from))
    for group in optimizer.param_groups:
        group["lr"] = config.lr * factor * (1.0 - 0.9 * share)


def autocast(config: Config, where: Tensor) -> torch.autocast:
    """Return a bfloat16 autocast on the device of `where`, enabled if the configuration asks for it."""
    return torch.autocast(where.device.type, torch.bfloat16, enabled=config.bfloat16)
