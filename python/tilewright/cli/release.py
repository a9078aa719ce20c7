"""`tilewright release`."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from tilewright.cli.options import Kinds, Seed, Shadows, Transparent, optional
from tilewright.errors import UsageError
from tilewright.names import plain_name


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("release")(release)


def release(
    folders: Annotated[list[Path], typer.Argument(help="Folders of PNGs, single tiles or sheets.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A folder; default: releases/ and the name of the art."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The pack's name; default: that of the folder.")] = None,
    model: Annotated[str | None, typer.Option(help="The family of networks, as in train.")] = None,
    preset: Annotated[str | None, typer.Option(help="The preset, as in train.")] = None,
    size: Annotated[
        str | None, typer.Option(help="Size in pixels, a number or WIDTHxHEIGHT; default: detected.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(help="Duration of the twin's training; default: 10.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Duration of each training in steps.")] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--from", help="A base that both trainings start from, as in train; not of the same art."
        ),
    ] = None,
    kinds: Kinds = None,
    transparent: Transparent = None,
    shadows: Shadows = None,
    words: Annotated[bool | None, typer.Option("--words/--no-words", help="Words, as in train.")] = None,
    colours: Annotated[
        int | None, typer.Option("--colours", "--colors", help="Maximum number of colours, 2 .. 256.")
    ] = None,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 1,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda, for training.")] = "auto",
    seed: Seed = 0,
    quick: Annotated[bool, typer.Option("--quick", help="Measure with small classifiers.")] = False,
) -> None:
    """Train a pack on nearly all of the art, and measure its twin.

    A twin is trained on one half of the art and measured on the other. The pack is trained in the same way, with as
    many steps, on all but a tenth. The folder then holds the pack, its card with the figures of the twin, and both
    runs. Repeat the command to continue after an interruption.

    Example: tilewright release my_art --minutes 60 -o releases/mine
    """
    if steps is not None and minutes is not None:
        raise UsageError("release: give --steps or --minutes, not both")
    releaser = optional("tilewright_training.release.release", "train")
    protocol = optional("tilewright_training.measures.protocol", "train")
    output = output or Path("releases") / plain_name(folders[0])
    given = {
        **{"model": model, "minutes": minutes, "steps": steps, "words": words, "max_colours": colours},
        **{"seed": seed, "threads": threads},
    }
    reading = {
        "kinds": str(kinds.resolve()) if kinds else None,
        "transparent": transparent,
        "shadows": shadows,
    }
    edges = (
        None if size is None else optional("tilewright_training.size", "train").parse_size(size, "release")
    )
    again = shlex.join(["tilewright", *sys.argv[1:]])
    pack = releaser.release(
        output,
        folders,
        name or plain_name(output),
        edges,
        preset,
        reading=reading,
        overrides={key: value for key, value in given.items() if value is not None},
        protocol=protocol.Protocol(**(protocol.QUICK if quick else {})),
        facts={**optional("tilewright_benchmarks.machine", "train").describe(), "command": again},
        again=again,
        device=device,
        threads=threads,
        base=base,
    )
    print(f"written: {pack} and {output / 'card.md'}; next: tilewright generate {shlex.quote(str(pack))}")
