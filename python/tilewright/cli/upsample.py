"""`tilewright upsample`."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from tilewright import generator
from tilewright.cli import options as given
from tilewright.cli.sheets import Sheet, output_of, read_tiles, tell_distance
from tilewright.given_pictures import to_indices


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("upsample")(upsample)


def upsample(
    pack: given.PackName,
    picture: Annotated[Path, typer.Argument(help="A picture of half the pack's size, or a sheet.")],
    output: given.Picture = None,
    seed: given.Seed = 0,
    palette: given.Palette = None,
    hardware: given.Hardware = None,
    columns: given.Columns = 8,
    scale: given.Scale = 1,
    spacing: given.Around = 0,
    threads: given.Threads = None,
) -> None:
    """Draw pictures of yours at twice their size, in the style of a pack with an upsampler. Each has the colours of
    the pack's palette that are nearest to its own, and no others.

    Example: tilewright upsample bestiary32 my_monsters.png -o large.png
    """
    sheet = Sheet("upsample", columns, scale, spacing, hardware)
    loaded = generator.load(pack)
    height, width = loaded.file.drawn
    loaded.upsample(np.zeros((0, height, width), np.uint8))  # packs without an upsampler are refused first
    output = output_of(loaded, seed, output)
    tiles = read_tiles(
        picture, (height, width), f"the {width}x{height} that {loaded.name} doubles", "upsample"
    )
    sheet.check(len(tiles), loaded.shape)
    indices, distance = to_indices(loaded.file, tiles, "upsample", (height, width))
    tell_distance(loaded, picture, distance)
    sheet.save(loaded.upsample(indices, seed=seed, palette=palette, threads=threads).rgba, output)
    print(f"{len(tiles)} pictures at twice their size by {loaded.name}, seed {seed}: {output}")
