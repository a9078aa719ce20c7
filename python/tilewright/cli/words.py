"""`tilewright words`."""

from typing import Annotated

import typer

from tilewright.errors import UsageError
from tilewright.pack import open_pack

SHOWN = 3  # kinds of a word


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("words")(words)


def words(pack: Annotated[str, typer.Argument(help="A bundled pack's name or an .onnx file.")]) -> None:
    """List the words that describe the pictures of a pack, one a line, with their most frequent kinds.

    Example: tilewright words monsters.onnx
    """
    file = open_pack(pack, "words")
    if not file.words:
        raise UsageError(f"words: {file.name} takes no words")
    widest = max(map(len, file.words))
    for word, counts in zip(file.words, file.word_kinds[1:] or [()] * len(file.words), strict=True):
        named = sorted(zip(counts, file.kinds, strict=False), key=lambda pair: -pair[0])[:SHOWN]
        kinds = ", ".join(kind for count, kind in named if count)
        print(f"{word:{widest}}  {kinds}".rstrip())
