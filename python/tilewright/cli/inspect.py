"""`tilewright inspect`."""

from typing import Annotated

import typer

from tilewright.pack import open_pack

_EXAMPLE = """Show what a pack is, and the plan that the core executes as a table.

Example: tilewright inspect dawn-tiles
"""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("inspect", help=_EXAMPLE)(inspect)


def inspect(pack: Annotated[str, typer.Argument(help="A bundled pack's name or an .onnx file.")]) -> None:
    """See _EXAMPLE."""
    print(open_pack(pack))
