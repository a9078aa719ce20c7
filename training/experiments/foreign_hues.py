"""How often a pack's tiles have a hue that no art of their kind has, with and without a gate.

    python -m tilewright_training.experiments.foreign_hues PACK --against ART... --kinds RECIPE

Prints a row of Markdown for each way to sample: kind accuracy (docs/measures.md), tiles with a foreign hue, and orphan
pixels, as means and standard deviations over the seeds. A hue is one of six equal parts of the colour circle; grey and
dark colours have none.
"""

import argparse
import colorsys
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import torch

from tilewright.generator import load

from ..data.dataset import read_art
from ..measures.art import divide
from ..measures.classification import kind_accuracy
from ..measures.features import kinds_network
from ..measures.pictures import Pictures, generated, join
from ..measures.pixel_art import pixel_art
from ..measures.protocol import Protocol
from ..measures.subject import pack_subject

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
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pack")
    parser.add_argument("--against", type=Path, action="append", required=True, help="a folder of art")
    parser.add_argument("--kinds", type=Path, help="a recipe")
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    pack, protocol = load(given.pack), Protocol(seeds=tuple(range(given.seeds)))
    data, _ = read_art(given.against, pack.tile_size, kinds=given.kinds)
    art = divide(data, pack_subject(pack), None, protocol)
    network = kinds_network(art.training, art.digest, protocol)
    everything = join(art.training, art.held_out)
    labels = np.tile(art.held_out.labels, EACH)
    print("| sampling | kind accuracy (%) | foreign hues (%) | orphan pixels (%) |\n|---|---:|---:|---:|")
    for sampling in SAMPLINGS:
        rows = []
        for seed in protocol.seeds:
            kinds = [art.held_out.kinds[label] for label in labels]
            made = pack.generate(len(labels), kind=kinds, seed=seed, **sampling).rgba
            rows.append(_figures(generated(made, labels, art.held_out.kinds), everything, network))
        cells = [
            f"{mean(column):.1f}" + (f" ± {stdev(column):.1f}" if len(rows) > 1 else "")
            for column in zip(*rows, strict=True)
        ]
        print(f"| {sampling} | {' | '.join(cells)} |", flush=True)
    cells = [f"{figure:.1f}" for figure in _figures(art.held_out, everything, network)]
    print(f"| held-out art | {' | '.join(cells)} |")


def _figures(pictures: Pictures, art: Pictures, network: Any) -> tuple[float, float, float]:
    orphans = pixel_art(pictures.images, None, tiles=True).orphans
    return kind_accuracy(network, pictures), 100.0 * float(foreign(pictures, art).mean()), orphans


if __name__ == "__main__":
    main()
