"""Measures of animation sheets: those that a pack completes and generates, next to the artists' own.

Sheets are completed from the first frames of characters that training held out. All have the colours of the pack's
palette.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from tilewright.arrays import Int64Array, Uint8Array
from tilewright.batches import FrameBatch
from tilewright.errors import UsageError
from tilewright.files import write_atomically
from tilewright.generator import Pack, load
from tilewright.heads import Frames
from tilewright.motion import faults, motion

from ..art.sheet_recipe import SheetRecipe, read_sheet_recipe
from ..data.dataset import Dataset
from ..data.pixels import nearest_pixels
from ..data.sheets import kinds_of, read_sheets
from ..data.split import split
from .c2st import c2st_error
from .moving_grid import COLUMNS, save_moving_grid
from .pictures import Pictures, halves
from .protocol import Protocol

LEAST_PAIRS = 2  # for each fold of a classifier
ROWS = ("completed", "generated", "artists")
TITLES = {
    "c2st": "C2ST error (%)",
    "near_copies": "near copies (%)",
    "new_colours": "new colours",
    "changed": "changed (%)",
    "height": "height (px)",
    "feet": "feet (px)",
    "torso": "torso (px)",
    "overlap": "overlap (%)",
    "still": "equal frames (%)",
    "facing": "facing (%)",
    "faults": "beyond bounds (%)",
}

Report = Callable[[str], None]


@dataclass(frozen=True)
class AnimationFigures:
    """Means over sheets, docs/measures.md.

    c2st: error in percent, of the classifier between held-out sheets and those of the row; NaN with too few sheets.
    near_copies: of a training sheet, in percent. new_colours: that the first frame of a sheet lacks. changed: pixels
    that differ between neighbouring frames, in percent of the opaque ones. height, feet, torso, overlap: of `motion`,
    in pixels and percent. still: neighbouring frames that are equal, in percent. facing: sheets whose mirrored
    directions are more like mirror images than like copies of each other, in percent; NaN without such directions.
    faults: sheets that exceed a bound of `motion`.
    """

    new_colours: float
    changed: float
    height: float
    feet: float
    torso: float
    overlap: float
    still: float
    facing: float
    faults: float
    c2st: float = math.nan
    near_copies: float = math.nan


@dataclass(frozen=True)
class SheetArt:
    """Sheets of a recipe: those on which a pack was trained, those held out, and the pack's palette uint8 (K, 4)."""

    recipe: SheetRecipe
    training: Dataset
    held_out: Dataset
    palette: Uint8Array


def read_sheet_art(pack: Pack, folder: Path, recipe: Path) -> SheetArt:
    """Read the sheets of a folder. Raises UsageError for a pack whose frames are not those of the recipe."""
    read, head = read_sheet_recipe(recipe), pack.file.head
    if pack.kinds != kinds_of(read) or not isinstance(head, Frames) or head.frame != read.frame:
        raise UsageError(f"evaluate: {pack.name} does not generate the frames of {recipe.name}")
    assert head.palette is not None
    training, held_out = split(read_sheets(folder, recipe), pack.file.training.get("held_out") or 0.1)
    return SheetArt(read, training, held_out, head.palette)


def measure_animation(
    pack: Pack, art: SheetArt, protocol: Protocol, report: Report = lambda text: None
) -> dict[str, AnimationFigures]:
    """Return the figures of ROWS, for at most protocol.pairs sheets of each; seed 0 .. of protocol.seeds."""
    held_out, palette = art.held_out, art.palette
    torch.use_deterministic_algorithms(True)
    known, _ = pack.to_indices(art.training.images[:])
    indices, _ = pack.to_indices(held_out.images[: protocol.pairs])
    real = _sheets(palette[indices], held_out.groups[: len(indices)])
    height, width = art.recipe.frame
    sheets: dict[str, list[Uint8Array]] = {row: [] for row in ROWS}
    errors: dict[str, list[float]] = {row: [] for row in ROWS}
    sheets["artists"].append(indices)
    for seed in protocol.seeds:
        report(f"seed {seed}: {len(indices)} sheets")
        for row, batch in (
            ("completed", pack.animate(indices[:, :height, :width], seed=seed)),
            ("generated", pack.generate(len(indices), seed=seed)),
        ):
            assert isinstance(batch, FrameBatch) and batch.indices is not None
            sheets[row].append(batch.indices)
        report(f"seed {seed}: telling apart")
        own = np.arange(len(indices))
        sides = {
            "completed": (real, _sheets(palette[sheets["completed"][-1]], real.groups)),
            "generated": (real, _sheets(palette[sheets["generated"][-1]], own)),
            "artists": halves(real, np.random.default_rng([seed, 0xE7A1])),
        }
        for row, (first, second) in sides.items():
            if len(first) >= LEAST_PAIRS * protocol.folds:
                error, _ = c2st_error(first, second, protocol, seed, related=row == "completed")
                errors[row].append(error)
    found = {}
    for row in ROWS:
        made = np.concatenate(sheets[row])
        near = nearest_pixels(palette[made], palette[known]) <= protocol.near_copy
        found[row] = replace(
            figures_of(made, palette, art.recipe),
            c2st=float(np.mean(errors[row])) if errors[row] else math.nan,
            near_copies=100 * float(near.mean()),
        )
    return found


