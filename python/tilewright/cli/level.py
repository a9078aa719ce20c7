"""`tilewright level`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tilewright import generator
from tilewright.cli.options import Hardware, Seed, file_to_write
from tilewright.errors import UsageError
from tilewright.formats import FORMATS, load_tileset, suffix_of
from tilewright.hardware import check_hardware, convert, to_hardware
from tilewright.level import Map, make_level, tile_level
from tilewright.sheet import check_sheet, save_png
from tilewright.tileset import Tileset, parse_kinds

MAX_SCALE = 64


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("level")(level)


def level(
    width: Annotated[int, typer.Option(help="Cells, 8 .. 512.")] = 40,
    height: Annotated[int, typer.Option(help="Cells, 8 .. 512.")] = 25,
    style: Annotated[str, typer.Option(help="Style of the level: dungeon, caves, islands ...")] = "dungeon",
    seed: Seed = 0,
    pack: Annotated[str, typer.Option(help="A pack of tiles, by name or path.")] = generator.DEFAULT_PACK,
    tileset: Annotated[
        Path | None,
        typer.Option(help="A complete tileset instead of a pack: the .tsx file that `tileset` wrote."),
    ] = None,
    kinds: Annotated[
        str | None,
        typer.Option("--map", help="Kinds of the pack to draw: wall=cliff,floor=ground; default: by name."),
    ] = None,
    palette: Annotated[
        str | None, typer.Option(help="Recolour with a palette, by name or from a .gpl, .hex or .pal file.")
    ] = None,
    hardware: Hardware = None,
    scale: Annotated[int, typer.Option(help="Pixels per pixel, 1 .. 64.")] = 1,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help=f"A picture, or a map for an editor: {', '.join(FORMATS)}."),
    ] = None,
) -> None:
    """Generate a level and draw it with generated tiles; without --output, print it in characters.

    Example: tilewright level --width 40 --height 25 --seed 7 -o level.png

    Example: tilewright level --seed 7 -o level.tmx

    Example: tilewright level --pack mine.onnx --map wall=cliff,floor=ground -o level.png

    Example: tilewright level --tileset coast.tsx --style islands -o level.tmx
    """
    if not 1 <= scale <= MAX_SCALE:
        raise UsageError(f"level: --scale must be in 1..{MAX_SCALE}, not {scale}")
    if hardware is not None:
        check_hardware(hardware, "level")
    mapping = parse_kinds(kinds, "--map") if kinds is not None else None
    made = make_level(width, height, seed, style)
    if output is None:
        print(made)
        return
    output = file_to_write(output)
    as_map = suffix_of(output) not in (None, ".png")  # other names are PNG files too
    if as_map and scale != 1:
        raise UsageError(f"level: --scale is for pictures, and {output.name} is a map")
    opened = generator.load(pack) if tileset is None else load_tileset(tileset)
    size = opened.shape if isinstance(opened, Tileset) else (opened.tile_size, opened.tile_size)
    check_sheet(made.cells.size, size, width, 0, scale)
    tiled = tile_level(made, opened, kinds=mapping, palette=palette)
    files: Sequence[Path] = (output,)
    if as_map:
        files = (tiled.map if hardware is None else _on_hardware(tiled.map, hardware)).save(output)
    else:
        picture = tiled.picture()
        if hardware is not None:
            picture = to_hardware(picture, hardware)
        save_png(picture.repeat(scale, axis=0).repeat(scale, axis=1), output)
    if str(tiled.matched):
        print(f"{tiled.matched}; --map chooses others")
    names = ", ".join(map(str, files))
    tiles = f"{tiled.made} tiles" if tileset is None else "the tiles"
    print(f"{width}x{height} {style}, seed {seed}, {tiles} of {opened.name}: {names}")


def _on_hardware(drawn: Map, hardware: str) -> Map:
    """Return the map with tiles as an old machine could show them."""
    pictures, palette = convert(drawn.tileset.rgba, hardware, "level")
    return replace(drawn, tileset=replace(drawn.tileset, pictures=pictures, palette=palette))
