"""What the training loop, the measures and the exporter know of a family of networks."""

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
from .vae import Vae


class Family(Protocol):
    """Networks and what trains them. `step` starts at 0; `progress` runs from 0 to 1 over the run.

    modules: what a checkpoint holds; "ema" among them is the averaged network, which is exported.
    sampler: the metadata of an iterative pack, or None where the network makes a picture at once.
    evaluations: how often the exported file asks the network, one answer going into the next question.
    """

    modules: dict[str, nn.Module]
    optimizers: dict[str, torch.optim.Optimizer]
    sampler: dict[str, Any] | None
    evaluations: int

    def train_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        """Update every network once and return figures worth plotting, the most telling first."""

    def sample(self, kinds: Tensor, seed: int) -> np.ndarray:
        """Finished pictures uint8 (N, S, S, 4) of the kinds int64 (N,), from "ema".

        Picture i follows from (weights, kinds[i], seed, i) alone, drawn from the seed like tile i of a pack.
        """


@runtime_checkable
class WithLoss(Protocol):
    """A family whose loss means the same on art that it has not seen."""

    def loss(self, batch: Batch) -> Tensor:
        """Of one batch, of "ema"."""


# By the names of models.MODELS.
FAMILIES: dict[str, Callable[[Config, np.ndarray, int], Any]] = {
    "gan": PaletteGan,
    "dcgan": Dcgan,
    "vae": Vae,
    "ar": Autoregressive,
    "diffusion": MaskedDiffusion,
    "flow": FlowMatching,
}


def build_family(config: Config, palette: np.ndarray, kinds: int) -> Family:
    """The family that `config.model` names, with freshly drawn weights from `config.seed`.

    palette: uint8 (K, 4), what the pictures are made of; kinds: how many there are.
    """
    torch.manual_seed(config.seed)
    family: Family = FAMILIES[config.model](config, palette, kinds)
    return family
