"""The interface between a family of networks and the training loop, the measures and the exporter."""

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

from ..config import Config
from ..data.batches import Batch
from .autoregressive import Autoregressive
from .dcgan import Dcgan
from .diffusion import MaskedDiffusion
from .flow import FlowMatching
from .gan import PaletteGan
from .optimise import Adam
from .vae import Vae


class Family(Protocol):
    """The networks of a model and their training. `step` starts at 0; `progress` runs from 0 to 1.

    modules: the contents of a checkpoint. "ema" among them is the averaged network, which is exported.
    sampler: the metadata of an iterative pack, or None for a one-shot network. evaluations: chained
    evaluations of the network in the exported file.
    """

    modules: dict[str, nn.Module]
    optimizers: dict[str, Adam]
    sampler: dict[str, Any] | None
    evaluations: int

    def train_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        """Update every network once and return figures for the log, most informative first."""

    def sample(self, kinds: Tensor, seed: int, words: Tensor | None = None) -> np.ndarray:
        """Generate pictures uint8 (N, S, S, 4) of the kinds int64 (N,) and the words float (N, V) with "ema".

        Picture i depends only on (weights, kinds[i], words[i], seed, i), like tile i of a pack. words: only for
        families that take words.
        """


@runtime_checkable
class WithLoss(Protocol):
    """A family whose loss is comparable between training art and held-out art."""

    def loss(self, batch: Batch) -> Tensor:
        """Return the loss of "ema" on one batch."""


@runtime_checkable
class WithCritic(Protocol):
    """A family with a critic."""

    def scores(self, pictures: np.ndarray, kinds: Tensor) -> Tensor:
        """Return the critic's scores float (N,) of pictures uint8 (N, S, S, 4) of the kinds int64 (N,)."""


# Keys are the names in models.MODELS.
FAMILIES: dict[str, Callable[..., Any]] = {
    "gan": PaletteGan,
    "dcgan": Dcgan,
    "vae": Vae,
    "ar": Autoregressive,
    "diffusion": MaskedDiffusion,
    "flow": FlowMatching,
}


def build_family(
    config: Config, palette: np.ndarray, kinds: int, kind_maps: np.ndarray | None = None, words: int = 0
) -> Family:
    """Create the family `config.model` with weights initialised from `config.seed`.

    palette: uint8 (K, 4), the colours of the pictures. kinds: the number of kinds. kind_maps: examples (M, H, W)
    of the kinds of pixels, for an iterative family whose pictures have a kind for each pixel. words: size of the
    vocabulary, for a family that takes words.
    """
    torch.manual_seed(config.seed)
    given: dict[str, Any] = {} if kind_maps is None else {"kind_maps": kind_maps}
    if words:
        given["words"] = words
    family: Family = FAMILIES[config.model](config, palette, kinds, **given)
    return family
