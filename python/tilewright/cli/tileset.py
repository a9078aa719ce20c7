"""`tilewright tileset`."""

from pathlib import Path
from typing import Annotated

import typer

from tilewright import generator
from tilewright.cli.options import Seed
from tilewright.tileset import make_tileset


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("tileset")(tileset)


def tileset(
    pack: Annotated[str, typer.Argument(help="A pack with a kind per cell, by name or path.")],
    terrains: Annotated[list[str], typer.Argument(help="Kinds of the pack, which meet each other.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="A file whose suffix says the format.")],
    layout: Annotated[str, typer.Option(help="Layout of the set.")] = "corner-16",
    variants: Annotated[int, typer.Option(help="Tiles for each combination of corners.")] = 4,
    candidates: Annotated[int, typer.Option(help="Pictures from which each part is chosen.")] = 4,
    seed: Seed = 0,
    threads: Annotated[int | None, typer.Option(help="CPU threads; default: one per core.")] = None,
) -> None:
    """Generate a tileset in which terrains meet in every way, and write it for an editor.

    Example: tilewright tileset overworld.onnx grass sand water --seed 7 -o coast.tsx
    """
    made = make_tileset(
        generator.load(pack),
        terrains,
        layout=layout,
        variants=variants,
        candidates=candidates,
        seed=seed,
        threads=threads,
    )
    for path in made.save(output):
        typer.echo(path)
