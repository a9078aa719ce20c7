"""The families of networks by name, and the facts about each that configuration, data and monitoring depend on.

Nothing here imports torch: the command's help lists the names. The classes are in families/family.py.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Traits:
    """Facts about a family. The defaults are those of a family that is trained by its own loss on palette indices."""

    has_critic: bool = (
        False  # learns from a critic alone, which sees the augmentation; others get it as a label
    )
    has_penalty: bool = False  # the critic has a gradient penalty
    is_augmented: bool = True
    uses_palette: bool = True  # pictures consist of palette entries; else of any colour
    most_colours: int = 256  # of a palette
    why_not_wrap: str = ""  # why its tiles cannot repeat without a seam; empty: they can


ITERATIVE_COLOURS = 255  # one byte of `cells` says that a cell is not yet known
MODELS = {
    "gan": Traits(has_critic=True, has_penalty=True),
    "dcgan": Traits(
        has_critic=True,
        is_augmented=False,
        uses_palette=False,
        why_not_wrap="DCGAN as published pads with zeros",
    ),
    "vae": Traits(),
    "ar": Traits(
        most_colours=ITERATIVE_COLOURS,
        why_not_wrap="an autoregressive model has no torus, as its pixels have an order",
    ),
    "diffusion": Traits(most_colours=ITERATIVE_COLOURS),
    "flow": Traits(),
}
