"""An autoregressive model: pixels in reading order, each conditioned on the pixels before it.

Van den Oord, Kalchbrenner and Kavukcuoglu, "Pixel recurrent neural networks" (ICML 2016): the PixelCNN, whose
convolutions are causal, here over palette indices:

  -log p(x) / D  =  1/D  sum over cells c = 1 .. D of  -log p(x_c | x_1 .. x_(c-1))
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from ..data.batches import Batch
from .iterative import MOST_LOGIT, Iterative, occurring, scores
from .networks import LEAK
from .step_network import MaskedConv

# Share of columns whose loss compares all entries, as the sampler does with `new_colours` of `Pack.animate`.
UNLIMITED = 0.25


class Autoregressive(Iterative):
    """Trains on all cells in every step. Sampling fixes one cell per evaluation."""

    causal, method = True, "autoregressive"

    def hide(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Mask up to config.hidden_context of the cells, a different share in each picture.

        The convolutions are causal, so every cell has a loss. Masked context slows the memorisation of a
        small data set: Gao et al., "What makes diffusion language models super data learners?" (arXiv
        2510.04071).
        """
        assert batch.indices is not None
        share = (self.config.hidden_context * batch.level)[:, None, None]
        weights = torch.full_like(batch.indices, 1.0 / batch.indices.numel(), dtype=torch.float32)
        hidden = batch.order.view_as(batch.indices) < share
        return torch.where(hidden, len(self.palette), batch.indices), weights

    def excluded(self, batch: Batch) -> Tensor | None:
        """Return, for most columns of frames, the entries that the first frame lacks, for all cells but its own.

        Packs complete columns with the colours of the first frame (docs/animation.md). A network that has to tell
        these colours from all others as well gives so little probability to each of them that the sampler, which
        ignores the others, repeats the pixel before too often.
        """
        if not self.config.column:
            return super().excluded(batch)
        assert batch.indices is not None
        first, entries = batch.kinds == batch.kinds[:, :1, :1], len(self.palette)
        occurs = occurring(torch.where(first, batch.indices, entries).flatten(1), entries)
        limited = (batch.level >= UNLIMITED)[:, None, None] & ~first
        return limited[:, None] & ~occurs[:, :, None, None]

    @torch.no_grad()
    def draw(self, kinds: Tensor, seed: int, start: int, words: Tensor | None = None) -> Tensor:
        """Like Iterative.draw, but keeps the layers' outputs for earlier cells, so a picture costs one
        evaluation.
        """
        network, (height, width) = self.ema, self.config.size
        assert network.first is not None
        count = len(kinds)
        noise = torch.from_numpy(self.draws(seed, start, count).noise()).to(kinds.device)
        table = network.table()
        of_words = 0.0 if words is None or network.words is None else network.words(words)[:, None]
        rows = table[kinds if kinds.ndim == 1 else kinds[:, 0, 0]] + of_words  # (N, K + 1, C)
        layers = [network.first, *(block.spread for block in network.blocks)]
        maps = [
            rows.new_zeros(height + 2 * layer.margins[0], width + 2 * layer.margins[1], count, rows.shape[2])
            for layer in layers
        ]
        down, across = layers[0].margins
        lacking = self.lacking(kinds)
        result = torch.empty(count, height * width, dtype=torch.int64, device=kinds.device)
        picture = torch.arange(count, device=kinds.device)
        for cell in range(height * width):
            y, x = divmod(cell, width)
            if kinds.ndim == 3:
                rows = table[kinds[:, y, x]] + of_words
            maps[0][y + down, x + across] = rows[:, -1]
            h = _at(layers[0], maps[0], y, x)
            for block, seen in zip(network.blocks, maps[1:], strict=True):
                seen[y + block.spread.margins[0], x + block.spread.margins[1]] = h
                inner = F.leaky_relu(_at(block.spread, seen, y, x), LEAK)
                h = h + F.linear(inner, block.mix.weight[:, :, 0, 0], block.mix.bias)
            logits = F.linear(h, network.logits.weight[:, :, 0, 0], network.logits.bias)
            if lacking is not None:
                logits = logits.masked_fill(lacking[:, :, 0, 0], -MOST_LOGIT)
            result[:, cell] = (scores(logits) + noise[:, cell]).argmax(1)
            maps[0][y + down, x + across] = rows[picture, result[:, cell]]
        return result.view(count, height, width)


def _at(layer: MaskedConv, seen: Tensor, y: int, x: int) -> Tensor:
    """Return the convolution's output float (N, C) at one cell. seen: its padded input (H, W, N, C)."""
    (height, width), (down, across) = layer.weight.shape[2:], layer.dilations
    centre = height // 2 * width + width // 2
    taps = [divmod(tap, width) for tap in range(centre + 1)]
    window = torch.cat([seen[y + ky * down, x + kx * across] for ky, kx in taps], dim=1)
    weights = torch.cat([layer.masked()[:, :, ky, kx] for ky, kx in taps], dim=1)
    return F.linear(window, weights, layer.bias)
