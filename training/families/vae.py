"""A ladder VAE over palette indices: one pass from normal numbers to a picture, and back from a picture.

Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), conditional on the kind k, with a softmax over the
palette for each cell and a latent z of many parts (ladder.py), the posterior of each given those before it. With D the
divergence of Kullback and Leibler:

    E over q(z|x,k) of -log p(x|z,k)  +  beta D(q(z|x,k) | N(0, 1))

A new picture is z ~ N(0, 1), and for each cell the likeliest entry of p(x|z,k).
"""

import copy

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..config import Config
from ..data.batches import Batch, Indexer
from . import losses
from .ladder import Decoder, Encoder, Posterior
from .latents import latents_of
from .optimise import adam, autocast, average, average_decay, cool, update

WARM = 0.15  # the divergence gets its full weight at this share of a run: until then the ladder learns to be of use
COLD = 0.05  # its share of that weight at the start
MOST_GRADIENT = 200.0  # norm; a latent far out makes it leap


class VaeNetwork(nn.Module):
    """All of it: what is averaged, saved and, but for the encoder, exported."""

    def __init__(self, config: Config, colours: int, kinds: int) -> None:
        super().__init__()
        self.encoder = Encoder(config, colours, kinds)
        self.decoder = Decoder(config, colours, kinds)

    def forward(
        self, indices: Tensor, kinds: Tensor, noise: Tensor, rounded: bool = False, told: Tensor | None = None
    ) -> tuple[Tensor, Posterior]:
        """There and back: logits float (N, K, S, S), and the posterior of latents float (N, config.latents).

        noise: float (N, config.latents), which latents the posterior gives; 0: the mean. told: float (N, TOLD_LENGTH),
        what was done to the pictures; None: nothing.
        """
        *maps, whole = self.decoder.split(noise)
        posterior, features = self.encoder(indices, kinds)
        posteriors = [posterior]

        def guess(rung: int, x: Tensor) -> Tensor:
            seen = features[self.decoder.places[rung].stage]
            posteriors.append(self.encoder.guesses[rung](seen, x))
            return posteriors[-1].at(maps[rung])

        logits = self.decoder.climb(posterior.at(whole), kinds, guess, rounded, told)
        parts = [*posteriors[1:], posterior]
        means = torch.cat([p.mean.flatten(1) for p in parts], dim=1)
        log_variances = torch.cat([p.log_variance.flatten(1) for p in parts], dim=1)
        return logits, Posterior(means, log_variances)


class Vae:
    """One network, one bound."""

    sampler, evaluations = None, 1

    def __init__(self, config: Config, palette: np.ndarray, kinds: int) -> None:
        self.config, self.palette = config, palette
        self.indexer = Indexer(palette)
        self.network = VaeNetwork(config, len(palette), kinds).to(memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.network).requires_grad_(False)
        self.modules = {"network": self.network, "ema": self.ema}
        self.optimizers = {"network": adam(self.network, config)}

    def train_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        """One update."""
        cool(self.optimizers["network"], self.config, progress)
        picture, divergence = self._losses(self.network, batch, progress >= self.config.round_from)
        weight = self.config.beta * min(1.0, COLD + progress / WARM)
        update(self.optimizers["network"], picture + weight * divergence, MOST_GRADIENT)
        average(self.ema, self.network, average_decay(self.config, step))
        cells = self.config.size * self.config.size
        return {"nats": picture.item() / cells, "divergence": divergence.item()}

    @torch.no_grad()
    def loss(self, batch: Batch) -> Tensor:
        """The bound on -log p(x|k) of the averaged network, in nats a cell."""
        picture, divergence = self._losses(self.ema, batch, rounded=False)
        return (picture + divergence) / (self.config.size * self.config.size)

    def _losses(self, network: VaeNetwork, batch: Batch, rounded: bool) -> tuple[Tensor, Tensor]:
        """-log p(x|z,k) and the divergence of q(z|x,k): means over the batch, in nats."""
        assert batch.indices is not None
        with autocast(self.config, batch.pictures):
            logits, posterior = network(
                batch.indices, batch.kinds, batch.latents[0], rounded, batch.changes.told
            )
        picture = F.cross_entropy(logits, batch.indices, reduction="none").sum((1, 2))
        return picture.mean(), losses.divergence(posterior.mean, posterior.log_variance).mean()

    @torch.no_grad()
    def sample(self, kinds: Tensor, seed: int) -> np.ndarray:
        """New pictures, in one pass."""
        return self.decode(latents_of(seed, kinds, self.config.latents), kinds)

    @torch.no_grad()
    def encode(self, images: np.ndarray, kinds: Tensor) -> tuple[Tensor, Tensor]:
        """Pictures uint8 (N, S, S, 4) to the mean and the standard deviation of their latents, (N, config.latents)."""
        indices = torch.from_numpy(self.indexer(images)).to(kinds.device)
        noise = torch.zeros((len(images), self.config.latents), device=kinds.device)
        _, posterior = self.ema(indices, kinds, noise)
        return posterior.mean, (0.5 * posterior.log_variance).exp()

    @torch.no_grad()
    def decode(self, latents: Tensor, kinds: Tensor) -> np.ndarray:
        """Latents float (N, config.latents) of kinds int64 (N,) to pictures uint8 (N, S, S, 4)."""
        return self.palette[self.ema.decoder(latents, kinds).argmax(1).cpu().numpy()]
