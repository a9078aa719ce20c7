"""`tilewright words`."""

from typing import Annotated

import typer

from tilewright.errors import UsageError
from tilewright.pack import open_pack


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("words")(words)


def words(pack: Annotated[str, typer.Argument(help="A bundled pack's name or an .onnx file.")]) -> None:
    """List the words that describe the pictures of a pack, one a line.

    Example: tilewright words monsters.onnx
    """
    file = open_pack(pack, "words")
    if not file.words:
        raise UsageError(f"words: {file.name} takes no words")
    print("\n".join(file.words))
