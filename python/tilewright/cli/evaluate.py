"""`tilewright evaluate`."""

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from tilewright.cli.options import (
    Begin,
    Gate,
    Kinds,
    Margin,
    Order,
    Refine,
    Shadows,
    Spacing,
    Temperature,
    Transparent,
    file_to_write,
    optional,
)
from tilewright.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluate")(evaluate)


def evaluate(
    pack: Annotated[str, typer.Argument(help="A bundled pack's name, an .onnx file or a run folder.")],
    against: Annotated[list[Path], typer.Option(help="A folder of art, or a set; may be repeated.")],
    kinds: Kinds = None,
    terrain: Annotated[
        Path | None,
        typer.Option(
            help="Recipe of autotiles in the folder: compare painted maps with maps drawn with them."
        ),
    ] = None,
    held_out_set: Annotated[
        list[str] | None,
        typer.Option(
            help="With --terrain: measure on a set that the recipe holds out, whose terrains the pack knows by name "
            "only; may be repeated."
        ),
    ] = None,
    sheets: Annotated[
        Path | None,
        typer.Option(help="Recipe of animation sheets in the folder: compare sheets with the artists'."),
    ] = None,
    margin: Margin = None,
    spacing: Spacing = None,
    transparent: Transparent = None,
    shadows: Shadows = None,
    held_out: Annotated[
        float | None, typer.Option(help="Share of the art to hold out; default: as in training.")
    ] = None,
    pairs: Annotated[
        int, typer.Option(help="Number of real and of generated tiles, if the art has enough.")
    ] = 1000,
    seeds: Annotated[int, typer.Option(help="Number of repetitions, with seeds from 0.")] = 3,
    quick: Annotated[
        bool, typer.Option("--quick", help="Small classifiers: for a first look, not for publication.")
    ] = False,
    features: Annotated[
        Path | None, typer.Option(help="A file that stores the network of kinds between calls.")
    ] = None,
    grid: Annotated[
        Path | None,
        typer.Option(
            help="Output file for 12x12 tiles, a PNG; with --sheets, for artists' and completed characters, a GIF."
        ),
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Output file for the figures.")] = None,
    order: Order = None,
    refine: Refine = None,
    begin: Begin = None,
    temperature: Temperature = None,
    gate: Gate = True,
    threads: Annotated[int, typer.Option(help="CPU threads; the number may affect the last digits.")] = 1,
) -> None:
    """Measure the output of a pack against real art.

    PACK: a bundled pack's name, an .onnx file, or a run folder, whose newest checkpoint is sampled. The table
    also has the floor (real art against other real art) and the figures of copies of the training art.
    docs/measures.md defines the figures.

    Example: tilewright evaluate dawn-sprites --against my_art --json sprites.json --grid sprites.png
    """
    if not 1 <= seeds <= 100:
        raise UsageError(f"evaluate: --seeds must be in 1..100, not {seeds}")
    if not 1 <= threads <= 1024:
        raise UsageError(f"evaluate: --threads must be in 1..1024, not {threads}")
    protocol = optional("tilewright_training.measures.protocol", "train")
    chosen = protocol.QUICK if quick else {}
    told = protocol.Protocol(**chosen, pairs=pairs, seeds=tuple(range(seeds)))
    facts = optional("tilewright_benchmarks.machine", "train").describe()
    facts["command"] = _command()
    if held_out_set and terrain is None:
        raise UsageError("evaluate: --held-out-set names a set of the recipe: give --terrain, too")
    if terrain is not None or sheets is not None:
        option = "terrain" if terrain is not None else "sheets"
        if terrain is not None and sheets is not None:
            raise UsageError("evaluate: give --terrain or --sheets, not both")
        if len(against) > 1:
            raise UsageError(
                f"evaluate: --{option} takes one folder, that of the recipe's sheets, not {len(against)}"
            )
        output = file_to_write(json) if json else None
        if grid is not None and terrain is not None:
            raise UsageError("evaluate: --grid shows tiles and sheets, not maps: leave it out with --terrain")
        if grid is not None and grid.suffix.lower() != ".gif":
            raise UsageError(f"evaluate: --grid with --sheets writes a .gif, not {grid.name}")
        if terrain is not None:
            optional("tilewright_training.measures.terrain", "train").run(
                pack,
                against[0],
                terrain,
                told,
                held_out=held_out_set or [],
                output=output,
                threads=threads,
                facts=facts,
            )
        else:
            optional("tilewright_training.measures.animation", "train").run(
                pack,
                against[0],
                sheets,
                told,
                grid=file_to_write(grid) if grid else None,
                output=output,
                threads=threads,
                facts=facts,
            )
        return
    optional("tilewright_training.measures.command", "train").run(
        pack,
        against,
        told,
        reading={
            "kinds": kinds,
            "margin": margin,
            "spacing": spacing,
            "transparent": transparent,
            "shadows": shadows,
        },
        sampling={
            "order": order,
            "refine": refine,
            "begin": begin,
            "temperature": temperature,
            "gate": None if gate else False,
        },
        held_out=held_out,
        cache=file_to_write(features) if features else None,
        grid=file_to_write(grid) if grid else None,
        output=file_to_write(json) if json else None,
        threads=threads,
        facts=facts,
    )


def _command() -> str:
    """Return the command line without the location of the art, which differs between machines."""
    line, art = shlex.join(["tilewright", *sys.argv[1:]]), os.environ.get("TILEWRIGHT_DATA")
    return line.replace(art, "$TILEWRIGHT_DATA") if art else line
