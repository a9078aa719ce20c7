"""Which family of networks suits some art, where nobody chose one: the rule, and the measurements behind it.

The rule follows what was measured (docs/models.md, "Which one is taken", has the figures and the commands):

- Art whose colours 255 entries cannot hold wants flow matching: to a network that chooses entries, two neighbouring
  shades are as different as black and white.
- Opaque tiles that repeat want the VAE: an autoregressive network knows no torus, and its seams show.
- So do tiles of more than 16 pixels: in the same minutes it takes three times the steps of an autoregressive network.
- Everything else wants the autoregressive network, which is told from art least often after minutes and after hours.
"""

from dataclasses import dataclass

import numpy as np

from ..config import Config
from ..data.dataset import Dataset
from ..data.pixels import seam_ratio, words

SAMPLED = 4096  # pictures that are looked at, spread evenly
ENTRIES = 255  # of the largest palette that an autoregressive pack may have
PALETTE_HOLDS = (
    0.9  # of the drawn pixels; less is painted, scaled or photographed: 0.96 and more in 37 sets of pixel art
)
REPEATS_BELOW = 2.0  # seam ratio; 1.2 to 1.7 in sets of tiles that repeat, 2.5 to 4.5 in sheets of scenery
LARGEST_STEPWISE = 16  # pixels along an edge: at 32 an autoregressive step costs four times as much


@dataclass(frozen=True)
class Art:
    """What the choice depends on."""

    pictures: int
    size: int  # pixels along an edge
    colours: int  # different opaque colours
    held: float  # share of the drawn pixels that have one of the ENTRIES most used colours
    seam: (
        float  # mean colour step across the wrapped edges, in those inside; NaN where a pixel is transparent
    )

    @property
    def painted(self) -> bool:
        """Whether no palette holds the art."""
        return self.held < PALETTE_HOLDS

    @property
    def repeats(self) -> bool:
        """Whether its tiles continue themselves."""
        return self.seam < REPEATS_BELOW


@dataclass(frozen=True)
class Choice:
    """A family, one of `models.MODELS`, and the reason in a few words."""

    model: str
    why: str


def look_at(data: Dataset) -> Art:
    """The facts about some art, from an even sample of it."""
    pictures = np.ascontiguousarray(data.images[:: -(-len(data.labels) // SAMPLED)])
    colour = words(pictures)
    counts = np.sort(np.unique(colour[colour > 0], return_counts=True)[1])[::-1]
    held = float(counts[:ENTRIES].sum() / counts.sum()) if len(counts) else 1.0
    seam = seam_ratio(pictures) if bool((pictures[..., 3] == 255).all()) else float("nan")
    return Art(len(data.labels), pictures.shape[1], len(counts), held, seam)


def choose(art: Art, wrap: bool | None = None, max_colours: int | None = None) -> Choice:
    """The family for `art`. wrap: whether tiles have to repeat, None: as the art's do; max_colours: of the palette."""
    if art.painted and art.size <= 64:
        return Choice("flow", f"{art.colours} colours, more than a palette holds")
    if wrap or (wrap is None and art.repeats):
        return Choice("vae", "tiles that repeat without a seam")
    if art.size > LARGEST_STEPWISE:
        return Choice("vae", f"tiles of {art.size} pixels, too many to learn one after the other")
    if max_colours is not None and max_colours > ENTRIES:
        return Choice("vae", f"a palette of {max_colours} colours")
    return Choice("ar", f"{art.colours} colours, and no tile has to repeat")


def sentence(choice: Choice, art: Art, config: Config) -> str:
    """What is trained, why and for how long, in one line."""
    length = f"{config.steps} steps" if config.steps else f"{config.minutes:g} minutes"
    of = f"{art.pictures} pictures of {art.size}x{art.size} pixels"
    return f"training takes {length}: --model {choice.model} for {of}, {choice.why} (docs/models.md)"
