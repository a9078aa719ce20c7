"""A two-stage VAE over palette indices: one pass from a normal latent to a picture, and back from a picture.

Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), conditional on the kind k and with a softmax over
the palette for each cell. Its latents z are not normal in truth, so that a decoder fed with normal ones paints what no
picture led to; a second, small VAE learns them: Dai and Wipf, "Diagnosing and enhancing VAE models" (ICLR 2019). With D
the divergence of Kullback and Leibler and z held fixed in the second line:

    picture:  E over q(z|x,k) of -log p(x|z,k)  +  beta D(q(z|x,k) | N(0, 1))
    latent:   E over q(u|z,k) of -log N(z; g(u,k), gamma)  +  D(q(u|z,k) | N(0, 1))

A new picture is u ~ N(0, 1), z = g(u, k), and for each cell the likeliest entry of p(x|z,k).
"""

import copy
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .. import losses
from ..augment import TOLD_LENGTH
from ..batches import Batch, Indexer
from ..config import Config
from ..networks import HIDDEN, LEAK, DownBlock, Trunk, conv3x3, stage_channels
from ..samples import latents_of
from .optimise import adam, autocast, average, average_decay, cool, update


class Encoder(nn.Module):
    """Pictures to the mean and the logarithm of the variance of their latents, both float (N, latent_size)."""

    def __init__(self, config: Config, colours: int, kinds: int) -> None:
        super().__init__()
        widths = stage_channels(config.critic_channels, config.size)
        self.cells = nn.Embedding(colours, widths[0])
        self.blocks = nn.ModuleList(DownBlock(a, b, down=True) for a, b in pairwise(widths))
        self.kinds = nn.Embedding(kinds, config.embedding)
        self.dense = nn.Linear(widths[-1] * 16 + config.embedding, HIDDEN)
        self.latent = nn.Linear(HIDDEN, 2 * config.latent_size)

    def forward(self, indices: Tensor, kinds: Tensor, told: Tensor | float = 0.0) -> tuple[Tensor, Tensor]:
        """indices int64 (N, S, S), kinds int64 (N,); told: float (N, embedding), or 0: nothing was done to them."""
        x = self.cells(indices).permute(0, 3, 1, 2)
        for block in self.blocks:
            x = block(x)
        h = F.leaky_relu(self.dense(torch.cat([x.flatten(1), self.kinds(kinds) + told], dim=1)), LEAK)
        mean, log_variance = self.latent(h).float().chunk(2, dim=1)
        return mean, log_variance


class Decoder(Trunk):
    """Latents and kinds to a logit per cell and palette entry."""

    def __init__(self, config: Config, colours: int, kinds: int) -> None:
        c = config
        super().__init__(kinds, c.size, c.latent_size, c.embedding, c.channels, c.wrap)
        self.logits = nn.Conv2d(self.width, colours, 3)

    def forward(
        self, latents: Tensor, kinds: Tensor, rounded: bool = False, told: Tensor | None = None
    ) -> Tensor:
        """latents float (N, latent_size), kinds int64 (N,) -> (N, K, S, S)."""
        return conv3x3(self.features(latents, kinds, rounded, told), self.logits, self.wrap).float()


class Prior(nn.Module):
    """The second stage: normal numbers u and kinds to latents, and back while it learns."""

    def __init__(self, config: Config, kinds: int) -> None:
        super().__init__()
        size, given = config.latent_size, config.latent_size + config.embedding
        self.embedding = nn.Embedding(kinds, config.embedding)
        self.hidden = nn.ModuleList([nn.Linear(given, HIDDEN), nn.Linear(HIDDEN, HIDDEN)])
        self.latent = nn.Linear(HIDDEN, size)
        self.log_gamma = nn.Parameter(torch.zeros(()))
        self.encoder = nn.Sequential(
            nn.Linear(given, HIDDEN),
            nn.LeakyReLU(LEAK),
            nn.Linear(HIDDEN, HIDDEN),
            nn.LeakyReLU(LEAK),
            nn.Linear(HIDDEN, 2 * size),
        )

    def forward(self, u: Tensor, kinds: Tensor, told: Tensor | float = 0.0) -> Tensor:
        """g: float (N, latent_size), int64 (N,), float (N, embedding) -> latents float (N, latent_size)."""
        x = torch.cat([u, self.embedding(kinds) + told], dim=1)
        for layer in self.hidden:
            x = F.leaky_relu(layer(x), LEAK)
        return self.latent(x)

    def loss(self, latents: Tensor, kinds: Tensor, noise: Tensor, told: Tensor) -> Tensor:
        """The bound on -log p(z|k), float (N,); noise: normal, (N, latent_size); told: float (N, embedding)."""
        given = torch.cat([latents, self.embedding(kinds) + told], dim=1)
        mean, log_variance = self.encoder(given).chunk(2, dim=1)
        guess = self(mean + noise * (0.5 * log_variance).exp(), kinds, told)
        return losses.gaussian_nats(latents, guess, self.log_gamma) + losses.divergence(mean, log_variance)


