"""Masked discrete diffusion over palette indices: the network learns to fill in masked pixels.

Austin et al., "Structured denoising diffusion models in discrete state-spaces" (D3PM, NeurIPS 2021), with the
absorbing state. The bound on -log p(x) is an average over orders of the pixels (Hoogeboom et al.,
"Autoregressive diffusion models", ICLR 2022; Sahoo et al., "Simple and effective masked diffusion language
models", NeurIPS 2024):

  -log p(x) / D  <=  E over n = 1 .. D and masks M of n cells:  1/n  sum over c in M of  -log p(x_c | x
outside M)
"""

import torch
from torch import Tensor

from ..data.batches import Batch
from .iterative import Iterative


class MaskedDiffusion(Iterative):
    """Masks cells at random. Sampling fixes several cells per evaluation, in random order."""

    causal, method = False, "masked"

    def hide(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Mask n = 1 .. D cells of each picture: the last ones of a random order."""
        assert batch.indices is not None
        count, cells = len(batch.kinds), self.config.cells
        hidden = 1 + (batch.level * cells).long().clamp(max=cells - 1)
        rank = batch.order.argsort(dim=1).argsort(dim=1)
        mask = (rank < hidden[:, None]).view_as(batch.indices)
        weights = mask / (hidden * count)[:, None, None]
        return torch.where(mask, len(self.palette), batch.indices), weights
