"""`tilewright evaluate`."""

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from tilewright.cli.options import Kinds, Margin, Shadows, Spacing, Transparent, file_to_write, optional
from tilewright.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("evaluate")(evaluate)


def evaluate(
    pack: Annotated[str, typer.Argument(help="A bundled pack's name, an .onnx file or a run folder.")],
    against: Annotated[list[Path], typer.Option(help="A folder of art, or a set; may be repeated.")],
    kinds: Kinds = None,
    margin: Margin = None,
    spacing: Spacing = None,
    transparent: Transparent = None,
    shadows: Shadows = None,
    held_out: Annotated[
        float | None, typer.Option(help="Share of the art to hold out; if not given, what training held out.")
    ] = None,
    pairs: Annotated[int, typer.Option(help="Real and generated tiles each, where the art allows.")] = 1000,
    seeds: Annotated[int, typer.Option(help="How often everything is drawn anew, from seed 0 up.")] = 3,
    quick: Annotated[
        bool, typer.Option("--quick", help="Small judges: a first look, not for publication.")
    ] = False,
    features: Annotated[
        Path | None, typer.Option(help="A file that keeps the network of kinds for the next time.")
    ] = None,
    grid: Annotated[Path | None, typer.Option(help="Where to write 12x12 of its tiles, a PNG.")] = None,
    json: Annotated[Path | None, typer.Option(help="Where to write the figures.")] = None,
    threads: Annotated[int, typer.Option(help="CPU threads; another number may change last digits.")] = 1,
) -> None:
    """Measure what a pack makes against real art.

    PACK: a bundled pack's name, an .onnx file, or a run folder, whose newest checkpoint is sampled. Beside each figure
    stands the floor (real art against other real art) and what copies of the training art would get. What each figure
    means: docs/measures.md.

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
        held_out=held_out,
        cache=file_to_write(features) if features else None,
        grid=file_to_write(grid) if grid else None,
        output=file_to_write(json) if json else None,
        threads=threads,
        facts={**facts, "command": _command()},
    )


def _command() -> str:
    """The command line as another person can repeat it: where the art lies differs from machine to machine."""
    line, art = shlex.join(["tilewright", *sys.argv[1:]]), os.environ.get("TILEWRIGHT_DATA")
    return line.replace(art, "$TILEWRIGHT_DATA") if art else line
