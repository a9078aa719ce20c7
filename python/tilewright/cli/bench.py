"""`tilewright bench`."""

from pathlib import Path
from typing import Annotated

import typer

from tilewright.cli.options import file_to_write, optional


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bench")(bench)


def bench(
    pack: Annotated[str, typer.Argument(help="g1, g2, g3, g4, a pack's name or file, or all.")] = "all",
    batch: Annotated[int, typer.Option(help="Tiles per call.")] = 128,
    threads: Annotated[int, typer.Option(help="CPU threads of every runtime.")] = 1,
    rounds: Annotated[int, typer.Option(help="Samples per runner.")] = 15,
    backend: Annotated[
        list[str] | None, typer.Option(help="A backend of the core; may be repeated; default: all.")
    ] = None,
    baselines: Annotated[bool, typer.Option(help="Time other runtimes as well.")] = True,
    isa: Annotated[
        str, typer.Option(help="Limit all runtimes to an instruction set: vnni, avx-vnni or avx2.")
    ] = "",
    frame: Annotated[
        bool,
        typer.Option("--frame", help="Measure tiles per 1/60 s, and the time to import and load, instead."),
    ] = False,
    json: Annotated[Path | None, typer.Option(help="Output file for the samples.")] = None,
) -> None:
    """Time the core and every other installed runtime on the same pack.

    PACK: g1 to g4 (networks with random weights), a bundled pack's name, an .onnx file, or all. Prints a
    table and writes a JSON file with every sample, to benchmarks/results in a source tree and to the current
    folder otherwise.

    Example: tilewright bench g2 --rounds 31
    """
    command = optional("tilewright_benchmarks.command", "bench")
    if frame:
        command.run_frame(pack, threads, backend or ())
        return
    command.run(
        pack, batch, threads, rounds, backend or (), baselines, isa, file_to_write(json) if json else None
    )
