"""What orders, refinement and temperatures of a masked pack gain: a row of measures for each combination.

    python -m tilewright_benchmarks.sampling PACK --against ART --kinds RECIPE --json sampling.json

The measures are those of `tilewright evaluate` (docs/measures.md) for the generated pictures alone, with the same
pictures, folds and classifiers for every row. Rows are written as they are finished, seed by seed.
"""

import itertools
import json
import time
from pathlib import Path

import numpy as np

from tilewright.files import write_atomically
from tilewright.generator import load
from tilewright_training.data.pixels import nearest_pixels
from tilewright_training.experiments.comparison import arguments, header, line, means, opened, parsed
from tilewright_training.measures.art import Art
from tilewright_training.measures.c2st import c2st_error, pair_up
from tilewright_training.measures.features import KindsNetwork
from tilewright_training.measures.frechet import frechet_distance
from tilewright_training.measures.pictures import at_most, generated
from tilewright_training.measures.protocol import Protocol
from tilewright_training.measures.subject import Subject, pack_subject

MEASURES = ("c2st", "frechet", "near_copies")
Rows = dict[str, dict[int, dict[str, float]]]  # measures by row and seed


def measure(
    subject: Subject, art: Art, network: KindsNetwork, protocol: Protocol, seed: int
) -> dict[str, float]:
    """Return the measures of one sample: C2ST error in percent, Frechet distance, near copies in percent."""
    random = np.random.default_rng([seed, 0xE7A1])
    held = at_most(art.held_out, protocol.pairs, random)
    kinds = np.array([subject.kinds.index(kind) for kind in held.kinds])
    began = time.monotonic()
    made = generated(subject.sample(kinds[held.labels], seed), held.labels, held.kinds)
    seconds = time.monotonic() - began
    error, _ = c2st_error(*pair_up(held, made, random), protocol, seed)
    real, ours = (network.features(pictures.images) for pictures in (held, made))
    copies = nearest_pixels(made.images, art.training.images) <= protocol.near_copy
    return {
        "c2st": error,
        "frechet": frechet_distance(real, ours),
        "near_copies": 100.0 * float(copies.mean()),
        "seconds": seconds,
    }


def record(rows: Rows, name: str, seed: int, found: dict[str, float], path: Path | None) -> None:
    """Add the measures of a sample, print them, and write all to a JSON file, if there is one."""
    rows[name][seed] = found
    print(seed, name, found, flush=True)
    if path is not None:
        write_atomically(path, (json.dumps(rows, indent=1) + "\n").encode())


def table(rows: Rows, title: str) -> str:
    """Return the rows as Markdown: the mean over the seeds, and the standard deviation if there are several."""
    lines = [header(title, "seeds", "C2ST error (%)", "Frechet distance", "near copies (%)")]
    for name, by_seed in rows.items():
        cells = [name, str(len(by_seed))]
        for key, digits in zip(MEASURES, (1, 3, 1), strict=True):
            cells.append(means([row[key] for row in by_seed.values()], digits))
        lines.append(line(cells))
    return "\n".join(lines)


def main() -> None:
    """Measure all combinations, and print the table after each seed."""
    parser = arguments(__doc__)
    parser.add_argument("--orders", default="random,halton,raster")
    parser.add_argument("--refine", default="0,2,4,8")
    parser.add_argument("--temperatures", default="1")
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--json", type=Path)
    given = parsed(parser)
    pack = load(given.pack)
    protocol, art, network = opened(given, pack, given.pairs)
    combinations = list(
        itertools.product(
            given.orders.split(","),
            map(int, given.refine.split(",")),
            map(float, given.temperatures.split(",")),
        )
    )
    rows: Rows = {}
    for seed, (order, refine, temperature) in itertools.product(protocol.seeds, combinations):
        subject = pack_subject(pack, order=order, refine=refine, temperature=temperature)
        name = f"{order}, {refine}, {temperature:g}"
        rows.setdefault(name, {})
        record(rows, name, seed, measure(subject, art, network, protocol, seed), given.json)
    print(table(rows, "order, rounds, temperature"))


if __name__ == "__main__":
    main()
