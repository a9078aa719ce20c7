"""`tilewright paint`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tilewright import generator
from tilewright.canvas import grid_of
from tilewright.cli import options as given
from tilewright.cli.sheets import Sheet, output_of, read_tiles_of_kinds
from tilewright.coarse_map import read_legend, read_map
from tilewright.errors import UsageError
from tilewright.palette import repaint


def _origin(text: str) -> tuple[int, int]:
    try:
        row, column = map(int, text.split(","))
    except ValueError:
        raise typer.BadParameter(f"{text!r:.60} is not ROW,COLUMN, as in 40,-12") from None
    return row, column


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("paint")(paint)


def paint(
    coarse: Annotated[
        Path, typer.Argument(metavar="MAP", help="A picture or text with a pixel or letter for each cell.")
    ],
    pack: Annotated[str, typer.Option(help="A pack with a sampler and a kind per cell, by name or path.")],
    legend: Annotated[
        str | None,
        typer.Option(
            metavar="KIND=COLOUR,...",
            help="What pixels and letters mean: grass=#3f8f3f,water=~; default: the first letters of the kinds.",
        ),
    ] = None,
    output: given.Picture = None,
    words: given.Words = None,
    seed: given.Seed = 0,
    origin: Annotated[
        Any, typer.Option(parser=_origin, metavar="ROW,COLUMN", help="Place of the first cell in the world.")
    ] = "0,0",
    outside: Annotated[
        str | None, typer.Option(metavar="KIND", help="The kind around the map; default: its edges continue.")
    ] = None,
    insides_first: Annotated[
        bool, typer.Option("--insides-first", help="Paint each kind alone before the borders between them.")
    ] = False,
    tiles: given.OwnTiles = None,
    new_colours: given.NewColours = False,
    palette: given.Palette = None,
    hardware: given.Hardware = None,
    scale: given.Scale = 1,
    threads: given.Threads = None,
) -> None:
    """Paint one picture from a coarse map of kinds.

    Example: tilewright paint map.png --pack overworld --legend grass=#3f8f3f,water=#2a4fa0 -o world.png
    """
    sheet = Sheet("paint", 1, scale, 0, hardware)
    loaded = generator.load(pack)
    grid_of(loaded.file, "paint")
    output = output_of(loaded, seed, output)
    kinds = read_map(coarse, read_legend(legend, loaded.kinds, "paint"), "paint")
    sheet.check(1, (kinds.shape[0] * loaded.cell, kinds.shape[1] * loaded.cell))
    if new_colours and not tiles:
        raise UsageError("paint: --new-colours is for maps with --tile")
    if not tiles:
        world = {"origin": origin, "outside": outside, "insides_first": insides_first, "palette": palette}
        rgba = loaded.paint(kinds, seed=seed, words=words, threads=threads, **world).rgba
    elif origin != (0, 0) or outside is not None or insides_first:
        raise UsageError("paint: --origin, --outside and --insides-first are for maps without --tile")
    else:
        own = read_tiles_of_kinds(tiles, loaded, "paint")
        rgba = loaded.paint_borders(
            kinds, own, new_colours=new_colours, seed=seed, words=words, threads=threads
        )[None]
        rgba = rgba if palette is None else repaint(rgba, palette)
    sheet.save(rgba, output)
    rows, columns = kinds.shape
    print(f"{columns}x{rows} cells of {loaded.name}, seed {seed}: {output}")
