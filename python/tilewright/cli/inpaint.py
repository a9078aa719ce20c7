"""`tilewright inpaint`."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from tilewright import generator
from tilewright.checks import check_range
from tilewright.cli import options as given
from tilewright.cli.sheets import Sheet, given_indices, output_of, read_mask
from tilewright.requests import MAX_COUNT


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("inpaint")(inpaint)


def inpaint(
    pack: given.PackName,
    picture: Annotated[Path, typer.Argument(help="A picture of the pack's size, or a sheet.")],
    mask: Annotated[Path, typer.Option(help="A picture of that size, white where pixels are generated.")],
    output: given.Picture = None,
    tile: given.Tile = 0,
    kind: given.Kind = None,
    words: given.Words = None,
    count: given.Count = 8,
    seed: given.Seed = 0,
    palette: given.Palette = None,
    hardware: given.Hardware = None,
    columns: given.Columns = 8,
    scale: given.Scale = 1,
    spacing: given.Around = 0,
    threads: given.Threads = None,
) -> None:
    """Generate a part of a picture anew, several times. Other pixels do not change. For packs with a sampler.

    Example: tilewright inpaint dawn-sprites-fine hero.png --mask legs.png --kind hero -o heroes.png
    """
    sheet = Sheet("inpaint", columns, scale, spacing, hardware)
    loaded = generator.load(pack)
    output = output_of(loaded, seed, output)
    check_range(count, "count", 0, MAX_COUNT, "inpaint")
    sheet.check(count, loaded.shape)
    indices = np.repeat(given_indices(loaded, picture, tile, "inpaint")[None], count, axis=0)
    where = read_mask(loaded, mask, "inpaint")
    batch = loaded.inpaint(
        indices, where, kind=kind, words=words, seed=seed, palette=palette, threads=threads
    )
    sheet.save(batch.rgba, output)
    print(f"{count} tiles of {loaded.name}, seed {seed}, {where.sum()} pixels of each generated: {output}")
