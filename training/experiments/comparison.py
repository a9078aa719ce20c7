"""What scripts that compare samples of a pack share: their arguments, the art that they measure against, and tables."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev

import torch

from tilewright.generator import Pack

from ..data.dataset import read_art
from ..measures.art import Art, divide
from ..measures.features import KindsNetwork, kinds_network
from ..measures.protocol import Protocol
from ..measures.subject import pack_subject


def arguments(description: str | None, *, art: bool = True) -> argparse.ArgumentParser:
    """Return the parser of a pack, the art and the seeds. art: whether the art is needed."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pack")
    without = "" if art else "; without: pixels only"
    parser.add_argument(
        "--against", type=Path, action="append", required=art, help=f"a folder of art{without}"
    )
    parser.add_argument("--kinds", type=Path, help="a recipe")
    parser.add_argument("--held-out", type=float)
    parser.add_argument("--seeds", type=int, default=3)
    return parser


def parsed(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Read the arguments, and make the results of torch repeatable."""
    given = parser.parse_args()
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    return given


def opened(
    given: argparse.Namespace, pack: Pack, pairs: int = Protocol.pairs
) -> tuple[Protocol, Art, KindsNetwork]:
    """Return the protocol, the art and the classifier of kinds of `arguments`."""
    protocol = Protocol(pairs=pairs, seeds=tuple(range(given.seeds)))
    data, _ = read_art(given.against, pack.tile_size, kinds=given.kinds)
    art = divide(data, pack_subject(pack), given.held_out, protocol)
    return protocol, art, kinds_network(art.training, art.digest, protocol)


def header(*titles: str) -> str:
    """Return the first two lines of a table in Markdown: names on the left, numbers on the right."""
    return f"{line(titles)}\n|---|{'---:|' * (len(titles) - 1)}"


def line(cells: Sequence[str]) -> str:
    """Return a line of a table."""
    return f"| {' | '.join(cells)} |"


def means(values: Sequence[float], digits: int = 1) -> str:
    """Return the mean of one value for each seed, and the standard deviation if there are several."""
    spread = f" ± {stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{mean(values):.{digits}f}{spread}"
