"""`tilewright interpolate`."""

from typing import Annotated

import typer

from tilewright import generator
from tilewright.cli import options as given
from tilewright.cli.sheets import Sheet, output_of


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("interpolate")(interpolate)


def interpolate(
    pack: given.PackName,
    a: Annotated[int, typer.Argument(help="Seed of the first picture.")],
    b: Annotated[int, typer.Argument(help="Seed of the last picture.")],
    output: given.Picture = None,
    kind: given.Kind = None,
    words: given.Words = None,
    count: given.Count = 16,
    palette: given.Palette = None,
    hardware: given.Hardware = None,
    columns: given.Columns = 8,
    scale: given.Scale = 1,
    spacing: given.Around = 0,
    threads: given.Threads = None,
) -> None:
    """Generate pictures between those of two seeds. For packs that generate a picture in one pass.

    Example: tilewright interpolate dawn-sprites 5 6 --kind hero -n 16 -o morph.png
    """
    sheet = Sheet("interpolate", columns, scale, spacing, hardware)
    loaded = generator.load(pack)
    output = output_of(loaded, a, output)
    sheet.check(count, loaded.shape)
    batch = loaded.interpolate(a, b, count, kind=kind, words=words, palette=palette, threads=threads)
    sheet.save(batch.rgba, output)
    print(f"{count} tiles of {loaded.name} from seed {a} to seed {b}: {output}")
