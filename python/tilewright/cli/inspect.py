"""`tilewright inspect`."""

from typing import Annotated

import typer

from tilewright.pack import open_pack


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("inspect")(inspect)


def inspect(pack: Annotated[str, typer.Argument(help="A bundled pack's name or an .onnx file.")]) -> None:
    """Show what a pack is, and the plan that the core executes as a table.

    Example: tilewright inspect dawn-tiles
    """
    print(open_pack(pack))
