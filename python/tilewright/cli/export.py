"""`tilewright export`."""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tilewright.cli.options import file_to_write, optional
from tilewright.errors import UsageError
from tilewright.files import write_atomically
from tilewright.names import free_name, plain_name


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(export)


def export(
    run: Annotated[Path, typer.Argument(help="A run folder of `tilewright train`.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The pack; default: the run's name and .onnx.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The pack's name; default: that of the file.")] = None,
    upsampler: Annotated[
        Path | None,
        typer.Option(
            help="A pack of `tilewright train --upsampler`, which doubles the size of the pictures (docs/training.md)."
        ),
    ] = None,
    critic: Annotated[
        bool,
        typer.Option("--critic/--no-critic", help="Train a critic, which has bad pictures drawn again."),
    ] = True,
    accepted: Annotated[
        float,
        typer.Option(
            help="Share of the draws that the critic accepts: less is slower, and closer to the art."
        ),
    ] = 0.25,
    temperature: Annotated[
        float | None,
        typer.Option(
            help="The temperature of the sampler of ar or diffusion, 0 to 10: less is cleaner and less varied; "
            "default: the run's."
        ),
    ] = None,
) -> None:
    """Write a training run as a pack: one self-contained int8 ONNX file; or, as NAME.safetensors, as a base.

    The file is checked before it is written: the core against the reference, ONNX Runtime (if installed) and
    the float network.

    A base is a file from which the training on other art may start (tilewright train --from).

    Example: tilewright export runs/mine -o mine.onnx
    """
    exporter = optional("tilewright_training.export.export", "train")
    folder = optional("tilewright_training.run.run_folder", "train").RunFolder(run)
    output = file_to_write(output or free_name(Path(f"{plain_name(run)}.onnx")))
    bases = optional("tilewright_training.run.base", "train")
    if output.suffix == bases.SUFFIX:
        if upsampler is not None:
            raise UsageError("export: a base has no upsampler: leave out --upsampler")
        if name is not None:
            raise UsageError("export: the name of a base is that of its file: leave out --name")
        if temperature is not None:
            raise UsageError("export: a base has no temperature: leave out --temperature")
        write_atomically(output, bases.pack_base(folder))
        print(f"written: {output}; next: tilewright train FOLDER --from {shlex.quote(str(output))}")
        return
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading the run", total=None)

        def show(stage: str, done: int, of: int) -> None:
            """Show the progress. `of` is 0 for a stage of unknown length."""
            bar.update(task, description=stage, completed=done, total=of or None)

        report = exporter.export_run(
            folder,
            output,
            name,
            show,
            critic=critic,
            accepted=accepted,
            upsampler=upsampler,
            temperature=temperature,
        )
    print(report)
    if critic and exporter.lacks_critic(report.pack):
        print(
            "without a critic: it needs the art where training read it, and enough pictures (docs/training.md)"
        )
    told = f"generate {shlex.quote(str(output))}"
    if folder.reads("upsampler"):
        told = f"export RUN --upsampler {shlex.quote(str(output))}, where RUN is that of train --halve"
    print(f"written: {output}; next: tilewright {told}")
