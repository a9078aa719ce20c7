"""A ladder VAE over palette indices: one pass from normal variates to a picture, and an encoder for the
inverse.

Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), conditional on the kind k, with a softmax
over the palette for each cell and a hierarchical latent z (ladder.py), whose parts have posteriors that
depend on the previous parts. With the Kullback-Leibler divergence D:

  E over q(z|x,k) of -log p(x|z,k)  +  beta D(q(z|x,k) | N(0, 1))

Generation draws z ~ N(0, 1) and takes the most likely entry of p(x|z,k) for each cell.
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

COLD = 0.05  # initial share of the weight of the divergence
MOST_GRADIENT = 200.0  # limit for the gradient norm, which outlying latents would exceed


def divergence_weight(config: Config, progress: float) -> float:
    """Return the weight of the divergence, which rises from almost zero at the start of a run."""
    return config.beta * (min(1.0, COLD + progress / config.warm_until) if config.warm_until else 1.0)


class VaeNetwork(nn.Module):
    """Encoder and decoder. Both are averaged and saved, and the decoder is exported."""

    def __init__(self, config: Config, colours: int, kinds: int, words: int = 0) -> None:
        super().__init__()
        self.encoder = Encoder(config, colours, kinds, words)
        self.decoder = Decoder(config, colours, kinds, words)

    def forward(
        self,
        indices: Tensor,
        kinds: Tensor,
        noise: Tensor,
        rounded: bool = False,
        label: Tensor | None = None,
        words: Tensor | None = None,
    ) -> tuple[Tensor, Posterior]:
        """Encode and decode: returns logits float (N, K, H, W), and the posterior of latents float (N,
        config.latents).

        noise: float (N, config.latents), selects the latents from the posterior; 0: the mean. label:
        augmentation label float (N, LABEL_LENGTH); None: no changes. words: float (N, V); None: no words.
        """
        *maps, whole = self.decoder.split(noise)
        posterior, features = self.encoder(indices, kinds, words)
        posteriors = [posterior]

        def guess(rung: int, x: Tensor) -> Tensor:
            seen = features[self.decoder.places[rung].stage]
            posteriors.append(self.encoder.guesses[rung](seen, x))
            return posteriors[-1].at(maps[rung])

        logits = self.decoder.climb(posterior.at(whole), kinds, guess, rounded, label, words)
        parts = [*posteriors[1:], posterior]
        means = torch.cat([p.mean.flatten(1) for p in parts], dim=1)
        log_variances = torch.cat([p.log_variance.flatten(1) for p in parts], dim=1)
        return logits, Posterior(means, log_variances)


class Vae:
    """One network and one bound."""

    sampler, evaluations = None, 1

    def __init__(self, config: Config, palette: np.ndarray, kinds: int, words: int = 0) -> None:
        """words: size of the vocabulary."""
        self.config, self.palette = config, palette
        self.indexer = Indexer(palette)
        self.network = VaeNetwork(config, len(palette), kinds, words).to(memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.network).requires_grad_(False)
        self.modules = {"network": self.network, "ema": self.ema}
        self.optimizers = {"network": adam(self.network, config)}

    def train_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        """Update the network once."""
        cool(self.optimizers["network"], self.config, progress)
        picture, divergence = self._losses(self.network, batch, progress >= self.config.round_from)
        weight = divergence_weight(self.config, progress)
        update(self.optimizers["network"], picture + weight * divergence, MOST_GRADIENT)
        average(self.ema, self.network, average_decay(self.config, step))
        return {"nats": picture.item() / self.config.cells, "divergence": divergence.item()}

    @torch.no_grad()
    def loss(self, batch: Batch) -> Tensor:
        """Return the bound on -log p(x|k) of the averaged network, in nats per cell."""
        picture, divergence = self._losses(self.ema, batch, rounded=False)
        return (picture + divergence) / self.config.cells

    def _losses(self, network: VaeNetwork, batch: Batch, rounded: bool) -> tuple[Tensor, Tensor]:
        """Return -log p(x|z,k) and the divergence of q(z|x,k), in nats: means over the batch."""
        assert batch.indices is not None
        with autocast(self.config, batch.pictures):
            logits, posterior = network(
                batch.indices, batch.kinds, batch.latents[0], rounded, batch.changes.label, batch.words
            )
        picture = F.cross_entropy(logits, batch.indices, reduction="none").sum((1, 2))
        return picture.mean(), losses.divergence(posterior.mean, posterior.log_variance).mean()

    @torch.no_grad()
    def sample(self, kinds: Tensor, seed: int, words: Tensor | None = None) -> np.ndarray:
        """Generate pictures in one pass."""
        return self.decode(latents_of(seed, kinds, self.config.latents), kinds, words)

    @torch.no_grad()
    def encode(self, images: np.ndarray, kinds: Tensor) -> tuple[Tensor, Tensor]:
        """Map pictures uint8 (N, H, W, 4) to the mean and standard deviation of their latents, (N,
        config.latents).
        """
        indices = torch.from_numpy(self.indexer(images)).to(kinds.device)
        noise = torch.zeros((len(images), self.config.latents), device=kinds.device)
        _, posterior = self.ema(indices, kinds, noise)
        return posterior.mean, (0.5 * posterior.log_variance).exp()

    @torch.no_grad()
    def decode(self, latents: Tensor, kinds: Tensor, words: Tensor | None = None) -> np.ndarray:
        """Map latents float (N, config.latents), kinds int64 (N,) and words float (N, V) to pictures uint8
        (N, H, W, 4).
        """
        return self.palette[self.ema.decoder(latents, kinds, words=words).argmax(1).cpu().numpy()]