class VaeNetwork(nn.Module):
    """All of it: what is averaged, saved and, but for the encoders, exported."""

    def __init__(self, config: Config, colours: int, kinds: int) -> None:
        super().__init__()
        self.encoder = Encoder(config, colours, kinds)
        self.decoder = Decoder(config, colours, kinds)
        self.prior = Prior(config, kinds)
        # What was done to a picture moves its kind's embedding in each of the three; not exported.
        self.told = nn.ModuleList(
            nn.Linear(TOLD_LENGTH, config.embedding, bias=False) for _ in ("encoder", "decoder", "prior")
        )
        for layer in self.told:
            nn.init.zeros_(layer.weight)


class Vae:
    """Both stages learn at once, the second from the latents of the first as they are."""

    sampler = None

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
        rounded = progress >= self.config.round_from
        picture, divergence, latent = self._losses(self.network, batch, rounded)
        update(self.optimizers["network"], picture + self.config.beta * divergence + latent)
        average(self.ema, self.network, average_decay(self.config, step))
        cells = self.config.size * self.config.size
        return {"nats": picture.item() / cells, "divergence": divergence.item(), "latent": latent.item()}

    @torch.no_grad()
    def loss(self, batch: Batch) -> Tensor:
        """The bound on -log p(x|k) of the averaged network, in nats a cell."""
        picture, divergence, _ = self._losses(self.ema, batch, rounded=False)
        return (picture + divergence) / (self.config.size * self.config.size)

    def _losses(self, network: VaeNetwork, batch: Batch, rounded: bool) -> tuple[Tensor, Tensor, Tensor]:
        """-log p(x|z,k), the divergence of q(z|x,k), the second stage's bound: means over the batch, in nats."""
        assert batch.indices is not None
        encoder_told, decoder_told, prior_told = (layer(batch.changes.told) for layer in network.told)
        with autocast(self.config, batch.pictures):
            mean, log_variance = network.encoder(batch.indices, batch.kinds, encoder_told)
        z = mean + batch.latents[0] * (0.5 * log_variance).exp()
        with autocast(self.config, batch.pictures):
            logits = network.decoder(z, batch.kinds, rounded, decoder_told)
        picture = F.cross_entropy(logits, batch.indices, reduction="none").sum((1, 2))
        latent = network.prior.loss(z.detach(), batch.kinds, batch.latents[1], prior_told)
        return picture.mean(), losses.divergence(mean, log_variance).mean(), latent.mean()

    @torch.no_grad()
    def sample(self, kinds: Tensor, seed: int) -> np.ndarray:
        """New pictures, in one pass."""
        u = latents_of(seed, kinds, self.config.latent_size)
        return self.decode(self.ema.prior(u, kinds), kinds)

    @torch.no_grad()
    def encode(self, images: np.ndarray, kinds: Tensor) -> tuple[Tensor, Tensor]:
        """Pictures uint8 (N, S, S, 4) to the mean and the standard deviation of their latents, (N, latent_size)."""
        indices = torch.from_numpy(self.indexer(images)).to(kinds.device)
        mean, log_variance = self.ema.encoder(indices, kinds)
        return mean, (0.5 * log_variance).exp()

    @torch.no_grad()
    def decode(self, latents: Tensor, kinds: Tensor) -> np.ndarray:
        """Latents float (N, latent_size) of kinds int64 (N,) to pictures uint8 (N, S, S, 4)."""
        return self.palette[self.ema.decoder(latents, kinds).argmax(1).cpu().numpy()]
