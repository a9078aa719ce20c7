"""`tilewright level`."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from tilewright import generator
from tilewright.cli.options import Seed, file_to_write
from tilewright.errors import UsageError
from tilewright.level import make_level, tile_map
from tilewright.sheet import save_png

_EXAMPLE = """Make a level and draw it with freshly generated tiles; without --output, print it in characters.

Example: tilewright level --width 40 --height 25 --seed 7 -o level.png
"""
VARIANTS = 8


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("level", help=_EXAMPLE)(level)


def level(
    width: Annotated[int, typer.Option(help="Cells, 8 .. 512.")] = 40,
    height: Annotated[int, typer.Option(help="Cells, 8 .. 512.")] = 25,
    style: Annotated[
        str, typer.Option(help="What the level is like: dungeon, caves, garden ...")
    ] = "dungeon",
    seed: Seed = 0,
    pack: Annotated[str, typer.Option(help="A pack of tiles, by name or path.")] = generator.DEFAULT_PACK,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A PNG to write.")] = None,
) -> None:
    """See _EXAMPLE."""
    made = make_level(width, height, seed, style)
    if output is None:
        print(made)
        return
    loaded = generator.load(pack)
    used = [made.kinds[k] for k in np.unique(made.cells)]
    missing = [kind for kind in used if kind not in loaded.kinds]
    if missing:
        raise UsageError(
            f"level: the pack {loaded.name} has no {', '.join(missing)}; use {generator.DEFAULT_PACK}"
        )
    tiles = {kind: loaded.generate(VARIANTS, kind, seed).rgba for kind in used}
    chosen = tile_map(made, dict.fromkeys(made.kinds, VARIANTS), seed)
    cells = [
        [tiles[made.kinds[kind]][variant] for kind, variant in zip(*row, strict=True)]
        for row in zip(made.cells.tolist(), chosen.tolist(), strict=True)
    ]
    picture = np.concatenate([np.concatenate(row, axis=1) for row in cells], axis=0)
    save_png(picture, file_to_write(output))
    print(f"{width}x{height} {style}, seed {seed}, {len(used) * VARIANTS} tiles of {loaded.name}: {output}")
