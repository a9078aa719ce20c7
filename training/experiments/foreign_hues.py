"""How often a pack's tiles have a hue that no art of their kind has, with and without a gate.

    python -m tilewright_training.experiments.foreign_hues PACK --against ART... --kinds RECIPE

Prints a row of Markdown for each way to sample: kind accuracy (docs/measures.md), tiles with a foreign hue, and orphan
pixels, as means and standard deviations over the seeds. A hue is one of six equal parts of the colour circle; grey and
dark colours have none.
"""

import colorsys
from typing import Any

import numpy as np

from tilewright.generator import load

from ..measures.classification import kind_accuracy
from ..measures.pictures import Pictures, generated, join
from ..measures.pixel_art import pixel_art
from .comparison import arguments, header, line, means, opened, parsed

HUES = 6
LEAST_CHROMA = 0.2  # saturation times value, below which a colour has no hue
LEAST_SHARE = 1 / 32  # of a tile's pixels that a foreign hue needs to be noticed
EACH = 3  # generated tiles for each held-out one
SAMPLINGS: tuple[dict[str, Any], ...] = ({"gate": False}, {}, {"temperature": 0.8}, {"temperature": 0.6})


def shares_of_hues(images: np.ndarray) -> np.ndarray:
    """Return the share of each hue in pictures uint8 (N, H, W, 4): float (N, HUES)."""
    colours, which = np.unique(images.reshape(-1, 4), axis=0, return_inverse=True)
    hues = np.array([_hue(colour) for colour in colours])[which].reshape(len(images), -1)
    return np.stack([(hues == hue).mean(axis=1) for hue in range(HUES)], axis=1)


def _hue(colour: np.ndarray) -> int:
    hue, saturation, value = colorsys.rgb_to_hsv(*(colour[:3] / 255.0))
    return int(hue * HUES + 0.5) % HUES if saturation * value >= LEAST_CHROMA else -1


def foreign(pictures: Pictures, art: Pictures) -> np.ndarray:
    """Return bool (N,): whether a picture has a hue that no picture of its kind in `art` has."""
    has = shares_of_hues(art.images) > 0
    known = np.stack([has[art.labels == kind].any(axis=0) for kind in range(len(art.kinds))])
    found: np.ndarray = shares_of_hues(pictures.images) > LEAST_SHARE
    return (found & ~known[pictures.labels]).any(axis=1)


def main() -> None:
    """Measure and print."""
    given = parsed(arguments(__doc__))
    pack = load(given.pack)
    protocol, art, network = opened(given, pack)
    everything = join(art.training, art.held_out)
    labels = np.tile(art.held_out.labels, EACH)
    print(header("sampling", "kind accuracy (%)", "foreign hues (%)", "orphan pixels (%)"))
    for sampling in SAMPLINGS:
        rows = []
        for seed in protocol.seeds:
            kinds = [art.held_out.kinds[label] for label in labels]
            made = pack.generate(len(labels), kind=kinds, seed=seed, **sampling).rgba
            rows.append(_figures(generated(made, labels, art.held_out.kinds), everything, network))
        print(line([str(sampling), *map(means, zip(*rows, strict=True))]), flush=True)
    print(
        line(["held-out art", *(means([figure]) for figure in _figures(art.held_out, everything, network))])
    )


def _figures(pictures: Pictures, art: Pictures, network: Any) -> tuple[float, float, float]:
    orphans = pixel_art(pictures.images, None, tiles=True).orphans
    return kind_accuracy(network, pictures), 100.0 * float(foreign(pictures, art).mean()), orphans


if __name__ == "__main__":
    main()
