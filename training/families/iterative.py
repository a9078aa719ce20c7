"""The common part of the two iterative families: a step network, its average, and the sampler of the packs."""

import copy
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from tilewright.compiler.cell_order import cell_keys
from tilewright.compiler.draws import Draws
from tilewright.compiler.graph import CELLS, LOGITS
from tilewright.compiler.sampling import noise_table
from tilewright.compiler.sampling_options import WHOLE
from tilewright.plan import Sampler
from tilewright.seeds import tile_numbers
from tilewright.upsampling import guiding

from ..config import Config
from ..data.batches import Batch
from .networks import example_words
from .optimise import adam, autocast, average, average_decay, cool, update
from .step_network import StepNetwork

WARM_UP = 100  # steps over which the learning rate rises from 0, while Adam's estimates settle
SAMPLED = 1 << 16  # cells of pictures generated per batch
UNIT = 2.0**-16  # of the integer scores that are drawn from, in logits
MOST_LOGIT = 2.0**14  # larger ones are clamped, so that scores and noise fit int32


def step_network(
    config: Config, colours: int, kinds: int, words: int, causal: bool, kind_map: bool = False
) -> StepNetwork:
    """Return the network that a configuration describes, with new weights. words, kind_map: as in StepNetwork."""
    c = config
    shape = colours, kinds, c.step_channels, c.steps_of_kernels, c.wrap
    return StepNetwork(*shape, causal, c.dropout, kind_map, words, flat=c.lines == 1)


