"""Masked discrete diffusion over palette indices: pixels are hidden, and the network learns to fill them in.

Austin et al., "Structured denoising diffusion models in discrete state-spaces" (D3PM, NeurIPS 2021), with the absorbing
state. Its bound on -log p(x) is an average over orders of the pixels (Hoogeboom et al., "Autoregressive diffusion
models", ICLR 2022; Sahoo et al., "Simple and effective masked diffusion language models", NeurIPS 2024):

    -log p(x) / D  <=  E over n = 1 .. D and masks M of n cells:  1/n  sum over c in M of  -log p(x_c | x outside M)
"""

import torch
from torch import Tensor

from ..data.batches import Batch
from .iterative import Iterative


class MaskedDiffusion(Iterative):
    """Cells are hidden at random; sampling knows them again in random order, several in one evaluation."""

    causal, method = False, "masked"

    def hide(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """n = 1 .. D cells of each picture are not yet known, those that come last in a random order."""
        assert batch.indices is not None
        count, size = len(batch.kinds), self.config.size
        hidden = 1 + (batch.level * size * size).long().clamp(max=size * size - 1)
        rank = batch.order.argsort(dim=1).argsort(dim=1)
        mask = (rank < hidden[:, None]).view(count, size, size)
        weights = mask / (hidden * count)[:, None, None]
        return torch.where(mask, len(self.palette), batch.indices), weights
