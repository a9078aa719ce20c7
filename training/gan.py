"""The two GANs as families: what a training loop needs of each of them."""

import copy
from typing import Protocol

import torch
from torch import Tensor, nn

from . import losses
from .batches import Batch, shifted
from .config import Config
from .dcgan import DCGANCritic, DCGANGenerator
from .networks import Critic, Generator


class Family(Protocol):
    """A generator and what trains it. `step` numbers start at 0; `progress` runs from 0 to 1 over the run."""

    modules: dict[str, nn.Module]  # saved and restored, "ema" among them: the generator that is exported
    optimizers: dict[str, torch.optim.Optimizer]

    def train_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        """Update every network once and return figures worth plotting."""

    def sample(self, latents: Tensor, kinds: Tensor) -> Tensor:
        """Finished pictures (N, C, S, S) in colour space from the averaged generator."""


def _adam(module: nn.Module, config: Config) -> torch.optim.Adam:
    return torch.optim.Adam(module.parameters(), lr=config.lr, betas=(config.beta1, config.beta2))


def _update(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()


@torch.no_grad()
def _average(ema: nn.Module, module: nn.Module, decay: float) -> None:
    for slow, fast in zip(ema.parameters(), module.parameters(), strict=True):
        slow.lerp_(fast, 1.0 - decay)
    for slow, fast in zip(ema.buffers(), module.buffers(), strict=True):
        slow.copy_(fast)


class PaletteGan:
    """Relativistic pairing with R1 and R2; pixels snap to the palette with straight-through gradients."""

    def __init__(self, config: Config, palette: Tensor, kinds: int) -> None:
        self.config = config
        self.generator = Generator(
            palette,
            kinds,
            config.size,
            config.latent_size,
            config.embedding,
            config.channels,
            config.wrap,
        ).to(memory_format=torch.channels_last)
        self.critic = Critic(palette.shape[1], kinds, config.size, config.critic_channels)
        self.critic = self.critic.to(memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.generator).requires_grad_(False)
        self.modules = {"generator": self.generator, "critic": self.critic, "ema": self.ema}
        self.optimizers = {
            "generator": _adam(self.generator, config),
            "critic": _adam(self.critic, config),
        }

    def _autocast(self) -> torch.autocast:
        return torch.autocast("cpu", torch.bfloat16, enabled=self.config.bfloat16)

    def _snap(self, colours: Tensor, progress: float) -> Tensor:
        """Colours moved towards their palette entries, all the way once the ramp is over."""
        share = min(1.0, progress / self.config.snap_until)
        snapped = self.generator.look_up(self.generator.nearest(colours.detach()))
        return colours + share * (snapped - colours).detach()

    def _commitment(self, progress: float) -> float:
        c = self.config
        late = max(0.0, (progress - c.round_from) / max(1e-9, 1.0 - c.round_from))
        early = min(1.0, progress / c.snap_until)
        return c.commitment * early + (c.commitment_end - c.commitment) * late

    def train_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        """One update of the critic, one of the generator."""
        c = self.config
        cool = max(0.0, (progress - c.cooldown_from) / max(1e-9, 1.0 - c.cooldown_from))
        for optimizer in self.optimizers.values():
            optimizer.param_groups[0]["lr"] = c.lr * (1.0 - 0.9 * cool)
        figures = self._critic_step(batch, step, progress)
        figures |= self._generator_step(batch, progress)
        _average(self.ema, self.generator, min(c.ema, (1 + step) / (10 + step)))
        return figures

    def _critic_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        c = self.config
        with torch.no_grad(), self._autocast():
            colours = self.generator(batch.latents[0], batch.kinds, progress >= c.round_from)
            fake = self._snap(colours, progress)
        real = shifted(batch.pictures, batch.shift, c.wrap)
        fake = shifted(fake, batch.shift, c.wrap)
        penalise = step % c.penalty_every == 0
        if penalise:
            real, fake = real.requires_grad_(True), fake.requires_grad_(True)
        with self._autocast():
            real_scores, fake_scores = self.critic(real, batch.kinds), self.critic(fake, batch.kinds)
        loss = losses.relativistic_critic(real_scores, fake_scores)
        figures = {"critic": loss.item(), "margin": (real_scores - fake_scores).mean().item()}
        if penalise:
            r1 = losses.gradient_penalty(real_scores, real)
            r2 = losses.gradient_penalty(fake_scores, fake)
            loss = loss + 0.5 * c.gamma * c.penalty_every * (r1 + r2)
            figures |= {"r1": r1.item(), "r2": r2.item()}
        _update(self.optimizers["critic"], loss)
        return figures

    def _generator_step(self, batch: Batch, progress: float) -> dict[str, float]:
        c = self.config
        self.critic.requires_grad_(False)
        with self._autocast():
            colours = self.generator(batch.latents[1], batch.kinds, progress >= c.round_from)
            fake = self._snap(colours, progress)
            fake_scores = self.critic(shifted(fake, batch.shift, c.wrap), batch.kinds)
            real_scores = self.critic(shifted(batch.pictures, batch.shift, c.wrap), batch.kinds)
        snapped = self.generator.look_up(self.generator.nearest(colours.detach()))
        commitment = (colours - snapped).square().mean()
        loss = losses.relativistic_generator(real_scores, fake_scores)
        figures = {"generator": loss.item(), "off_palette": commitment.item()}
        _update(self.optimizers["generator"], loss + self._commitment(progress) * commitment)
        self.critic.requires_grad_(True)
        return figures

    @torch.no_grad()
    def sample(self, latents: Tensor, kinds: Tensor) -> Tensor:
        """Pictures (N, C, S, S) whose every pixel is a palette entry."""
        return self.ema.look_up(self.ema.nearest(self.ema(latents, kinds)))


class Dcgan:
    """The published recipe; no palette, no penalties, no averaging."""

    def __init__(self, config: Config, colour_channels: int, kinds: int) -> None:
        self.config = config
        self.generator = DCGANGenerator(
            colour_channels, kinds, config.size, config.latent_size, config.embedding
        )
        self.critic = DCGANCritic(colour_channels, kinds, config.size)
        self.ema = copy.deepcopy(self.generator).requires_grad_(False)
        self.modules = {"generator": self.generator, "critic": self.critic, "ema": self.ema}
        self.optimizers = {
            "generator": _adam(self.generator, config),
            "critic": _adam(self.critic, config),
        }

    def train_step(self, batch: Batch, step: int, progress: float) -> dict[str, float]:
        """One update of the critic, one of the generator."""
        fake = self.generator(batch.latents[0], batch.kinds)
        critic_loss = losses.dcgan_critic(
            self.critic(batch.pictures, batch.kinds), self.critic(fake.detach(), batch.kinds)
        )
        _update(self.optimizers["critic"], critic_loss)
        generator_loss = losses.dcgan_generator(self.critic(fake, batch.kinds))
        _update(self.optimizers["generator"], generator_loss)
        _average(self.ema, self.generator, self.config.ema)
        return {"critic": critic_loss.item(), "generator": generator_loss.item()}

    @torch.no_grad()
    def sample(self, latents: Tensor, kinds: Tensor) -> Tensor:
        """Pictures (N, C, S, S) in (-1, 1)."""
        self.ema.eval()
        return self.ema(latents, kinds)


def build_family(config: Config, palette: Tensor, kinds: int) -> Family:
    """The family that `config.model` names, with freshly drawn weights from `config.seed`."""
    torch.manual_seed(config.seed)
    if config.model == "dcgan":
        return Dcgan(config, 4 if config.transparent else 3, kinds)
    return PaletteGan(config, palette, kinds)