class Iterative(ABC):
    """A step network over palette indices, trained by the cross-entropy of the masked cells."""

    causal: bool
    method: str
    options: ClassVar[dict[str, Any]] = {}  # of the sampler: order, refine, begin
    evaluations = 1  # export checks single evaluations

    def __init__(
        self,
        config: Config,
        palette: np.ndarray,
        kinds: int,
        kind_maps: np.ndarray | None = None,
        words: int = 0,
    ) -> None:
        """kind_maps: examples (M, H, W) of the kinds of pixels, if batches have a kind for each pixel. words: size of
        the vocabulary of batches with words.
        """
        self.config, self.palette = config, palette
        self.kind_maps = None if kind_maps is None else torch.from_numpy(kind_maps.astype(np.int64))
        network = step_network(config, len(palette), kinds, words, self.causal, kind_maps is not None)
        self.network = network.to(memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.network).requires_grad_(False).eval()
        self.modules = {"network": self.network, "ema": self.ema}
        self.optimizers = {"network": adam(self.network, config, self.network.block_weights())}
        evaluations = config.cells if self.causal else config.evaluations
        self.sampler: dict[str, Any] = {
            "method": self.method,
            "steps": min(evaluations, config.cells),
            "temperature": config.temperature,
            **self.options,
        }

    @abstractmethod
    def hide(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the input cells int64 (N, H, W), and the weight of each output cell float (N, H, W), with
        sum 1.
        """

    @torch.no_grad()
    def loss(self, batch: Batch) -> Tensor:
        """Return the training loss of the averaged network in nats per cell, for comparisons with held-out
        art.
        """
        return self._loss(self.ema, batch, rounded=False)

    def _loss(self, network: StepNetwork, batch: Batch, rounded: bool) -> Tensor:
        """Return the weighted cross-entropy -log p(x_c | known cells)."""
        assert batch.indices is not None
        cells, weights = self.hide(batch)
        with autocast(self.config, batch.pictures):
            logits = network(cells, batch.kinds, rounded, batch.changes.label, batch.words)
        excluded = self.excluded(batch)
        if excluded is not None:
            weights = weights.masked_fill(excluded.gather(1, batch.indices[:, None])[:, 0], 0.0)
            logits = logits.masked_fill(excluded, -MOST_LOGIT)
        return (F.cross_entropy(logits, batch.indices, reduction="none") * weights).sum()

    def excluded(self, batch: Batch) -> Tensor | None:
        """Return the entries that the sampler would not draw for each cell, bool (N, K, H, W), or None.

        Cells that have one of them have no loss, so the loss of a picture with such cells is lower.
        """
        lacking = self.lacking(batch.kinds)
        return None if lacking is None else lacking.expand(-1, -1, *batch.kinds.shape[1:])

    def lacking(self, kinds: Tensor) -> Tensor | None:
        """Return the entries that the halves of an upsampler's pictures lack, which it never draws, bool (N, K, 1, 1),
        or None for other networks. kinds: int64 (N, H, W), of `upsampling.guides`.
        """
        if not self.config.upsampler:
            return None
        return ~occurring(guiding(kinds).flatten(1), len(self.palette))[:, :, None, None]

    def train_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        """Update the network once."""
        cool(self.optimizers["network"], self.config, progress, min(1.0, (1 + step) / WARM_UP))
        torch.manual_seed(self.config.seed ^ step << 20)  # dropout depends on the step only, as batches do
        loss = self._loss(self.network, batch, progress >= self.config.round_from)
        update(self.optimizers["network"], loss)
        average(self.ema, self.network, average_decay(self.config, step))
        return {"nats": loss.item()}

    @torch.no_grad()
    def sample(self, kinds: Tensor, seed: int, words: Tensor | None = None) -> np.ndarray:
        """Generate pictures as specified in docs/numerics.md, with the float instead of the exported network.

        kinds: int64 (N,), or (N, H, W) for a network with a kind for each pixel.
        """
        some = max(1, SAMPLED // self.config.cells)
        parts = []
        for i in range(0, len(kinds), some):
            of_part = None if words is None else words[i : i + some]
            parts.append(self.draw(kinds[i : i + some], seed, i, of_part))
        return self.palette[torch.cat(parts).cpu().numpy()]

    @torch.no_grad()
    def conditions(self, count: int, seed: int) -> tuple[Tensor, Tensor | None]:
        """Return examples of kinds in turn, int64 (count,), or (count, H, W) for a network with a kind for each pixel;
        and of words, float (count, V), at most three of each picture, or None.
        """
        kinds = torch.arange(count) % self.ema.kinds.num_embeddings
        if self.kind_maps is not None:
            kinds = self.kind_maps[torch.arange(count) % len(self.kind_maps)]
        if self.ema.words is None:
            return kinds, None
        return kinds, example_words(self.ema.words.in_features, count, seed)

    @torch.no_grad()
    def partly_known(self, count: int, seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor | None]:
        """Return samples of the maps that the network sees during sampling.

        Returns cells as it sees them, int64 (count, H, W); which of them are known, bool (count, H, W); the complete
        pictures, int64 (count, H, W); and kinds and words as `conditions` does. The pictures are the network's own,
        with 0 to all but one cells known, or none if the sampler draws all in one evaluation.
        """
        cells = self.config.cells
        kinds, words = self.conditions(count, seed)
        whole = self.draw(kinds, seed, 0, words)
        rank = np.broadcast_to(np.arange(cells), (count, cells))
        if not self.causal:
            keys = cell_keys(
                self.draws(0, 0, 0).chosen.order, seed, tile_numbers(0, count), *self.config.size
            )
            rank = np.argsort(np.argsort(keys, axis=1, kind="stable"), axis=1)
        ranks = torch.from_numpy(rank.copy()).view(whole.shape)
        at_once = self.sampler["steps"] == 1 and not self.sampler.get("refine")
        known = ranks < (0 if at_once else (torch.arange(count) * cells // count)[:, None, None])
        shown = torch.where(known, whole, len(self.palette)).numpy().astype(np.uint8)
        begun = self.draws(seed, 0, count).begin(shown).astype(np.int64)
        return torch.from_numpy(begun), known, whole, kinds, words

    @torch.no_grad()
    def draw(self, kinds: Tensor, seed: int, start: int, words: Tensor | None = None) -> Tensor:
        """Return the pictures start .. start + N - 1 of a seed, int64 (N, H, W). kinds and words are as in
        `StepNetwork`.
        """
        count, draws = len(kinds), self.draws(seed, start, len(kinds))
        unknown = np.full((count, *self.config.size), len(self.palette), np.uint8)
        pictures = draws.begin(unknown)
        cells = pictures.reshape(count, -1)  # a view
        noise, lacking = draws.noise(), self.lacking(kinds)
        for turn in draws.turns(np.ones(cells.shape, np.bool_), ()):
            if turn.refinement:
                cells[turn.fixed] = len(self.palette)
                noise = draws.noise(turn.refinement)
            with autocast(self.config, kinds):
                shown = torch.from_numpy(pictures).to(kinds.device, torch.int64)
                logits = self.ema(shown, kinds, words=words)
            if lacking is not None:
                logits = logits.masked_fill(lacking, -MOST_LOGIT)
            logits = logits.flatten(2).mT
            fixed = torch.from_numpy(turn.fixed).to(kinds.device)
            drawn = draws.choose(turn.fixed, scores(logits[fixed]).cpu().numpy() + noise[turn.fixed])
            cells[turn.fixed] = drawn
        return torch.from_numpy(pictures.astype(np.int64)).to(kinds.device)

    def draws(self, seed: int, start: int, count: int) -> Draws:
        """Return the random choices of the sampler for the pictures start .. start + count - 1 of a seed."""
        (height, width), facts = self.config.size, self.sampler
        sampler = Sampler(
            method=self.method,
            height=height,
            width=width,
            colours=len(self.palette),
            steps=facts["steps"],
            noise=noise_table(facts["temperature"], np.float32(UNIT)),
            cells=CELLS,
            scores=LOGITS,
            scale=UNIT,
            order=facts.get("order", "random"),
            refine=facts.get("refine", 0),
            begin=round(facts.get("begin", 0) * WHOLE),
        )
        return Draws(sampler, seed, tile_numbers(start, count))


def occurring(cells: Tensor, entries: int) -> Tensor:
    """Return which of so many palette entries each row of cells int64 (N, M) has, bool (N, entries). Cells of value
    `entries` do not count.
    """
    found = torch.zeros(len(cells), entries + 1, dtype=torch.bool, device=cells.device)
    return found.scatter_(1, cells, True)[:, :entries]


def scores(logits: Tensor) -> Tensor:
    """Return the logits in units of UNIT, int32."""
    return (logits.float().clamp(-MOST_LOGIT, MOST_LOGIT) / UNIT).round().int()
