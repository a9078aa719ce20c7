"""`tilewright evaluate`: a progress bar on stderr, a table on stdout, and optional JSON and grid files."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tilewright.files import write_atomically
from tilewright.sheet import make_sheet, save_png

from ..data.dataset import read_art
from ..run.samples import GROUND
from .art import SEEN, divide
from .evaluation import STAGES, evaluate
from .figures import FIGURES, ROWS
from .protocol import Protocol
from .record import make_record, values_of
from .subject import Subject, open_subject

GRID = 12  # tiles along each edge


def run(
    pack: str,
    against: Sequence[Path],
    protocol: Protocol,
    *,
    reading: dict[str, Any],
    sampling: dict[str, Any],
    held_out: float | None,
    cache: Path | None,
    grid: Path | None,
    output: Path | None,
    threads: int,
    facts: dict[str, Any],
) -> None:
    """Measure and print. reading: further arguments of `read_art`. sampling: of `Pack.generate`. facts: machine
    and command, for the JSON.
    """
    console = Console(stderr=True)
    torch.set_num_threads(threads)
    subject = open_subject(pack, sampling)
    data, report = read_art(against, subject.size, **reading)
    console.print(str(report), highlight=False, markup=False)
    art = divide(data, subject, held_out, protocol)
    if grid is not None:
        save_grid(subject, protocol.seeds[0], grid)
    started = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=1 + len(STAGES) * len(protocol.seeds))
        evaluation = evaluate(
            subject, art, protocol, cache, lambda text: bar.update(task, advance=1, description=text)
        )
    facts = {**facts, "seconds": round(time.monotonic() - started, 1), "threads": threads}
    facts["grid"] = str(grid) if grid else None
    record = make_record(subject.name, art, evaluation, protocol, facts)
    if output is not None:
        write_atomically(output, (json.dumps(record, indent=1) + "\n").encode())
    show(record)


def show(record: dict[str, Any]) -> None:
    """Print a record as a table with a line for each figure."""
    table = Table(title=None, box=None, header_style="", pad_edge=False)
    table.add_column("")
    for row in ROWS:
        table.add_column(record["name"] if row == "generated" else row, justify="right")
    table.add_column("better", style="dim")
    for figure in FIGURES:
        cells = [values_of(record, row, figure.key).text(figure.digits) for row in ROWS]
        if any(cell != "-" for cell in cells):
            table.add_row(figure.title, *cells, figure.better)
    pictures, pairs = record["pictures"], record["pairs"]
    console = Console(highlight=False)
    console.print(table)
    for line in (
        f"{pictures['training']} training pictures, {pictures['held_out']} held out; {SEEN[record['seen']]}",
        f"C2ST on {pairs['generated']} pairs (floor {pairs['floor']}, copy {pairs['copy']}, "
        f"training art {pairs['seen']}); features of {record['compared']} pictures a side",
        *(f"note: {note}" for note in record["notes"]),
    ):
        console.print(line, markup=False)


def save_grid(subject: Subject, seed: int, path: Path) -> None:
    """Write GRID x GRID pictures, kinds in turn, enlarged three times."""
    labels = np.sort(np.arange(GRID * GRID) % len(subject.kinds))
    sheet = make_sheet(subject.sample(labels, seed), GRID, spacing=1, scale=3, ground=GROUND)
    save_png(sheet, path)
