"""Operations on a VAE's latents: variations of a tile, interpolation between two tiles, and change of kind.

Pictures are uint8 (H, W, 4), and kinds are names. Start with `open_vae`:

  space = open_vae(RunFolder(Path("runs/mine")))
  more = space.variations(tile, "wall", count=16, strength=0.5)
"""

import numpy as np
import torch
from torch import Tensor

from tilewright.errors import UsageError
from tilewright.seeds import check_seed

from ..families.latents import latents_of
from ..families.vae import Vae
from .run_folder import RunFolder
from .training_loop import restore_family


class LatentSpace:
    """A trained VAE and the names of its kinds."""

    def __init__(self, vae: Vae, kinds: tuple[str, ...]) -> None:
        self.vae = vae
        self.kinds = kinds

    def variations(
        self, picture: np.ndarray, kind: str, count: int, strength: float = 0.5, seed: int = 0
    ) -> np.ndarray:
        """Return variations of a picture, uint8 (count, H, W, 4).

        strength: 0 gives the VAE's reconstruction, 1 an unrelated picture. The latent is rotated towards
        noise drawn from `seed`, which preserves its norm.
        """
        check_seed(seed, "variations()")
        if count < 1:
            raise UsageError(f"variations(): count must be 1 or more, not {count}")
        if not 0.0 <= strength <= 1.0:
            raise UsageError(f"variations(): strength must be in 0..1, not {strength}")
        labels = self._labels(kind, "variations()").expand(count)
        noise = latents_of(seed, labels, self.vae.config.latents)
        latent = self._latent(picture, kind, "variations()")
        return self.vae.decode((1.0 - strength**2) ** 0.5 * latent + strength * noise, labels)

    def between(self, first: np.ndarray, last: np.ndarray, kind: str, count: int) -> np.ndarray:
        """Interpolate between two pictures of a kind: uint8 (count, H, W, 4). Both ends are reconstructions."""
        if count < 2:
            raise UsageError(f"between(): count must be 2 or more, not {count}")
        a, b = self._latent(first, kind, "between()"), self._latent(last, kind, "between()")
        share = torch.linspace(0.0, 1.0, count)[:, None]
        return self.vae.decode(a + share * (b - a), self._labels(kind, "between()").expand(count))

    def transfer(self, picture: np.ndarray, kind: str, to: str) -> np.ndarray:
        """Return the picture as another kind, uint8 (H, W, 4): its latent, decoded with the kind `to`."""
        return self.vae.decode(self._latent(picture, kind, "transfer()"), self._labels(to, "transfer()"))[0]

    def _labels(self, kind: str, caller: str) -> Tensor:
        if kind not in self.kinds:
            raise UsageError(f"{caller}: no kind {kind!r:.60}; there are {', '.join(self.kinds)}")
        return torch.tensor([self.kinds.index(kind)])

    def _latent(self, picture: np.ndarray, kind: str, caller: str) -> Tensor:
        """Encode a picture: float (1, config.latents)."""
        shape = (*self.vae.config.size, 4)
        if picture.dtype != np.uint8 or picture.shape != shape:
            raise UsageError(
                f"{caller}: a picture must be uint8 {shape}, not {picture.dtype} {picture.shape}"
            )
        mean, _ = self.vae.encode(picture[None], self._labels(kind, caller))
        return mean


def open_vae(run: RunFolder) -> LatentSpace:
    """Load the averaged VAE of a run's newest checkpoint. Raises UsageError if the run trained another model."""
    family = restore_family(run)
    if not isinstance(family, Vae):
        raise UsageError(
            f"open_vae(): {run.path} trained the model {run.config.model!r:.60}: name a run of a vae"
        )
    run.load_checkpoint(family)
    return LatentSpace(family, tuple(run.data["kinds"]))
