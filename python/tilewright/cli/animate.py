"""`tilewright animate`."""

from pathlib import Path
from typing import Annotated

import typer

from tilewright import generator
from tilewright.batches import FrameBatch
from tilewright.checks import check_range
from tilewright.cli import options as given
from tilewright.cli.sheets import given_indices
from tilewright.errors import UsageError
from tilewright.heads import Frames
from tilewright.names import plain_name
from tilewright.tileset.provenance import of_pack

SUFFIXES = (".png", ".gif", ".apng", ".aseprite", ".json", ".tres")  # .json and .tres refer to the .png
MOST = 1000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("animate")(animate)


def animate(
    pack: Annotated[
        str, typer.Option("-p", "--pack", metavar="PACK", help="A bundled pack's name or an .onnx file.")
    ],
    sprite: Annotated[
        Path | None, typer.Argument(help="A picture of the first frame; default: new characters.")
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="A folder, which is made if it is missing.")
    ] = Path(),
    tile: given.Tile = 0,
    new_colours: Annotated[
        bool, typer.Option("--new-colours", help="Frames may have colours that the first one lacks.")
    ] = False,
    words: given.Words = None,
    count: Annotated[int, typer.Option("-n", "--count", help=f"How many, at most {MOST}.")] = 1,
    seed: given.Seed = 0,
    palette: given.Palette = None,
    temperature: given.Temperature = None,
    milliseconds: Annotated[
        int | None, typer.Option(help="Duration of a frame; default: 150, or 400 of two frames.")
    ] = None,
    threads: given.Threads = None,
) -> None:
    """Animate a sprite: a sheet, a GIF, an APNG, and files for Aseprite, Phaser, PixiJS and Godot.

    The sprite is the first frame, such as a character seen from the front, and stays as it is. Without one, characters
    are generated.

    Example: tilewright animate hero.png -p heroes -o sprites

    Example: tilewright animate -p heroes -n 8 --seed 7 --words orc -o crowd
    """
    check_range(count, "--count", 1, MOST, "animate")
    loaded = generator.load(pack)
    head = loaded.file.head
    if not isinstance(head, Frames) or loaded.file.frame_kinds is None:
        raise UsageError(
            f"animate: {loaded.name} does not generate animation sheets; packs of `tilewright train --sheets` do"
        )
    if output.exists() and not output.is_dir():
        raise UsageError(f"animate: {output} is a file: name a folder")
    facts = {}
    if sprite is None:
        name = plain_name(Path(f"{loaded.name}-{seed}"))
        batch = loaded.generate(
            count, words=words, seed=seed, palette=palette, temperature=temperature, threads=threads
        )
        assert isinstance(batch, FrameBatch)
    else:
        name = plain_name(sprite.with_suffix(""))
        facts["first_frame"] = plain_name(sprite)
        first = given_indices(loaded, sprite, tile, "animate", head.frame)
        batch = loaded.animate(
            first[None].repeat(count, axis=0), new_colours=new_colours, words=words, seed=seed,
            palette=palette, temperature=temperature, threads=threads,
        )  # fmt: skip
    output.mkdir(parents=True, exist_ok=True)
    for one in batch.sprites(name, milliseconds=milliseconds, provenance=of_pack(loaded, seed) | facts):
        for suffix in SUFFIXES:
            one.save(output / f"{one.name}{suffix}")
        print(f"{output / one.name}: {', '.join(SUFFIXES)}; {', '.join(one.clips)}")
