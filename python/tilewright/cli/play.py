"""`tilewright play`."""

import typer

from tilewright.cli.options import optional


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "play",
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )(play)


def play(context: typer.Context) -> None:
    """Play the demo: a level assembled from generated tiles.

    Options: --seed, --pack, --tileset, --sprites, --palette, --map, --real, --headless, --seconds, --out, --scale,
    --replay; see play --help.

    Example: tilewright play --seed 7

    Example: tilewright play --real my_art

    Example: tilewright play --pack mine.onnx --map wall=cliff,floor=ground
    """
    raise typer.Exit(optional("tilewright_demo").main(context.args))
