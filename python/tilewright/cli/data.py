"""`tilewright data`: examine art before training, and build memory-mapped sets."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from tilewright.cli.options import Kinds, Margin, Shadows, Spacing, file_to_write, optional
from tilewright.errors import UsageError
from tilewright.files import write_atomically


def register(app: typer.Typer) -> None:
    """Add the command with its subcommands."""
    data = typer.Typer(
        help="Examine art before training (inspect), or build a set (build).", no_args_is_help=True
    )
    data.command("inspect")(inspect)
    data.command("build")(build)
    app.add_typer(data, name="data")


def inspect(
    folder: Annotated[Path, typer.Argument(help="A folder of PNGs, or a set written by `data build`.")],
    size: Annotated[int | None, typer.Option(help="Tile size in pixels; default: detected.")] = None,
    html: Annotated[Path | None, typer.Option(help="Output file for a page with pictures.")] = None,
    recipe: Annotated[Path | None, typer.Option(help="Output file for the recipe, for --kinds.")] = None,
    kinds: Annotated[
        Path | None, typer.Option(help="Use this recipe instead of the recommended one.")
    ] = None,
) -> None:
    """Report what a folder of art contains and how to train on it.

    Detects tile size, grids, colours, duplicates, transparency, kinds and licences. --html writes a page with
    pictures.

    Example: tilewright data inspect my_art --html my_art.html
    """
    findings = optional("tilewright_training.doctor.findings", "train")
    terminal = optional("tilewright_training.doctor.terminal", "train")
    page = optional("tilewright_training.doctor.page", "train")
    if kinds is not None and recipe is not None:
        raise UsageError("data inspect: give --kinds to read by a recipe or --recipe to write one, not both")
    for output in (html, recipe):
        if output is not None:
            file_to_write(output)
    with _busy(f"looking at {folder}"):
        found = findings.inspect_art(folder, size, kinds=kinds, recipe=recipe)
    terminal.show(found, Console())
    if html is not None:
        _write(html, page.page(found))
    if recipe is not None:
        if found.advice is None:
            raise UsageError(
                f"data inspect: {folder} is a set that was built: --recipe has nothing to say of it"
            )
        _write(recipe, found.advice.recipe)


def build(
    folders: Annotated[list[Path], typer.Argument(help="Folders of PNGs, single tiles or sheets.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder of the set, which must not exist.")
    ],
    size: Annotated[str, typer.Option(help="Size in pixels, a number or WIDTHxHEIGHT.")] = "16",
    kinds: Kinds = None,
    margin: Margin = None,
    spacing: Spacing = None,
    transparent: Annotated[
        bool | None,
        typer.Option("--transparent/--opaque", help="Sprites or tiles; default: as they are."),
    ] = None,
    shadows: Shadows = None,
) -> None:
    """Write a set that training maps into memory, for millions of tiles.

    Example: tilewright data build my_art --size 16 -o my_set; tilewright train my_set
    """
    builder = optional("tilewright_training.doctor.build", "train")
    with _busy(f"building {output}"):
        report = builder.build_set(
            folders,
            optional("tilewright_training.size", "train").parse_size(size, "data build"),
            output,
            kinds=kinds,
            margin=margin,
            spacing=spacing,
            transparent=transparent,
            shadows=shadows,
        )
    print(report)
    print(f"{report.tiles} tiles: {output}")


def _busy(text: str) -> AbstractContextManager[object]:
    """Return a spinner for terminals, and nothing otherwise."""
    console = Console(stderr=True)
    return console.status(escape(text)) if console.is_terminal else nullcontext()


def _write(path: Path, text: str) -> None:
    write_atomically(path, text.encode("utf-8", "replace"))  # a name may contain surrogates
    print(f"written: {path}")
