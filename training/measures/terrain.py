"""Measures of painted maps: against maps drawn with artists' autotiles, next to pasting through a noise mask.

All pictures have the colours of the pack's palette. The real maps are others than those of the training: of the sets
that the recipe trains on, or of sets that it holds out. The pack cannot know the style of the latter, so it paints
borders alone, between given tiles.
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
from tilewright.batches import TileBatch
from tilewright.borders import lay
from tilewright.engine import oklab
from tilewright.errors import UsageError
from tilewright.files import write_atomically
from tilewright.generator import Pack, load
from tilewright.palette import remap
from tilewright.texture import features

from ..data.batches import Indexer
from ..data.terrain import SEED, draw_maps
from ..terrain.autotile import OPAQUE
from ..terrain.recipe import read_terrain_recipe
from ..terrain.terrain_set import TerrainSet, read_terrain_sets
from .c2st import c2st_error
from .pictures import Pictures
from .protocol import Protocol

CELLS = 8  # along an edge of a map
CROP = 3  # cells along an edge of a picture of the classifier
CROPS = 4  # of a map, which do not touch
OKLAB_UNIT = 1 << 14  # of the integers of oklab()
WOBBLE = 4.0  # pixels by which the noise of pasted borders moves them

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


@dataclass(frozen=True)
class ColourFigures:
    """How far the colours of tiles are from the pack's palette, by pixels. exact: the share in the palette, in
    percent. mean, largest: distances in OKLab, whose lightness is 0 .. 1.
    """

    exact: float
    mean: float
    largest: float


def measure_terrain(
    pack: Pack,
    sets: Sequence[TerrainSet],
    protocol: Protocol,
    report: Report = lambda text: None,
    borders: bool = False,
) -> dict[str, TerrainFigures]:
    """Return the figures of the rows `painted`, `pasted` and `floor`, the means over protocol.seeds. borders: with the
    rows `borders` and `plain`, of maps in the tiles of the sets, instead of `painted`. Uses about protocol.pairs crops
    of 3 x 3 cells.

    sets: as `sets_to_measure` returns them.
    """
    torch.use_deterministic_algorithms(True)
    found = [_measure(pack, sets, protocol, seed, report, borders) for seed in protocol.seeds]
    return {
        row: TerrainFigures(
            *(float(np.mean([vars(one[row])[name] for one in found])) for name in vars(found[0][row]))
        )
        for row in found[0]
    }


def sets_to_measure(
    pack: Pack, folder: Path, recipe: Path, held_out: Sequence[str] = ()
) -> tuple[TerrainSet, ...]:
    """Return the sets that a recipe trains on, or, of those that it holds out, the ones in `held_out`.

    Terrains of the latter that the pack lacks are left out. Raises UsageError for a pack that cannot paint, whose kinds
    are not the terrains of the recipe, and for sets that the recipe does not hold out.
    """
    read = read_terrain_recipe(recipe)
    cannot = f"evaluate: {pack.name} cannot paint the terrain of {recipe.name}: "
    if not pack.has_kind_map or pack.cell != read.tile:
        raise UsageError(f"{cannot}its cells have {pack.cell} pixels, not {read.tile}")
    for name in held_out:
        if name not in read.held_out:
            of = ", ".join(read.held_out) or "none"
            raise UsageError(
                f"evaluate: --held-out-set must be a set that {recipe.name} holds out ({of}), not {name}"
            )
    found = read_terrain_sets(folder, read)
    if held_out:
        known = tuple(one.only(pack.kinds) for one in found if one.name in held_out)
        if not any(len(one.terrains) > 1 for one in known):
            raise UsageError(f"{cannot}{', '.join(held_out)}: it has none of its borders")
        return tuple(one for one in known if len(one.terrains) > 1)
    trained = tuple(one for one in found if one.name not in read.held_out)
    if missing := sorted({terrain.name for one in trained for terrain in one.terrains} - set(pack.kinds)):
        raise UsageError(f"{cannot}it lacks {', '.join(missing)}")
    return trained


def colours_of(sets: Sequence[TerrainSet], palette: Uint8Array) -> ColourFigures:
    """Compare the colours of the fills and of the tiles of some sets with a palette uint8 (K, 4)."""
    tiles = [tiles for one in sets for terrain in one.terrains for tiles in (terrain.tiles, terrain.fills)]
    pixels = np.concatenate([one[one[..., 3] >= OPAQUE] for one in tiles])
    difference = oklab(pixels).astype(np.float64) - oklab(remap(pixels, palette))
    distance = np.sqrt((difference**2).sum(axis=1)) / OKLAB_UNIT
    return ColourFigures(100.0 * float((distance == 0).mean()), float(distance.mean()), float(distance.max()))


def _measure(
    pack: Pack, sets: Sequence[TerrainSet], protocol: Protocol, seed: int, report: Report, borders: bool
) -> dict[str, TerrainFigures]:
    count = -(-protocol.pairs // CROPS)
    palette = pack.file.head.palette
    assert palette is not None
    index = Indexer(palette)
    sets = [one.in_palette(palette) for one in sets] if borders else sets

    def real(part: int) -> tuple[Uint8Array, Uint8Array, np.ndarray]:
        pictures, kinds, of = draw_maps(sets, pack.kinds, count, (CELLS, CELLS), SEED + 1 + 3 * seed + part)
        return index(pictures).astype(np.uint8), kinds, of

    report(f"seed {seed}: drawing")
    (first, kinds, _), (second, other_kinds, _), (_, asked, of) = real(0), real(1), real(2)
    drawn: dict[str, tuple[Uint8Array, Uint8Array]] = {}
    seeds = range(seed * count, (seed + 1) * count)
    report(f"seed {seed}: painting {'borders of ' if borders else ''}{count} maps")
    if borders:
        tiles = [_tiles(one) for one in sets]
        numbers = [{pack.kinds.index(name): tile for name, tile in of_set.items()} for of_set in tiles]
        maps = list(zip(asked, of, seeds, strict=True))
        joined = [pack.paint_borders(one, tiles[n], seed=s) for one, n, s in maps]
        plain = [lay(numbers[n], one, s) for one, n, s in maps]
        drawn["borders"] = index(np.stack(joined)).astype(np.uint8), asked
        drawn["plain"] = index(np.stack(plain)).astype(np.uint8), asked
    else:
        painted = [_entries(pack.paint(one, seed=s)) for one, s in zip(asked, seeds, strict=True)]
        drawn["painted"] = np.stack(painted), asked
    rng = np.random.default_rng(seed)
    fills = [_fills(one, pack.kinds, index) for one in sets]
    pasted = [paste(one, fills[n], pack.cell, rng) for one, n in zip(asked, of, strict=True)]
    drawn |= {"pasted": (np.stack(pasted), asked), "floor": (second, other_kinds)}
    figures = {}
    for row, (cells, shown) in drawn.items():
        report(f"seed {seed}: {row}")
        sides = [_crops(palette[c], k, pack.kinds, pack.cell) for c, k in ((first, kinds), (cells, shown))]
        error, _ = c2st_error(sides[0], sides[1], protocol, seed)
        rgb = palette[cells][..., :3].astype(np.int64)
        block = (pack.shape[0] - pack.cell, pack.cell // 2)
        orphans = 100.0 * float(features(cells)[..., 2].mean())
        figures[row] = TerrainFigures(error, steps(rgb, pack.cell, 0), steps(rgb, *block), orphans)
    return figures


def _entries(batch: TileBatch) -> Uint8Array:
    """Return the palette entries of a batch of one picture, uint8 (H, W)."""
    assert batch.indices is not None
    return batch.indices[0]


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


def _fills(one: TerrainSet, kinds: Sequence[str], index: Indexer) -> dict[int, Uint8Array]:
    return {kinds.index(terrain.name): index(terrain.fills[0]).astype(np.uint8) for terrain in one.terrains}


def _tiles(one: TerrainSet) -> dict[str, Uint8Array]:
    """Return the tiles of a set that have no border, as they lie in a map: uint8 (N, T, T, 4) for each terrain."""
    shifts = {terrain.name: one.tile // 2 if terrain.between_cells else 0 for terrain in one.terrains}
    return {
        terrain.name: np.roll(terrain.fills, (shifts[terrain.name],) * 2, axis=(1, 2))
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
    held_out: Sequence[str],
    output: Path | None,
    threads: int,
    facts: dict[str, Any],
) -> None:
    """Measure and print. facts: machine and command, for the JSON at `output`."""
    console = Console(stderr=True)
    torch.set_num_threads(threads)
    pack = load(name_or_path)
    sets = sets_to_measure(pack, folder, recipe, held_out)
    assert pack.file.head.palette is not None
    colours = colours_of(sets, pack.file.head.palette)
    report: Report = lambda text: console.print(text, markup=False)  # noqa: E731
    found = measure_terrain(pack, sets, protocol, report, borders=bool(held_out))
    table = Table(box=None, header_style="", pad_edge=False)
    for column in ("", "C2ST error (%)", "seams", "block seams", "orphan pixels (%)"):
        table.add_column(column, justify="right" if column else "left")
    for row, figures in found.items():
        table.add_row(row, *(f"{value:.2f}" for value in vars(figures).values()))
    out = Console(highlight=False)
    out.print(table)
    terrains = {one.name: [terrain.name for terrain in one.terrains] for one in sets}
    for name, of in terrains.items():
        out.print(f"{name}: {', '.join(of)}", markup=False)
    out.print(
        f"colours: {colours.exact:.1f} % of pixels in the palette; distance in OKLab {colours.mean:.3f}, at most "
        f"{colours.largest:.3f}"
    )
    record: dict[str, Any] = {"name": pack.name, "rows": {row: vars(value) for row, value in found.items()}}
    record |= {"sets": terrains, "held_out": bool(held_out), "colours": vars(colours)}
    record |= {"protocol": protocol.to_json(), "threads": threads, **facts}
    if output is not None:
        write_atomically(output, (json.dumps(record, indent=1) + "\n").encode())
