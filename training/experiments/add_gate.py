"""Add to a pack what its export would add today: hashes and bounds of its training pictures, and a critic.

    python -m tilewright_training.experiments.add_gate PACK ART... --kinds RECIPE -o OUT

The network stays the same, and so do the hashes and bounds that a pack has, except that --orphans lowers bounds of its
kinds to those of ART (orphan_bounds.py). Its critic is made anew. Hashes need the art of the pack's metadata; a critic
and bounds of orphans may be made from other art of the same kinds.
"""

import argparse
from pathlib import Path

from rich.console import Console

from tilewright.errors import DataError, TilewrightError, UsageError
from tilewright.files import write_atomically
from tilewright.pack import check_pack, open_pack

from ..data.dataset import read_art
from ..data.gate import gate_of
from ..data.halving import halved
from ..data.split import hold_out
from ..export.critic import ACCEPTED, FEWEST, suffices, suits, with_critic
from ..export.critic_network import MISMATCHED
from ..export.export_onnx import with_fields
from ..export.orphan_bounds import with_orphan_bounds
from ..export.upsampler import with_upsampler


def add_gate(
    pack: str,
    folders: list[Path],
    kinds: Path | None,
    output: Path,
    *,
    accepted: float = ACCEPTED,
    mismatched: float = MISMATCHED,
    orphans: float = 1.0,
) -> None:
    """Write the pack with a gate to `output`. Raises DataError if it has no hashes and was trained on other art.

    accepted, mismatched: see `with_critic`. orphans: see `with_orphan_bounds`; 1 keeps the bounds.
    """
    file = open_pack(pack, "add_gate")
    if file.kind_map or not suits(file):
        raise UsageError(f"add_gate: {file.name} has no common palette, or a kind for each cell")
    data, _ = read_art(folders, file.shape, kinds=kinds)
    upsampler = file.upsampler
    if upsampler is not None:  # the gate judges the pictures of the first network
        data = halved(data)
    if data.kinds != file.kinds:
        raise DataError(f"add_gate: the kinds of {file.name} are {', '.join(file.kinds)}")
    content, held_out = with_fields(file.content, {"upsampler": None}), file.training["held_out"]
    if file.training_pictures is None:
        if data.digest != file.data["sha256"]:
            raise DataError(f"add_gate: {file.name} was trained on other art")
        content = with_fields(content, gate_of(data, held_out, file.head.palette))
    art = hold_out(data, held_out)[0]
    if not suffices(art):
        raise DataError(f"add_gate: {len(art.labels)} training pictures, and a critic needs {FEWEST}")
    if orphans != 1.0:
        content = with_orphan_bounds(content, output, art, orphans)
    content = with_critic(content, output, art, accepted, mismatched)
    if upsampler is not None:
        content = with_upsampler(content, output, upsampler)
    check_pack(content, output)
    write_atomically(output, content)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pack")
    parser.add_argument("folders", metavar="ART", type=Path, nargs="+")
    parser.add_argument("--kinds", type=Path)
    parser.add_argument("--output", "-o", type=Path, required=True)
    parser.add_argument("--accepted", type=float, default=ACCEPTED, help="the share of draws")
    parser.add_argument("--mismatched", type=float, default=MISMATCHED, help="of art, as another kind")
    parser.add_argument(
        "--orphans", type=float, default=1.0, help="share of art that meets the bounds of orphans"
    )
    given = parser.parse_args()
    try:
        add_gate(**vars(given))
    except TilewrightError as error:
        Console(stderr=True).print(str(error), markup=False)
        raise SystemExit(2) from None
