"""Choose a family of networks for some art: the rule, and the measurements behind it.

The figures and commands are in docs/models.md, "Choice of the family".

- Art with more colours than 255 entries can represent: flow matching. A network that predicts entries treats
  two neighbouring shades as unrelated.
- Opaque tiles that repeat: the VAE. An autoregressive network does not wrap around, so its seams are visible.
- Tiles of more than 400 pixels, such as 24x24: the VAE. It trains three times as many steps in the same time
  as an autoregressive network.
- Sizes to which no start map can be doubled, such as 17x17: an autoregressive network, or diffusion for tiles
  that repeat.
- Everything else: the autoregressive network. Classifiers separate its output from the art least often, after
  minutes and after hours of training.
"""

from dataclasses import dataclass
from math import prod

import numpy as np

from ..config import Config
from ..data.dataset import Dataset
from ..data.pixels import seam_ratio, words
from ..size import Size, is_doubled, short_text, size_text

SAMPLED = 4096  # number of pictures in the sample, taken at even intervals
ENTRIES = 255  # largest palette of an autoregressive pack
PALETTE_HOLDS = (
    # share of the drawn pixels; 37 sets of pixel art had 0.96 and more, painted, scaled or photographed art
    # less
    0.9
)
REPEATS_BELOW = 2.0  # seam ratio; 1.2 to 1.7 in sets of repeating tiles, 2.5 to 4.5 in sheets of scenery
MOST_STEPWISE = 400  # pixels; the cost of an autoregressive step is in proportion to them
LARGEST_PAINTED = 64  # pixels along an edge


@dataclass(frozen=True)
class Art:
    """Measurements of art that determine the choice."""

    pictures: int
    size: Size
    colours: int  # number of opaque colours
    held: float  # share of the drawn pixels that have one of the ENTRIES most frequent colours
    seam: (
        # mean colour difference across the wrapped edges over that inside; NaN for sets with transparent
        # pixels
        float
    )

    @property
    def painted(self) -> bool:
        """Whether the art has too many colours for a palette."""
        return self.held < PALETTE_HOLDS

    @property
    def repeats(self) -> bool:
        """Whether the tiles repeat without a visible seam."""
        return self.seam < REPEATS_BELOW


@dataclass(frozen=True)
class Choice:
    """A family, one of `models.MODELS`, and the reason for choosing it, in a few words."""

    model: str
    why: str


def look_at(data: Dataset) -> Art:
    """Measure an evenly spaced sample of the art."""
    pictures = np.ascontiguousarray(data.images[:: -(-len(data.labels) // SAMPLED)])
    colour = words(pictures)
    counts = np.sort(np.unique(colour[colour > 0], return_counts=True)[1])[::-1]
    held = float(counts[:ENTRIES].sum() / counts.sum()) if len(counts) else 1.0
    seam = seam_ratio(pictures) if bool((pictures[..., 3] == 255).all()) else float("nan")
    return Art(len(data.labels), pictures.shape[1:3], len(counts), held, seam)


def choose(art: Art, wrap: bool | None = None, max_colours: int | None = None) -> Choice:
    """Choose the family for `art`.

    wrap: whether tiles must repeat; None derives it from the art. max_colours: limit for the palette.
    """
    repeats = wrap or (wrap is None and art.repeats)
    if not is_doubled(art.size):
        why = f"tiles of {size_text(art.size)} pixels, to which no small map can be enlarged"
        return Choice("diffusion" if repeats else "ar", why)
    if art.painted and max(art.size) <= LARGEST_PAINTED:
        return Choice("flow", f"{art.colours} colours, more than a palette holds")
    if repeats:
        return Choice("vae", "tiles that repeat without a seam")
    if prod(art.size) > MOST_STEPWISE:
        return Choice(
            "vae", f"tiles of {short_text(art.size)} pixels, too many to generate one pixel at a time"
        )
    if max_colours is not None and max_colours > ENTRIES:
        return Choice("vae", f"a palette of {max_colours} colours")
    return Choice("ar", f"{art.colours} colours, and no tile has to wrap around at its edges")


def sentence(choice: Choice, art: Art, config: Config) -> str:
    """Return a one-line description of the model, the reason for choosing it, and the training time."""
    minutes = f"{config.minutes:g} minute{'' if config.minutes == 1 else 's'}"
    length = f"{config.steps} steps" if config.steps else minutes
    of = f"{art.pictures} pictures of {size_text(art.size)} pixels"
    return f"training takes {length}: --model {choice.model} for {of}, {choice.why} (docs/models.md)"
