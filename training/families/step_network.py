"""The step network of the iterative families: maps a partly known picture to logits for each cell.

Its shape is limited by the format of iterative packs (docs/pack_format.md): a table row for each cell,
residual blocks of a dilated 3x3 and a 1x1 convolution, and a 1x1 convolution to the logits. There is no
normalisation. Instead, the blocks are initialised to the identity (De and Smith, "Batch normalization biases
residual blocks towards the identity function in deep networks", NeurIPS 2020).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..data.augment import LABEL_LENGTH
from ..size import Size
from .networks import LEAK, around, eight_bits, word_layer

KIND_SHARE = 4  # in a causal network, one in KIND_SHARE channels depends only on the kind


class MaskedConv(nn.Module):
    """A 3x3 convolution that keeps the size.

    dilations: rows and columns between its taps. before: the number of active taps in reading order; 9 means all.
    flat: the kernel is 1x3, for grids of one line.
    """

    def __init__(
        self, channels: int, dilations: Size, wrap: bool, before: int = 9, flat: bool = False
    ) -> None:
        super().__init__()
        self.dilations = dilations
        self.wrap = wrap
        active = _taps(channels, before)[:, :, slice(1, 2) if flat else slice(None)]
        self.weight = nn.Parameter(torch.empty(channels, channels, *active.shape[2:]))
        self.bias = nn.Parameter(torch.zeros(channels))
        taps = max(1, min(3, before - 3)) if flat else before
        nn.init.normal_(self.weight, std=(2.0 / (taps * channels)) ** 0.5)
        self.mask: Tensor | None
        self.register_buffer("mask", active if before < 9 else None, persistent=False)

    @property
    def margins(self) -> tuple[int, int]:
        """The cells that the kernel reaches beyond the centre, along rows and columns."""
        (rows, columns), (down, across) = self.weight.shape[2:], self.dilations
        return rows // 2 * down, columns // 2 * across

    def masked(self) -> Tensor:
        """The weights, with masked taps set to 0."""
        return self.weight if self.mask is None else self.weight * self.mask

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        down, across = self.margins
        if self.wrap:
            x = around(x, down, across)
            return F.conv2d(x, self.masked(), self.bias, dilation=self.dilations)
        if self.mask is not None and down:
            # The last row of the kernel is masked: without it, a step takes a quarter less time.
            x = F.pad(x, (0, 0, down, 0))
            return F.conv2d(
                x, self.masked()[:, :, :-1], self.bias, padding=(0, across), dilation=self.dilations
            )
        return F.conv2d(x, self.masked(), self.bias, padding=(down, across), dilation=self.dilations)


def _taps(channels: int, before: int) -> Tensor:
    """Return float (1, C, 3, 3): 1 for the first `before` taps. Channels of the kind may also use the centre."""
    mask = (torch.arange(9) < before).float().expand(channels, 9).clone()
    mask[: channels // KIND_SHARE, 4] = 1.0
    return mask.view(1, channels, 3, 3)


class Block(nn.Module):
    """x + mix(leaky ReLU(spread(x)))."""

    def __init__(
        self,
        channels: int,
        dilations: Size,
        wrap: bool,
        before: int = 9,
        dropout: float = 0.0,
        flat: bool = False,
    ) -> None:
        super().__init__()
        self.spread = MaskedConv(channels, dilations, wrap, before, flat)
        self.dropout = nn.Dropout(dropout)
        self.mix = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.mix.weight)
        nn.init.zeros_(self.mix.bias)

    def forward(self, x: Tensor, rounded: bool, bias: Tensor | float = 0.0) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W). bias: added to the output of `spread`."""
        y = self.dropout(eight_bits(F.leaky_relu(self.spread(x) + bias, LEAK), rounded))
        return eight_bits(x + self.mix(y), rounded)


class StepNetwork(nn.Module):
    """Maps cells, kinds and words to logits. causal: the logits of a cell depend only on earlier cells in
    reading order, and on their kinds and its own.

    dilations, flat: as in MaskedConv, for each block. kind_map: the exported network takes a kind for each cell. words:
    size of the vocabulary, 0 for none.
    """

    def __init__(
        self,
        colours: int,
        kinds: int,
        channels: int,
        dilations: Sequence[Size],
        wrap: bool = False,
        causal: bool = False,
        dropout: float = 0.0,
        kind_map: bool = False,
        words: int = 0,
        flat: bool = False,
    ) -> None:
        super().__init__()
        self.colours = colours
        self.wrap = wrap
        self.kind_map = kind_map
        blind = channels // KIND_SHARE if causal else 0
        self.cells = nn.Embedding(colours + 1, channels - blind)  # last row: unknown cell
        self.kinds = nn.Embedding(kinds, channels)
        # The augmentation label; not exported. Checkpoints contain the attribute names `told` and `spread`.
        self.told = nn.Linear(LABEL_LENGTH, channels, bias=False)
        nn.init.zeros_(self.told.weight)
        self.words = word_layer(words, channels)
        self.first = MaskedConv(channels, (1, 1), wrap, 4, flat) if causal else None
        before = 5 if causal else 9
        self.blocks = nn.ModuleList(Block(channels, d, wrap, before, dropout, flat) for d in dilations)
        self.logits = nn.Conv2d(channels, colours, 1)

    def table(self) -> Tensor:
        """Return float (kinds, K + 1, C): the input features of a cell for each kind."""
        return self.kinds.weight[:, None] + self.cell_table()

    def cell_table(self) -> Tensor:
        """Return float (1, K + 1, C): the part of `table` that does not depend on the kind."""
        blind = self.kinds.embedding_dim - self.cells.embedding_dim
        return F.pad(self.cells.weight, (blind, 0))[None]

    def block_weights(self) -> list[nn.Parameter]:
        """Return the kernels of all blocks, without biases."""
        return [weights for name, weights in self.blocks.named_parameters() if name.endswith("weight")]

    def forward(
        self,
        cells: Tensor,
        kinds: Tensor,
        rounded: bool = False,
        label: Tensor | None = None,
        words: Tensor | None = None,
    ) -> Tensor:
        """Map cells int64 (N, H, W), with K for unknown cells, and kinds int64 (N,) or (N, H, W), to logits
        float (N, K, H, W).

        rounded: use 8-bit activations like the exported network. label: augmentation label float (N,
        LABEL_LENGTH); None: no changes. words: float (N, V), 1 for each word of a picture; None: no words.
        """
        by_cell = kinds if kinds.ndim == 3 else kinds[:, None, None]
        rows = cells + by_cell * (self.colours + 1)
        x = F.embedding(rows, self.table().flatten(0, 1)).permute(0, 3, 1, 2)
        if words is not None and self.words is not None:
            x = x + self.words(words)[:, :, None, None]
        if label is not None:
            x = x + self.told(label)[:, :, None, None]
        if self.first is not None:
            x = eight_bits(self.first(x), rounded)
        for block in self.blocks:
            x = block(x, rounded)
        return self.logits(x).float()
