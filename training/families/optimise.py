"""What every family does to its networks in a step: one update, one average, one schedule."""

import math

import torch
from torch import Tensor, nn

from ..config import Config


def adam(module: nn.Module, config: Config) -> torch.optim.Adam:
    """Adam over all of a module, as the configuration has it."""
    return torch.optim.Adam(module.parameters(), lr=config.lr, betas=(config.beta1, config.beta2))


def update(optimizer: torch.optim.Optimizer, loss: Tensor, most: float = math.inf) -> None:
    """One step down the gradient of `loss`, its norm cut to `most`; the only place where gradients become weights."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if most < math.inf:
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        nn.utils.clip_grad_norm_(parameters, most)
    optimizer.step()


@torch.no_grad()
def average(ema: nn.Module, module: nn.Module, decay: float) -> None:
    """Move `ema` towards `module`: weights by 1 - decay, buffers all the way."""
    for slow, fast in zip(ema.parameters(), module.parameters(), strict=True):
        slow.lerp_(fast, 1.0 - decay)
    for slow, fast in zip(ema.buffers(), module.buffers(), strict=True):
        slow.copy_(fast)


def average_decay(config: Config, step: int) -> float:
    """config.ema, less while there is little to average."""
    return min(config.ema, (1 + step) / (10 + step))


def cool(optimizer: torch.optim.Optimizer, config: Config, progress: float, factor: float = 1.0) -> None:
    """Set the learning rate to `factor` times config.lr; it falls linearly to a tenth from config.cooldown_from on."""
    share = max(0.0, (progress - config.cooldown_from) / max(1e-9, 1.0 - config.cooldown_from))
    for group in optimizer.param_groups:
        group["lr"] = config.lr * factor * (1.0 - 0.9 * share)


def autocast(config: Config, where: Tensor) -> torch.autocast:
    """bfloat16 on the device of `where`, if the configuration has it so."""
    return torch.autocast(where.device.type, torch.bfloat16, enabled=config.bfloat16)
