"""Options that several verbs share, and the doors to the optional parts."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from tilewright.errors import MachineError, UsageError
from tilewright.hardware import hardware_names

Seed = Annotated[int, typer.Option("--seed", help="0 .. 2**64-1; a seed is a world.")]
# How art is read: the same for every verb that reads it.
Kinds = Annotated[Path | None, typer.Option(help="TOML file that says what is what.")]


def _margin(text: str) -> int | tuple[int, int]:
    numbers = text.split(",")
    if not 1 <= len(numbers) <= 2 or not all(number.strip().isdecimal() for number in numbers):
        raise typer.BadParameter(f"{text!r:.60} is neither a number of pixels nor two, as in 2,7")
    left, top = int(numbers[0]), int(numbers[-1])
    return left if len(numbers) == 1 else (left, top)


Margin = Annotated[
    Any,
    typer.Option(
        parser=_margin, metavar="PIXELS", help="Before the first tile of a sheet: 8, or 2,7 (left, top)."
    ),
]
Spacing = Annotated[int | None, typer.Option(help="Pixels between the tiles of a sheet.")]
Transparent = Annotated[
    bool | None, typer.Option("--transparent/--opaque", help="Sprites or tiles; found out if not given.")
]
Shadows = Annotated[
    str | None,
    typer.Option(
        help="keep: half-transparent shadows become a dark colour; drop: they are cleared, as if not given."
    ),
]
Hardware = Annotated[
    str | None, typer.Option(help=f"As an old machine could show it: {', '.join(hardware_names())}.")
]
Output = Annotated[Path, typer.Option("--output", "-o", help="Where to write.")]


def optional(module: str, extra: str | None = None) -> ModuleType:
    """Import a part that needs packages of its own; MachineError naming the extra, or the package, to install."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        wanted = error.name if extra is None else f"'tilewright[{extra}]'"
        raise MachineError(f"this needs the package {error.name}: pip install {wanted}") from error


def known(module: str, table: str) -> str:
    """The names in a table of an optional part, for a help text: "gan, vae or ar"; "see the docs" without that part."""
    try:
        *names, last = getattr(importlib.import_module(module), table)
    except ImportError:
        return "see the docs"
    return f"{', '.join(names)} or {last}"


def file_to_write(output: Path) -> Path:
    """`output`; UsageError if it is a folder."""
    if output.is_dir():
        raise UsageError(f"{output} is a folder: name a file in it")
    return output
