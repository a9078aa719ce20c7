"""`tilewright export`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

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
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading the run", total=None)

        def show(stage: str, done: int, of: int) -> None:
            """Of a stage of unknown length, `of` is 0: the bar moves without filling."""
            bar.update(task, description=stage, completed=done, total=of or None)

        report = exporter.export_run(folder, file_to_write(output), name, show)
    print(report)