def save_sheets_grid(pack: Pack, art: SheetArt, seed: int, path: Path) -> None:
    """Write a GIF of held-out characters, one of each drawing and at most COLUMNS, and of generated ones.

    For each direction, it has a row of the artists' and below it one of those that are completed from the first
    frame. The last rows are generated characters, a row for each direction.
    """
    _, firsts = np.unique(art.held_out.groups, return_index=True)
    real, _ = pack.to_indices(art.held_out.images[np.sort(firsts)[:COLUMNS]])
    height, width = art.recipe.frame
    shape = len(art.recipe.directions), height, art.recipe.frames, width

    def rows(sheets: Uint8Array) -> Uint8Array:
        """Return sheets (N, H, W) as (directions, N, frames, h, w, 4)."""
        return art.palette[sheets.reshape(-1, *shape).transpose(1, 0, 3, 2, 4)]

    completed = pack.animate(real[:, :height, :width], seed=seed)
    generated = pack.generate(len(real), seed=seed)
    assert (
        isinstance(completed, FrameBatch) and completed.indices is not None and generated.indices is not None
    )
    pairs = np.stack([rows(real), rows(completed.indices)], axis=1)
    sprites = np.concatenate(
        [pairs.reshape(-1, *pairs.shape[3:]), rows(generated.indices).reshape(-1, *pairs.shape[3:])]
    )
    save_moving_grid(path, sprites, completed.sprites("held-out")[0].milliseconds, len(real))


def _sheets(images: Uint8Array, groups: Int64Array) -> Pictures:
    """Wrap sheets uint8 (N, H, W, 4), which are of one kind."""
    return Pictures(images, np.zeros(len(images), np.int64), ("sheet",), groups)


def figures_of(sheets: Uint8Array, palette: Uint8Array, recipe: SheetRecipe) -> AnimationFigures:
    """Measure sheets uint8 (N, H, W), entries of the palette uint8 (K, 4)."""
    shape = len(recipe.directions), recipe.frames
    (height, width), count = recipe.frame, len(sheets)
    frames = sheets.reshape(count, shape[0], height, shape[1], width).swapaxes(2, 3)
    solid = (palette[:, 3] > 0)[frames]
    found = motion(solid)
    differ = frames != np.roll(frames, -1, axis=2)
    either = solid | np.roll(solid, -1, axis=2)
    new = [len(np.setdiff1d(sheet, sheet[0, 0])) for sheet in frames]
    return AnimationFigures(
        new_colours=float(np.mean(new)),
        changed=100 * float(differ.sum() / max(either.sum(), 1)),
        height=float(found.height.mean()),
        feet=float(found.feet.mean()),
        torso=float(found.torso.mean()) / 16,
        overlap=float(found.overlap.mean()) / 10,
        still=100 * float((~differ.any(axis=(3, 4))).mean()),
        facing=_facing(frames, recipe),
        faults=100 * float((faults(sheets, np.zeros(count, np.int32), shape, palette) > 0).mean()),
    )


def _facing(frames: Uint8Array, recipe: SheetRecipe) -> float:
    right = []
    for pair in recipe.mirrored:
        first, second = (frames[:, recipe.directions.index(name)] for name in pair)
        alike = (first == second).mean(axis=(1, 2, 3))
        right.append((first == second[..., ::-1]).mean(axis=(1, 2, 3)) > alike)
    return 100 * float(np.mean(right)) if right else float("nan")


def run(
    name_or_path: str,
    folder: Path,
    recipe: Path,
    protocol: Protocol,
    *,
    grid: Path | None,
    output: Path | None,
    threads: int,
    facts: dict[str, Any],
) -> None:
    """Measure and print. grid: file for a GIF. facts: machine and command, for the JSON at `output`."""
    console = Console(stderr=True)
    torch.set_num_threads(threads)
    pack = load(name_or_path)
    art = read_sheet_art(pack, folder, recipe)
    if grid is not None:
        save_sheets_grid(pack, art, protocol.seeds[0], grid)
    found = measure_animation(pack, art, protocol, lambda text: console.print(text, markup=False))
    table = Table(box=None, header_style="", pad_edge=False)
    table.add_column("")
    for row in ROWS:
        table.add_column(row, justify="right")
    for name, title in TITLES.items():
        table.add_row(title, *(f"{getattr(found[row], name):.2f}" for row in ROWS))
    Console(highlight=False).print(table)
    record: dict[str, Any] = {"name": pack.name, "rows": {row: vars(value) for row, value in found.items()}}
    record |= {
        "grid": str(grid) if grid else None,
        "protocol": protocol.to_json(),
        "threads": threads,
        **facts,
    }
    if output is not None:
        write_atomically(output, (json.dumps(record, indent=1) + "\n").encode())
