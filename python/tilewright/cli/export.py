"""`tilewright export`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tilewright.cli.options import Output, file_to_write, optional

_EXAMPLE = """Write a training run as a pack: one int8 ONNX file that holds everything.

The file is checked before it is written: core against reference, ONNX Runtime (if installed) and the float network.

Example: tilewright export runs/mine -o mine.onnx
"""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("export", help=_EXAMPLE)(export)


def export(
    run: Annotated[Path, typer.Argument(help="A run folder that `tilewright train` made.")],
    output: Output,
    name: Annotated[str | None, typer.Option(help="The pack's name; else that of the file.")] = None,
) -> None:
    """See _EXAMPLE."""
    exporter = optional("tilewright_training.export", "train")
    folder = optional("tilewright_training.run_folder", "train").RunFolder(run)
    with Console(stderr=True).status("calibrating, writing and checking ..."):
        report = exporter.export_run(folder, file_to_write(output), name)
    print(report)
