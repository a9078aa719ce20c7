"""`tilewright variations`."""

from pathlib import Path
from typing import Annotated

import typer

from tilewright import generator
from tilewright.cli import options as given
from tilewright.cli.sheets import Sheet, given_indices, output_of


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("variations")(variations)


def variations(
    pack: given.PackName,
    source: Annotated[
        str,
        typer.Argument(
            help="A picture of the pack's size or a sheet; for packs of one pass the seed of one."
        ),
    ],
    output: given.Picture = None,
    tile: given.Tile = 0,
    strength: Annotated[float, typer.Option(help="How much of it changes, 0 .. 1.")] = 0.3,
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
    """Generate pictures that resemble one.

    Example: tilewright variations dawn-sprites-fine hero.png --kind hero -o heroes.png

    Example: tilewright variations dawn-sprites 7 --kind hero --seed 1 -o heroes.png
    """
    sheet = Sheet("variations", columns, scale, spacing, hardware)
    loaded = generator.load(pack)
    output = output_of(loaded, seed, output)
    sheet.check(count, loaded.shape)
    is_seed = source.isdecimal() and loaded.plan.sampler is None
    of = int(source) if is_seed else given_indices(loaded, Path(source), tile, "variations")
    batch = loaded.variations(
        of, count, strength=strength, kind=kind, words=words, seed=seed, palette=palette, threads=threads
    )
    sheet.save(batch.rgba, output)
    print(f"{count} tiles of {loaded.name} like {source}, seed {seed}: {output}")
