"""The families of networks by name, with the facts about each that configuration, data and monitoring need.

This module does not import torch, because the help of the command lists the names. families/family.py has the
classes.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Traits:
    """Facts about a family. The defaults describe a family with its own loss on palette indices."""

    has_critic: bool = (
        False  # trained by a critic, which sees augmented pictures; other families get an augmentation label
    )
    has_penalty: bool = False  # the critic has a gradient penalty
    has_noise_maps: bool = False  # the generator adds latents to its maps
    enlarges: bool = True  # the network doubles a start map, which limits the sizes (size.py)
    is_augmented: bool = True
    takes_words: bool = True  # the network has an input for words
    can_tokens: bool = False  # trains on grids of tokens as well
    uses_palette: bool = True  # pictures consist of palette entries rather than arbitrary colours
    most_colours: int = 256  # largest palette
    has_kind_maps: bool = False  # the network can take a kind for each pixel
    why_not_wrap: str = ""  # why its tiles cannot wrap around; empty if they can


ITERATIVE_COLOURS = 255  # one value of a `cells` byte marks unknown cells
MODELS = {
    "gan": Traits(has_critic=True, has_penalty=True, has_noise_maps=True),
    "dcgan": Traits(
        has_critic=True,
        is_augmented=False,
        takes_words=False,
        uses_palette=False,
        why_not_wrap="DCGAN as published pads with zeros",
    ),
    "vae": Traits(has_noise_maps=True),
    "ar": Traits(
        enlarges=False,
        can_tokens=True,
        most_colours=ITERATIVE_COLOURS,
        has_kind_maps=True,
        why_not_wrap="an autoregressive model generates pixels in reading order and cannot wrap around",
    ),
    "diffusion": Traits(enlarges=False, can_tokens=True, most_colours=ITERATIVE_COLOURS, has_kind_maps=True),
    "flow": Traits(takes_words=False),
}
