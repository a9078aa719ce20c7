"""Options that several commands share, and imports of optional packages."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from tilewright.errors import MachineError, UsageError
from tilewright.hardware import hardware_names

Seed = Annotated[int, typer.Option("--seed", help="0 .. 2**64-1.")]
PackName = Annotated[str, typer.Argument(metavar="PACK", help="A bundled pack's name or an .onnx file.")]
Threads = Annotated[int | None, typer.Option(help="CPU threads; default: one per core.")]
# Options of commands that write a sheet of tiles.
Kind = Annotated[str | None, typer.Option(help="One of the pack's kinds; default: all.")]
Words = Annotated[str | None, typer.Option(help="Words of the pack: 'red dragon'.")]
Count = Annotated[int, typer.Option("-n", "--count", help="How many.")]
Palette = Annotated[str | None, typer.Option(help="Recolour: pico-8, game-boy ... or a file.")]
Columns = Annotated[int, typer.Option(help="Tiles per row.")]
Scale = Annotated[int, typer.Option(help="Integer magnification.")]
Tile = Annotated[int, typer.Option(help="Number of the tile, if the picture is a sheet.")]
Around = Annotated[int, typer.Option("--spacing", help="Pixels around each tile.")]
Picture = Annotated[
    Path | None, typer.Option("--output", "-o", help="PNG to write; default: the pack's name and the seed.")
]
# Options of commands that draw with a caller's tiles.
OwnTiles = Annotated[
    list[str] | None,
    typer.Option(
        "--tile",
        metavar="KIND=PICTURE",
        help="A tile of yours, or a sheet of them, for a kind; give it for each. Only borders are painted.",
    ),
]
NewColours = Annotated[
    bool, typer.Option("--new-colours", help="Borders may have colours that your tiles lack.")
]
# Options for reading art, shared by all commands that read it.
Kinds = Annotated[Path | None, typer.Option(help="A recipe: TOML file that assigns kinds.")]


def _margin(text: str) -> int | tuple[int, int]:
    numbers = text.split(",")
    if not 1 <= len(numbers) <= 2 or not all(number.strip().isdecimal() for number in numbers):
        raise typer.BadParameter(f"{text!r:.60} is neither a number of pixels nor two, as in 2,7")
    left, top = int(numbers[0]), int(numbers[-1])
    return left if len(numbers) == 1 else (left, top)


Margin = Annotated[
    Any,
    typer.Option(
        parser=_margin,
        metavar="PIXELS",
        help="Pixels before the first tile of a sheet: 8, or 2,7 (left, top).",
    ),
]
Spacing = Annotated[int | None, typer.Option(help="Pixels between the tiles of a sheet.")]
Transparent = Annotated[
    bool | None, typer.Option("--transparent/--opaque", help="Sprites or tiles; default: detected.")
]
Shadows = Annotated[
    str | None,
    typer.Option(
        help="keep: half-transparent shadows become a dark colour; drop (default): they become transparent."
    ),
]
Hardware = Annotated[
    str | None, typer.Option(help=f"As an old machine could show it: {', '.join(hardware_names())}.")
]
# Options of a sampler, shared by commands that generate.
Order = Annotated[
    str | None, typer.Option(help="Order in which a masked pack fixes pixels: random, halton or raster.")
]
Refine = Annotated[
    int | None, typer.Option(help="Rounds that resample some pixels of a masked pack afterwards.")
]
Begin = Annotated[
    float | None,
    typer.Option(help="Share of the pixels of a masked pack that start as random colours, 0 .. 1."),
]
Temperature = Annotated[
    float | None,
    typer.Option(help="Randomness, 0 or more; default: the pack's, 1 if it generates in one pass."),
]
Gate = Annotated[
    bool,
    typer.Option(
        "--gate/--no-gate",
        help="Draw again what copies the training art and what the critic rejects; default: yes.",
    ),
]
Output = Annotated[Path, typer.Option("--output", "-o", help="Where to write.")]


def optional(module: str, extra: str | None = None) -> ModuleType:
    """Import an optional module. Raises MachineError, which names the extra or the package to install."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        wanted = error.name if extra is None else f"'tilewright[{extra}]'"
        raise MachineError(f"this needs the package {error.name}: pip install {wanted}") from error


def known(module: str, table: str) -> str:
    """Return the keys of a table in an optional module for a help text: "gan, vae or ar", or "see the docs"."""
    try:
        *names, last = getattr(importlib.import_module(module), table)
    except ImportError:
        return "see the docs"
    return f"{', '.join(names)} or {last}"


def file_to_write(output: Path) -> Path:
    """Return `output`. Raises UsageError if it is a folder."""
    if output.is_dir():
        raise UsageError(f"{output} is a folder: name a file in it")
    return output
