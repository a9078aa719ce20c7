"""`tilewright palette`."""

from pathlib import Path
from typing import Annotated

import typer

from tilewright.cli.options import file_to_write, optional
from tilewright.errors import UsageError
from tilewright.files import write_atomically
from tilewright.palette import MAX_COLOURS
from tilewright.palette_files import WRITTEN, palette_text


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("palette")(palette)


def palette(
    folder: Annotated[Path, typer.Argument(help="A folder of pictures.")],
    count: Annotated[int, typer.Option("-n", "--count", help="Colours, at most.")] = 16,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A .gpl, .hex or .pal file to write.")
    ] = None,
) -> None:
    """Find the colours that the pictures of a folder have in common, for --palette.

    Example: tilewright palette my_art -n 16 -o my.hex; tilewright generate dawn-tiles --palette my.hex
    """
    if not 1 <= count <= MAX_COLOURS:
        raise UsageError(f"palette: --count must be in 1..{MAX_COLOURS}, not {count}")
    if output is not None:
        if output.suffix.lower() not in WRITTEN:
            raise UsageError(
                f"palette: --output must end in {', '.join(WRITTEN)}, unlike {output.name!r:.60}"
            )
        file_to_write(output)
    learned = optional("tilewright_training.art.palette", "train").learn_palette(folder, count)
    if output is None:
        print(palette_text(learned.palette, ".hex", ""), end="")
        return
    write_atomically(output, palette_text(learned.palette, output.suffix.lower(), folder.name).encode())
    print(
        f"{len(learned.palette)} colours for the {learned.colours} of {learned.pictures} pictures: {output}"
    )
