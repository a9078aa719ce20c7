"""`tilewright generate`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from tilewright import generator
from tilewright.batches import TileBatch, TokenBatch
from tilewright.cli.options import (
    Around,
    Begin,
    Columns,
    Count,
    Gate,
    Hardware,
    Kind,
    Order,
    PackName,
    Palette,
    Refine,
    Scale,
    Seed,
    Temperature,
    Threads,
    Words,
    file_to_write,
)
from tilewright.cli.sheets import Sheet, output_of
from tilewright.errors import UsageError
from tilewright.files import write_atomically
from tilewright.heads import Tokens

CHUNK = 64  # tiles per update of the progress bar


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("generate")(generate)


def generate(
    pack: PackName,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Output file; default: the pack's name and the seed; text is printed.",
        ),
    ] = None,
    kind: Kind = None,
    words: Words = None,
    count: Count = 64,
    seed: Seed = 0,
    start: Annotated[int, typer.Option(help="Index of the first tile.")] = 0,
    palette: Palette = None,
    hardware: Hardware = None,
    columns: Columns = 8,
    scale: Scale = 1,
    spacing: Around = 0,
    order: Order = None,
    refine: Refine = None,
    begin: Begin = None,
    temperature: Temperature = None,
    gate: Gate = True,
    threads: Threads = None,
) -> None:
    """Generate tiles and write them as one sheet. A pack that generates text prints one line per item.

    Example: tilewright generate dawn-tiles --kind wall -n 64 --seed 7 -o sheet.png
    """
    sheet = Sheet("generate", columns, scale, spacing, hardware)
    loaded = generator.load(pack)
    batches = loaded.stream(
        count,
        batch=CHUNK,
        kind=kind,
        words=words,
        seed=seed,
        start=start,
        palette=palette,
        order=order,
        refine=refine,
        begin=begin,
        temperature=temperature,
        gate=gate,
        threads=threads,
    )
    if isinstance(loaded.file.head, Tokens):
        if hardware is not None:
            raise UsageError(f"generate: {loaded.name} generates tokens, which take no --hardware")
        _write_texts(batches, output)
        return
    output = output_of(loaded, seed, output)
    sheet.check(count, loaded.shape)
    console = Console(stderr=True)
    shown = track(
        batches,
        "generating",
        total=-(-count // CHUNK),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    tiles = np.concatenate([np.empty((0, *loaded.shape, 4), np.uint8), *(batch.rgba for batch in shown)])
    sheet.save(tiles, output)
    print(f"{count} tiles of {loaded.name}, seed {seed}: {output}")


def _write_texts(batches: Iterable[TileBatch], output: Path | None) -> None:
    output = None if output is None else file_to_write(output)
    texts = [text for batch in batches if isinstance(batch, TokenBatch) for text in batch.texts]
    lines = "".join(f"{text}\n" for text in texts)
    if output is None:
        print(lines, end="")
    else:
        write_atomically(output, lines.encode())
