"""Show the findings in a terminal: tables, and pictures in half-block characters if colours are available."""

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tilewright.errors import escaped

from .findings import Findings
from .pictures import coupled, half_blocks, side_by_side
from .summary import facts, samples
from .survey import Look

MOST_SHEETS = 12
MOST_KINDS = 16
RECIPE_LINES = 24


def show(found: Findings, console: Console) -> None:
    """Print all findings, most important first."""
    table = Table(title=escaped(str(found.folder)), show_header=False, title_justify="left")
    table.add_column(no_wrap=True)
    table.add_column()
    for name, text in facts(found):
        table.add_row(name, Text(escaped(text)))
    console.print(table)
    _sheets(found, console)
    _kinds(found, console)
    if console.is_terminal and found.data is not None:
        _tiles(found, console)
        _pairs(found, console)
    for text in found.warnings:
        console.print(Text(f"! {escaped(text)}"))
    if found.advice is not None and found.data is not None:
        _advice(found, console)


def _sheets(found: Findings, console: Console) -> None:
    """Print the sheets. Sheets of one folder with equal properties share a line."""
    alike: dict[tuple[object, ...], list[Look]] = {}
    for look in found.survey.looks:
        if look.grid is not None:
            key = (look.relative.rpartition("/")[0], look.grid.layout, look.convention)
            alike.setdefault(key, []).append(look)
    if not alike:
        return
    table = Table("sheet", "cells", "margin", "gap", "transparent", "colours")
    for looks in list(alike.values())[:MOST_SHEETS]:
        first = looks[0]
        assert first.grid is not None
        grid = first.grid
        name = Text(
            escaped(first.relative) + (f" and {len(looks) - 1} more" if len(looks) > 1 else ""),
            overflow="fold",
        )
        cells = f"{grid.columns} x {grid.rows} of {grid.tile}" if len(looks) == 1 else f"of {grid.tile}"
        colours = str(max(look.colours for look in looks))
        table.add_row(name, cells, str(grid.margin), str(grid.spacing), first.convention, colours)
    console.print(table)
    rest = sum(len(looks) for looks in list(alike.values())[MOST_SHEETS:])
    if rest:
        console.print(f"and {rest} more sheets")


def _kinds(found: Findings, console: Console) -> None:
    kinds = found.report.kinds if found.report is not None else {}
    if len(kinds) < 2:
        return
    table = Table("kind", "tiles", "")
    most = max(kinds.values())
    for kind, count in sorted(kinds.items(), key=lambda item: -item[1])[:MOST_KINDS]:
        table.add_row(Text(kind), str(count), "█" * max(1, round(30 * count / most)))
    console.print(table)
    if len(kinds) > MOST_KINDS:
        console.print(f"and {len(kinds) - MOST_KINDS} more kinds")


def _tiles(found: Findings, console: Console) -> None:
    assert found.data is not None
    fit = max(1, (console.width + 2) // (found.data.images.shape[2] + 2))
    if console.width < found.data.images.shape[2]:
        return
    for kind, tiles in list(samples(found, fit).items())[:6]:
        console.print(Text(kind))
        console.print(half_blocks(side_by_side(tiles, fit)))


def _pairs(found: Findings, console: Console) -> None:
    assert found.data is not None
    size = found.data.images.shape[2]
    fit = max(1, (console.width + 2) // (2 * size + 4))
    if console.width < 2 * size + 2:
        return
    for how in found.near_duplicates:
        pairs = [pair for pair, name in zip(found.pairs, found.pairs_how, strict=True) if name == how][:fit]
        if pairs:
            shown = [coupled(*(np.asarray(found.data.images[i]) for i in pair)) for pair in pairs]
            console.print(Text(f"near-duplicates, {how}"))
            console.print(half_blocks(side_by_side(shown, fit)))


def _advice(found: Findings, console: Console) -> None:
    assert found.advice is not None
    if found.advice.needs_recipe:
        lines = found.advice.recipe.splitlines()
        console.print(Text("\nthe recipe:", style="bold"))
        console.print(Text(escaped_lines(lines[:RECIPE_LINES])), soft_wrap=True)
        if len(lines) > RECIPE_LINES:
            console.print(f"... {len(lines) - RECIPE_LINES} more lines")
    for step in found.steps:
        console.print(Text(f"\n{escaped(step.what)} ({step.time}):", style="bold"), soft_wrap=True)
        console.print(Text(f"  {escaped(step.command)}"), soft_wrap=True)


def escaped_lines(lines: list[str]) -> str:
    """Return indented lines that are safe to print."""
    return "\n".join(f"  {escaped(line)}" for line in lines)
