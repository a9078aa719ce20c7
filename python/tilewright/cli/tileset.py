"""`tilewright tileset`."""

from pathlib import Path
from typing import Annotated

import typer

from tilewright import generator
from tilewright.cli.options import NewColours, OwnTiles, Seed
from tilewright.cli.sheets import read_tiles_of_kinds
from tilewright.errors import UsageError
from tilewright.tileset import make_tileset
from tilewright.tileset.layouts import LAYOUTS


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("tileset")(tileset)


def tileset(
    pack: Annotated[str, typer.Argument(help="A pack with a kind per cell, by name or path.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="A file whose suffix says the format.")],
    terrains: Annotated[
        list[str] | None,
        typer.Argument(help="Kinds of the pack, which meet each other; default: those of --tile."),
    ] = None,
    tiles: OwnTiles = None,
    new_colours: NewColours = False,
    layout: Annotated[str, typer.Option(help=f"Layout of the set: {', '.join(LAYOUTS)}.")] = "dual-grid",
    ground: Annotated[
        str | None, typer.Option(help="The kind around the terrains while they are generated.")
    ] = None,
    opaque: Annotated[
        bool, typer.Option("--opaque", help="Keep the ground, instead of transparency.")
    ] = False,
    variants: Annotated[int, typer.Option(help="Tiles for each combination.")] = 4,
    candidates: Annotated[int, typer.Option(help="Pictures from which each part is chosen.")] = 4,
    walls: Annotated[
        list[str] | None, typer.Option(help="A wall of wall-16, by default all; may be repeated.")
    ] = None,
    moving: Annotated[
        list[str] | None, typer.Option(help="A terrain that moves, such as water; may be repeated.")
    ] = None,
    frames: Annotated[int, typer.Option(help="Pictures of a moving tile, 2 .. 16.")] = 4,
    seed: Seed = 0,
    threads: Annotated[int | None, typer.Option(help="CPU threads; default: one per core.")] = None,
) -> None:
    """Generate a complete tileset of terrains, and write it for an editor.

    Example: tilewright tileset overworld water sand grass --seed 7 -o coast.tsx

    Example: tilewright tileset overworld dirt --layout blob-47 --ground grass --opaque -o path.tres

    Example: tilewright tileset dungeon floor water wall --layout wall-16 --walls wall -o crypt.tsx

    Example: tilewright tileset borders --tile water=water.png --tile grass=grass.png --layout corner-16 -o set.png
    """
    loaded = generator.load(pack)
    if not terrains and not tiles:
        raise UsageError("tileset: give terrains, or --tile KIND=PICTURE for each")
    made = make_tileset(
        loaded,
        terrains or None,
        tiles=read_tiles_of_kinds(tiles, loaded, "tileset") if tiles else None,
        new_colours=new_colours,
        layout=layout,
        ground=ground,
        transparent=not opaque,
        variants=variants,
        candidates=candidates,
        walls=walls or None,
        moving=moving or (),
        frames=frames,
        seed=seed,
        threads=threads,
    )
    for path in made.save(output):
        typer.echo(path)
