"""The `tilewright` command, with one file per subcommand. Exit codes: 0, 1 (failed), 2 (wrong use)."""

import io
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

import tilewright
from tilewright import errors
from tilewright.cli import (
    animate,
    bench,
    data,
    doctor,
    evaluate,
    export,
    generate,
    inpaint,
    inspect,
    interpolate,
    level,
    music,
    names,
    paint,
    palette,
    play,
    release,
    sound,
    tileset,
    train,
    upsample,
    variations,
    words,
)

app = typer.Typer(
    name="tilewright",
    help="8-bit game art from small neural networks, the same bytes for a seed on every machine.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"tilewright {tilewright.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options without a subcommand."""


for command in (
    train,
    evaluate,
    export,
    release,
    generate,
    inpaint,
    variations,
    interpolate,
    upsample,
    animate,
    paint,
    level,
    music,
    names,
    tileset,
    sound,
    play,
    palette,
    inspect,
    words,
    bench,
    data,
    doctor,
):
    command.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code. Expected errors are one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="replace"
            )  # characters outside of the terminal's encoding become ?, as under LC_ALL=C
    try:
        app(args=list(arguments) if arguments is not None else None)
    except errors.TilewrightError as error:
        _leave(error, 2 if isinstance(error, ValueError) else 1)
    except (OSError, MemoryError) as error:
        _leave(error if str(error) else MemoryError("not enough memory: ask for less"), 1)


def _leave(error: Exception, code: int) -> None:
    print(f"tilewright: {errors.command_text(error)}", file=sys.stderr)
    sys.exit(code)
