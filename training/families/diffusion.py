"""Masked discrete diffusion over palette indices: the network learns to fill in masked pixels.

Austin et al., "Structured denoising diffusion models in discrete state-spaces" (D3PM, NeurIPS 2021), with the
absorbing state. The bound on -log p(x) is an average over orders of the pixels (Hoogeboom et al.,
"Autoregressive diffusion models", ICLR 2022; Sahoo et al., "Simple and effective masked diffusion language
models", NeurIPS 2024):

  -log p(x) / D  <=  E over n = 1 .. D and masks M of n cells:  1/n  sum over c in M of  -log p(x_c | x
outside M)
"""

from typing import Any, ClassVar

import torch
from torch import Tensor

from tilewright.canvas import near_borders

from ..data.batches import Batch
from .iterative import Iterative

BLOCK = 8  # pixels along the edge of a block
BLOCKS_EVERY = 3  # one picture in so many has blocks masked
BANDS = (3, 9)  # pixels on each side of a border, at random, of pictures that show all others
GIVEN = 4  # of so many pictures, one shows nothing for certain, if the configuration asks for given pixels


class MaskedDiffusion(Iterative):
    """Masks cells at random. Sampling fixes several cells per evaluation, in random order.

    With a kind for each pixel, pictures are parts of larger ones, generated next to what is there already. So that
    the network knows such pictures, some of a batch have whole blocks masked.
    """

    causal, method = False, "masked"
    options: ClassVar[dict[str, Any]] = {"order": "halton", "refine": 8}  # docs/models.md has what they gain

    def hide(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Mask n = 1 .. D cells of each picture: the last ones of a random order."""
        assert batch.indices is not None
        count, cells = len(batch.kinds), self.config.cells
        hidden = 1 + (batch.level * cells).long().clamp(max=cells - 1)
        mask = chosen(batch.order, hidden).view_as(batch.indices)
        if batch.kinds.ndim == 3:
            mask[::BLOCKS_EVERY] = self._blocks(batch)[::BLOCKS_EVERY]
            free = (torch.arange(count, device=mask.device) % GIVEN == GIVEN - 1)[:, None, None]
            if self.config.inside_known:
                width = BANDS[0] + int(float(batch.order[0, 0]) * (BANDS[1] - BANDS[0]))
                near = near_borders(batch.kinds.cpu().numpy(), width)
                mask &= torch.from_numpy(near).to(mask.device) | free
            if self.config.first_known:
                mask &= (batch.kinds != 0) | free
            hidden = mask.sum(dim=(1, 2)).clamp(min=1)
        weights = mask / (hidden * count)[:, None, None]
        return torch.where(mask, len(self.palette), batch.indices), weights

    def _blocks(self, batch: Batch) -> Tensor:
        """Return masks bool (N, H, W) of whole blocks, a share of about batch.level of each picture."""
        height, width = self.config.size
        order = batch.order.view(-1, height, width)[:, ::BLOCK, ::BLOCK]
        mask = order < batch.level[:, None, None]
        return mask.repeat_interleave(BLOCK, 1).repeat_interleave(BLOCK, 2)[:, :height, :width]


def chosen(order: Tensor, counts: Tensor) -> Tensor:
    """Choose counts[i] cells of each picture by random numbers, float (N, D). Returns bool (N, D)."""
    return order.argsort(dim=1).argsort(dim=1) < counts[:, None]
