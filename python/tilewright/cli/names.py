"""`tilewright names`."""

from pathlib import Path
from typing import Annotated

import typer

from tilewright import generator
from tilewright.batches import TokenBatch
from tilewright.checks import check_range
from tilewright.cli.options import Seed, file_to_write
from tilewright.errors import UsageError
from tilewright.files import write_atomically
from tilewright.heads import Tokens

MOST = 100_000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("names")(names)


def names(
    kind: Annotated[
        str | None, typer.Option(help="One of the pack's kinds: town, hero ...; default: all.")
    ] = None,
    count: Annotated[int, typer.Option("-n", "--count", help=f"How many, at most {MOST:,}.")] = 12,
    seed: Seed = 0,
    start: Annotated[int, typer.Option(help="Index of the first name.")] = 0,
    pack: Annotated[str, typer.Option(help="Another pack of texts: the path of an .onnx file.")] = "names",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A text file; default: names are printed.")
    ] = None,
) -> None:
    """Generate names for a game, one a line. None of them is in the lists that the pack was trained on.

    Example: tilewright names --kind town -n 12 --seed 7
    """
    check_range(count, "--count", 0, MOST, "names")
    loaded = generator.load(pack)
    if not isinstance(loaded.file.head, Tokens):
        raise UsageError(f"names: {loaded.name} generates {loaded.file.head.content}, not names")
    output = None if output is None else file_to_write(output)
    if kind is not None and kind not in loaded.kinds:
        raise UsageError(f"names: unknown kind {kind!r:.60}; {loaded.name} has {', '.join(loaded.kinds)}")
    batch = loaded.generate(count, kind=kind, seed=seed, start=start)
    assert isinstance(batch, TokenBatch)
    lines = "".join(f"{text}\n" for text in batch.texts)
    if output is None:
        print(lines, end="")
    else:
        write_atomically(output, lines.encode())
        print(f"{count} names of {loaded.name}, seed {seed}: {output}")
