"""`tilewright inspect`."""

from typing import Annotated

import typer

from tilewright.pack import open_pack


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("inspect")(inspect)


def inspect(pack: Annotated[str, typer.Argument(help="A bundled pack's name or an .onnx file.")]) -> None:
    """Show the metadata of a pack, and its plan as a table.

    Example: tilewright inspect dawn-tiles
    """
    print(open_pack(pack))
