"""Measures of painted maps: against maps drawn with artists' autotiles, next to pasting through a noise mask.

All pictures have the colours of the pack's palette. The real maps are others than those of the training.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from tilewright.arrays import Uint8Array
from tilewright.errors import UsageError
from tilewright.files import write_atomically
from tilewright.generator import Pack, load
from tilewright.texture import features

from ..data.batches import Indexer
from ..data.terrain import SEED, draw_maps
from ..terrain.recipe import read_terrain_recipe
from ..terrain.terrain_set import TerrainSet, read_terrain_sets
from .c2st import c2st_error
from .pictures import Pictures
from .protocol import Protocol

CELLS = 8  # along an edge of a map
CROP = 3  # cells along an edge of a picture of the classifier
CROPS = 4  # of a map, which do not touch
WOBBLE = 4.0  # pixels by which the noise of pasted borders moves them
ROWS = ("painted", "pasted", "floor")

Report = Callable[[str], None]


@dataclass(frozen=True)
class TerrainFigures:
    """c2st: error in percent, of the classifier between real maps and those of the row. seams: colour steps across
    the borders of cells, divided by those within cells. blocks: the same for the borders between painted blocks.
    orphans: share of pixels that differ from all four neighbours, in percent. The real maps have seams and so on of
    their own: the row floor.
    """

    c2st: float
    seams: float
    blocks: float
    orphans: float


def measure_terrain(
    pack: Pack, folder: Path, recipe: Path, protocol: Protocol, report: Report = lambda text: None
) -> dict[str, TerrainFigures]:
    """Return the figures of ROWS, the means over protocol.seeds. Uses about protocol.pairs crops of 3 x 3 cells.

    Raises UsageError for a pack that cannot paint, or whose kinds are not the terrains of the recipe.
    """
    read = read_terrain_recipe(recipe)
    sets = [one for one in read_terrain_sets(folder, read) if one.name not in read.held_out]
    missing = sorted({terrain.name for one in sets for terrain in one.terrains} - set(pack.kinds))
    if not pack.has_kind_map or pack.cell != read.tile or missing:
        what = (
            f"it lacks {', '.join(missing)}"
            if missing
            else f"its cells have {pack.cell} pixels, not {read.tile}"
        )
        raise UsageError(f"evaluate: {pack.name} cannot paint the terrain of {recipe.name}: {what}")
    torch.use_deterministic_algorithms(True)
    found = [_measure(pack, sets, protocol, seed, report) for seed in protocol.seeds]
    return {
        row: TerrainFigures(
            *(float(np.mean([vars(one[row])[name] for one in found])) for name in vars(found[0][row]))
        )
        for row in ROWS
    }


def _measure(
    pack: Pack, sets: Sequence[TerrainSet], protocol: Protocol, seed: int, report: Report
) -> dict[str, TerrainFigures]:
    count = -(-protocol.pairs // CROPS)
    palette = pack.file.head.palette
    assert palette is not None
    index = Indexer(palette)

    def real(part: int) -> tuple[Uint8Array, Uint8Array]:
        pictures, kinds = draw_maps(sets, pack.kinds, count, (CELLS, CELLS), SEED + 1 + 3 * seed + part)
        return index(pictures).astype(np.uint8), kinds

    report(f"seed {seed}: drawing")
    (first, kinds), (second, other_kinds), (_, asked) = real(0), real(1), real(2)
    report(f"seed {seed}: painting {count} maps")
    painted = np.concatenate([pack.paint(one, seed=seed * count + i).indices for i, one in enumerate(asked)])
    rng = np.random.default_rng(seed)
    fills = _fills(sets, pack.kinds, index)
    pasted = np.stack([paste(one, fills, pack.cell, rng) for one in asked])
    figures = {}
    for row, cells, of in (
        ("painted", painted, asked),
        ("pasted", pasted, asked),
        ("floor", second, other_kinds),
    ):
        report(f"seed {seed}: {row}")
        sides = [_crops(palette[c], k, pack.kinds, pack.cell) for c, k in ((first, kinds), (cells, of))]
        error, _ = c2st_error(sides[0], sides[1], protocol, seed)
        rgb = palette[cells][..., :3].astype(np.int64)
        block = (pack.shape[0] - pack.cell, pack.cell // 2)
        orphans = 100.0 * float(features(cells)[..., 2].mean())
        figures[row] = TerrainFigures(error, steps(rgb, pack.cell, 0), steps(rgb, *block), orphans)
    return figures


def paste(kinds: Uint8Array, fills: dict[int, Uint8Array], cell: int, rng: np.random.Generator) -> Uint8Array:
    """Return a map of kinds (H, W) drawn with one repeated tile for each, whose borders follow smooth noise."""
    height, width = (edge * cell for edge in kinds.shape)
    noise = rng.normal(size=(2, height // 4 + 2, width // 4 + 2))
    moved = WOBBLE * noise.repeat(4, axis=1).repeat(4, axis=2)[:, :height, :width]
    rows = np.clip(np.arange(height)[:, None] + moved[0], 0, height - 1).astype(np.int64) // cell
    columns = np.clip(np.arange(width) + moved[1], 0, width - 1).astype(np.int64) // cell
    of_pixel = kinds[rows, columns]
    picture = np.zeros((height, width), np.uint8)
    for kind, tile in fills.items():
        whole = np.tile(tile, kinds.shape)
        picture = np.where(of_pixel == kind, whole, picture)
    return picture


def steps(rgb: np.ndarray, period: int, first: int) -> float:
    """Return the mean colour step of pictures int64 (N, H, W, 3) across lines every `period` pixels from `first`,
    divided by that elsewhere; NaN for flat pictures.
    """
    across, inside = [], []
    for axis in (1, 2):
        step = np.abs(np.diff(rgb, axis=axis)).mean(axis=(0, 3 - axis, 3))
        line = (np.arange(1, len(step) + 1) - first) % period == 0
        across.append(step[line].mean())
        inside.append(step[~line].mean())
    elsewhere = float(sum(inside))
    return float(sum(across)) / elsewhere if elsewhere > 0 else float("nan")


def _fills(sets: Sequence[TerrainSet], kinds: Sequence[str], index: Indexer) -> dict[int, Uint8Array]:
    return {
        kinds.index(terrain.name): index(terrain.fills[0]).astype(np.uint8)
        for one in sets
        for terrain in one.terrains
    }


def _crops(pictures: Uint8Array, kinds: Uint8Array, names: tuple[str, ...], cell: int) -> Pictures:
    """Cut CROPS parts of each map. Parts of one map are relatives, and count as one kind."""
    edge, far = CROP * cell, (CELLS - CROP) * cell
    places = [(y, x) for y in (0, far) for x in (0, far)]
    images = np.concatenate([pictures[:, y : y + edge, x : x + edge] for y, x in places])
    groups = np.tile(np.arange(len(pictures)), len(places))
    return Pictures(images, np.zeros(len(images), np.int64), ("terrain",), groups)


def run(
    name_or_path: str,
    folder: Path,
    recipe: Path,
    protocol: Protocol,
    *,
    output: Path | None,
    threads: int,
    facts: dict[str, Any],
) -> None:
    """Measure and print. facts: machine and command, for the JSON at `output`."""
    console = Console(stderr=True)
    torch.set_num_threads(threads)
    pack = load(name_or_path)
    found = measure_terrain(pack, folder, recipe, protocol, lambda text: console.print(text, markup=False))
    table = Table(box=None, header_style="", pad_edge=False)
    for column in ("", "C2ST error (%)", "seams", "block seams", "orphan pixels (%)"):
        table.add_column(column, justify="right" if column else "left")
    for row, figures in found.items():
        table.add_row(row, *(f"{value:.2f}" for value in vars(figures).values()))
    Console(highlight=False).print(table)
    record: dict[str, Any] = {"name": pack.name, "rows": {row: vars(value) for row, value in found.items()}}
    record |= {"protocol": protocol.to_json(), "threads": threads, **facts}
    if output is not None:
        write_atomically(output, (json.dumps(record, indent=1) + "\n").encode())
