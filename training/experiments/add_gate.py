"""Add hashes and bounds of its training pictures to a pack that was exported without them.

    python -m tilewright_training.experiments.add_gate PACK ART... --kinds RECIPE -o OUT

The network stays the same. The art must be that of the pack's metadata.
"""

import argparse
import json
from pathlib import Path

import onnx
from rich.console import Console

from tilewright.errors import DataError, TilewrightError, UsageError
from tilewright.files import write_atomically
from tilewright.pack import METADATA_KEY, check_pack, lowest_format, open_pack

from ..data.dataset import read_art
from ..data.gate import gate_of


def add_gate(pack: str, art: list[Path], kinds: Path | None, output: Path) -> None:
    """Write the pack with a gate to `output`. Raises DataError if the art is not what the pack was trained on."""
    file = open_pack(pack, "add_gate")
    if file.head.palette is None:
        raise UsageError(f"add_gate: {file.name} has no common palette")
    data, _ = read_art(art, file.shape, kinds=kinds)
    if data.digest != file.data["sha256"]:
        raise DataError(f"add_gate: {file.name} was trained on other art")
    model = onnx.load_model_from_string(file.content)
    (entry,) = (entry for entry in model.metadata_props if entry.key == METADATA_KEY)
    fields = json.loads(entry.value) | gate_of(data, file.training["held_out"], file.head.palette)
    entry.value = json.dumps(fields | {"format": lowest_format(fields)})
    content = model.SerializeToString()
    check_pack(content, output)
    write_atomically(output, content)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pack")
    parser.add_argument("art", type=Path, nargs="+")
    parser.add_argument("--kinds", type=Path)
    parser.add_argument("--output", "-o", type=Path, required=True)
    given = parser.parse_args()
    try:
        add_gate(given.pack, given.art, given.kinds, given.output)
    except TilewrightError as error:
        Console(stderr=True).print(str(error), markup=False)
        raise SystemExit(2) from None
