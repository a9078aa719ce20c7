"""All that the game generates, each from a seed. The only package of the game that uses the engine of tilewright.

levels: the level of a depth, which is all that the rules need: pictures do not change what happens. scenes: the
pictures of a depth. sprites: characters and items. texts: names, and what people tell. sounds: effects, voices, tunes.
"""

from .levels import plan_of
from .scenes import SPRITES, STYLES, Assets, Scene, load_assets, recolour, restyle, title_tiles
from .sounds import SOUND_RATE, effect, tune, voice
from .texts import VILLAGERS, Names, epitaph, names_of, texts

__all__ = [
    "SOUND_RATE",
    "SPRITES",
    "STYLES",
    "VILLAGERS",
    "Assets",
    "Names",
    "Scene",
    "effect",
    "epitaph",
    "load_assets",
    "names_of",
    "plan_of",
    "recolour",
    "restyle",
    "texts",
    "title_tiles",
    "tune",
    "voice",
]
