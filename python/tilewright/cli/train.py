"""`tilewright train`."""

from pathlib import Path
from typing import Annotated

import typer

from tilewright.cli.options import Kinds, Margin, Seed, Shadows, Spacing, Transparent, known, optional
from tilewright.errors import UsageError
from tilewright.names import free_name, plain_name

_MODEL = f"{known('tilewright_training.models', 'MODELS')}; default: depends on the art (docs/models.md)."
_PRESET = f"{known('tilewright_training.config', 'PRESETS')}; default: that of the model."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train")(train)


def train(
    context: typer.Context,
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folders of PNGs, single tiles or sheets.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The run folder; default: runs/ and the name of the art."),
    ] = None,
    model: Annotated[str | None, typer.Option(help=_MODEL)] = None,
    preset: Annotated[str | None, typer.Option(help=_PRESET)] = None,
    size: Annotated[
        str | None,
        typer.Option(
            help="Size in pixels, a number or WIDTHxHEIGHT such as 24x32, 8 to 64; default: detected."
        ),
    ] = None,
    minutes: Annotated[float | None, typer.Option(help="Duration of the training; default: 10.")] = None,
    steps: Annotated[
        int | None, typer.Option(help="Duration of the training in steps; also with --resume.")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--from", help="A base to start from: a file, a run folder or a name (docs/training.md)."
        ),
    ] = None,
    kinds: Kinds = None,
    terrain: Annotated[
        Path | None,
        typer.Option(help="Recipe of autotiles: train on random maps drawn with them (docs/training.md)."),
    ] = None,
    sheets: Annotated[
        Path | None,
        typer.Option(
            help="Recipe of animation sheets: train on the frames of characters (docs/training.md)."
        ),
    ] = None,
    halve: Annotated[
        bool,
        typer.Option("--halve", help="Train on the art at half its size, for a pack with an upsampler."),
    ] = False,
    upsampler: Annotated[
        bool,
        typer.Option(
            "--upsampler", help="Train an upsampler, which draws the art from its halves (docs/training.md)."
        ),
    ] = False,
    margin: Margin = None,
    spacing: Spacing = None,
    transparent: Transparent = None,
    shadows: Shadows = None,
    wrap: Annotated[
        bool | None, typer.Option("--wrap/--no-wrap", help="Tiles that repeat without a seam.")
    ] = None,
    words: Annotated[
        bool | None,
        typer.Option(
            "--words/--no-words", help="Words for generate; default: if file names say more than kinds."
        ),
    ] = None,
    flip: Annotated[bool | None, typer.Option("--flip/--no-flip", help="Also train on mirrored art.")] = None,
    colours: Annotated[
        int | None, typer.Option("--colours", "--colors", help="Maximum number of colours, 2 .. 256.")
    ] = None,
    batch: Annotated[int | None, typer.Option(help="Pictures per step.")] = None,
    sample_every: Annotated[int | None, typer.Option(help="Steps between sample grids.")] = None,
    checkpoint_every: Annotated[int | None, typer.Option(help="Steps between checkpoints.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads; default: one per core.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda; auto uses a GPU if there is one.")] = "auto",
    held_out: Annotated[
        float | None,
        typer.Option(help="Share of the art to hold out for monitoring and evaluation; default: 0.1."),
    ] = None,
    seed: Seed = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Resume the run at --output.")] = False,
) -> None:
    """Train a generator on folders of pixel art.

    Kinds come from folder names, or from a TOML file (--kinds). Without --model and --preset the family of networks
    follows from the art. The run folder holds config.json, losses.jsonl, tensorboard/, samples/ and checkpoints/.

    Example: tilewright train my_art --size 16 --minutes 10 -o runs/mine
    """
    trainer = optional("tilewright_training.run.train", "train")
    if resume:
        _refuse_beside_resume(context)
        if output is None:
            raise UsageError("train: --resume needs the run folder: name it with -o")
        trainer.resume(output, folders or (), device=device, steps=steps)
        return
    if steps is not None and minutes is not None:
        raise UsageError("train: give --steps or --minutes, not both")
    if not folders:
        raise UsageError("train: name at least one folder of pictures, or --resume a run")
    for option in ("terrain", "sheets"):
        if context.params[option] is not None:
            _check_recipe(context, option, folders)
    if output is None:
        output = free_name(Path("runs") / plain_name(folders[0]))
    overrides = {
        "model": model,
        "minutes": minutes,
        "steps": steps,
        "wrap": wrap,
        "words": words,
        "flip": flip,
        "max_colours": colours,
        "batch": batch,
        "sample_every": sample_every,
        "checkpoint_every": checkpoint_every,
        "threads": threads,
        "held_out": held_out,
        "seed": seed,
    }
    reading = {
        "kinds": str(kinds.resolve()) if kinds else None,
        "terrain": str(terrain.resolve()) if terrain else None,
        "sheets": str(sheets.resolve()) if sheets else None,
        "halve": halve or None,
        "upsampler": upsampler or None,
        "margin": margin,
        "spacing": spacing,
        "transparent": transparent,
        "shadows": shadows,
    }
    given = {name: value for name, value in overrides.items() if value is not None}
    edges = None if size is None else optional("tilewright_training.size", "train").parse_size(size, "train")
    trainer.start(output, folders, edges, preset, reading=reading, overrides=given, device=device, base=base)


def _check_recipe(context: typer.Context, option: str, folders: list[Path]) -> None:
    """Reject options that the recipe of --terrain or --sheets decides."""
    decided = ["kinds", "halve", "upsampler", "margin", "spacing", "transparent", "shadows"]
    for name in decided + (["terrain", "size", "flip"] if option == "sheets" else []):
        if _is_given(context, name):
            raise UsageError(f"train: the recipe of --{option} says how to read the art: leave out --{name}")
    if len(folders) > 1:
        raise UsageError(
            f"train: --{option} takes one folder, that of the recipe's sheets, not {len(folders)}"
        )


def _refuse_beside_resume(context: typer.Context) -> None:
    """Reject options that a resumed run cannot change: all but its length and the location of the art."""
    for name in context.params:
        if _is_given(context, name) and name not in ("resume", "output", "folders", "device", "steps"):
            option = "from" if name == "base" else name.replace("_", "-")
            raise UsageError(f"train: --{option} cannot be changed by --resume: leave it out")


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
