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
from tilewright.cli.options import Begin, Hardware, Order, Refine, Seed, Temperature, file_to_write
from tilewright.errors import UsageError
from tilewright.files import write_atomically
from tilewright.hardware import check_hardware, to_hardware
from tilewright.heads import Tokens
from tilewright.names import free_name, plain_name
from tilewright.sheet import check_sheet, make_sheet, save_png

CHUNK = 64  # tiles per update of the progress bar


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("generate")(generate)


def generate(
    pack: Annotated[str, typer.Argument(help="A bundled pack's name or an .onnx file.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Output file; default: the pack's name and the seed; text is printed.",
        ),
    ] = None,
    kind: Annotated[str | None, typer.Option(help="One of the pack's kinds; default: all.")] = None,
    words: Annotated[str | None, typer.Option(help="Words of the pack: 'red dragon'.")] = None,
    count: Annotated[int, typer.Option("-n", "--count", help="How many.")] = 64,
    seed: Seed = 0,
    start: Annotated[int, typer.Option(help="Index of the first tile.")] = 0,
    palette: Annotated[str | None, typer.Option(help="Recolour: pico-8, game-boy ... or a file.")] = None,
    hardware: Hardware = None,
    columns: Annotated[int, typer.Option(help="Tiles per row.")] = 8,
    scale: Annotated[int, typer.Option(help="Integer magnification.")] = 1,
    spacing: Annotated[int, typer.Option(help="Pixels around each tile.")] = 0,
    order: Order = None,
    refine: Refine = None,
    begin: Begin = None,
    temperature: Temperature = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads; default: one per core.")] = None,
) -> None:
    """Generate tiles and write them as one sheet. A pack that generates text prints one line per item.

    Example: tilewright generate dawn-tiles --kind wall -n 64 --seed 7 -o sheet.png
    """
    for name, value, least in (("columns", columns, 1), ("scale", scale, 1), ("spacing", spacing, 0)):
        if not least <= value <= 4096:
            raise UsageError(f"generate: --{name} must be in {least}..4096, not {value}")
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
        threads=threads,
    )
    if isinstance(loaded.file.head, Tokens):
        if hardware is not None:
            raise UsageError(f"generate: {loaded.name} generates tokens, which take no --hardware")
        _write_texts(batches, output)
        return
    output = file_to_write(output or free_name(Path(f"{plain_name(Path(loaded.name))}-{seed}.png")))
    if hardware is not None:
        check_hardware(hardware, "generate")
    check_sheet(count, loaded.shape, columns, spacing, scale)
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
    if hardware is not None:
        tiles = to_hardware(tiles, hardware)
    save_png(make_sheet(tiles, columns, spacing=spacing, scale=scale), output)
    print(f"{count} tiles of {loaded.name}, seed {seed}: {output}")


def _write_texts(batches: Iterable[TileBatch], output: Path | None) -> None:
    output = None if output is None else file_to_write(output)
    texts = [text for batch in batches if isinstance(batch, TokenBatch) for text in batch.texts]
    lines = "".join(f"{text}\n" for text in texts)
    if output is None:
        print(lines, end="")
    else:
        write_atomically(output, lines.encode())
