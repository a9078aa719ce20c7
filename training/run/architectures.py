"""The networks that can be a base: what determines their size, and which of their tables have a row for each colour,
kind and word.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..config import Config
from ..families import losses
from ..families.iterative import step_network
from ..families.step_network import StepNetwork
from ..families.vae import VaeNetwork

SHOWN = 2  # masked diffusion: one in so many cells is shown to compare styles


@dataclass(frozen=True)
class Architecture:
    """models: the families that train this network. shape: fields of Config that determine it. colours, kinds, words:
    names of tables; those of words have columns. build: returns a network from the configuration and the numbers of
    colours, kinds and words. loss: returns float (N,), the loss of pictures int64 (N, H, W) of kinds int64 (N,).
    fine_tuned: fields of Config of a run that starts from a base.
    """

    models: tuple[str, ...]
    shape: tuple[str, ...]
    colours: tuple[str, ...]
    kinds: tuple[str, ...]
    words: tuple[str, ...]
    build: Callable[[Config, int, int, int], nn.Module]
    loss: Callable[[nn.Module, Tensor, Tensor], Tensor]
    fine_tuned: dict[str, Any] = field(default_factory=dict)


def architecture_of(model: str) -> Architecture:
    """Return the architecture of a family in MODELS."""
    return next(one for one in ARCHITECTURES if model in one.models)


def _bound(network: nn.Module, indices: Tensor, kinds: Tensor) -> Tensor:
    """Return the bound on -log p(x|k) at the mean of the posterior."""
    assert isinstance(network, VaeNetwork)
    logits, posterior = network(indices, kinds, torch.zeros((len(indices), sum(network.decoder.lengths))))
    picture = F.cross_entropy(logits, indices, reduction="none").sum((1, 2))
    return picture + losses.divergence(posterior.mean, posterior.log_variance)


def _causal(network: nn.Module, indices: Tensor, kinds: Tensor) -> Tensor:
    """Return -log p(x|k)."""
    return F.cross_entropy(network(indices, kinds), indices, reduction="none").sum((1, 2))


def _masked(network: nn.Module, indices: Tensor, kinds: Tensor) -> Tensor:
    """Return -log p of the cells of a fixed random mask, given the others."""
    assert isinstance(network, StepNetwork)
    random = torch.Generator().manual_seed(0)
    hidden = torch.randint(SHOWN, indices.shape[1:], generator=random) == 0
    shown = torch.where(hidden, network.colours, indices)
    return (F.cross_entropy(network(shown, kinds), indices, reduction="none") * hidden).sum((1, 2))


_STEP: dict[str, Any] = {
    "shape": ("step_channels", "dilations"),
    "colours": ("cells.weight", "logits.weight", "logits.bias"),
    "kinds": ("kinds.weight",),
    "words": ("words.weight",),
}
ARCHITECTURES = (
    Architecture(
        models=("vae", "gan"),
        shape=("latent_size", "embedding", "map_latents", "rungs_per_size", "channels", "critic_channels"),
        colours=("encoder.cells.weight", "decoder.logits.weight", "decoder.logits.bias"),
        kinds=("encoder.kinds.weight", "decoder.embedding.weight"),
        words=("encoder.words.weight", "decoder.words.weight"),
        build=VaeNetwork,
        loss=_bound,
        fine_tuned={"warm_until": 0.0},  # the noise maps are in use already
    ),
    Architecture(models=("ar",), build=partial(step_network, causal=True), loss=_causal, **_STEP),
    Architecture(models=("diffusion",), build=partial(step_network, causal=False), loss=_masked, **_STEP),
)
MODELS = tuple(model for one in ARCHITECTURES for model in one.models)
