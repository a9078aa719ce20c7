"""Results as a table, and as JSON."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table

from tilewright.files import write_atomically

from .machine import describe
from .measure import Spread
from .result import Result, Row

PRECISIONS = ("int8", "int8, bf16", "fp32")
ONNX_RUNTIME = "ONNX Runtime fp32"


def table(result: Result) -> Table:
    """Return a table of medians and quartiles."""
    title = f"{result.pack}: tiles a second, {result.batch} to a call"
    drawn = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for heading in ("runner", "graph"):
        drawn.add_column(heading, no_wrap=True)
    ratio_heading = f"{result.core} / this"
    for heading in ("median", "quartiles", "least .. most", ratio_heading, "of int8 peak", "same pixels"):
        drawn.add_column(heading, justify="right", no_wrap=True)
    for row in result.best_rows():
        speed, ratio = row.speed, row.core_over_this
        drawn.add_row(
            row.name,
            row.variant,
            f"{speed.median:,.0f}",
            f"{speed.lower:,.0f} .. {speed.upper:,.0f}",
            f"{speed.least:,.0f} .. {speed.most:,.0f}",
            f"{ratio.median:.2f}" if ratio else "",
            f"{row.share_of_peak.median:.1%}" if row.share_of_peak else "",
            _agreement(row),
        )
    return drawn


def verdicts(result: Result) -> dict[str, Spread]:
    """Return the ratios of the core to the best baseline: per precision, and including graphs of other
    numbers.
    """
    wanted = {f"best {precision} baseline": (precision, True) for precision in PRECISIONS}
    wanted["best int8 baseline, graphs of other numbers allowed"] = ("int8", False)
    found = {}
    for name, (precision, same_numbers) in wanted.items():
        row = result.best_baseline(precision, same_numbers)
        if row is not None and row.core_over_this is not None:
            found[f"{name} ({row.name}, {row.variant})"] = row.core_over_this
    for row in result.best_rows():
        if row.name == ONNX_RUNTIME and row.agreement is not None and row.core_over_this is not None:
            found[f"{row.name} ({row.variant})"] = row.core_over_this
    return found


def lines(result: Result) -> list[str]:
    """Return the lines below the table."""
    said = [
        f"{result.core} / {name}: {ratio.median:.2f} ({ratio.lower:.2f} .. {ratio.upper:.2f})"
        for name, ratio in verdicts(result).items()
    ]
    if (row := result.float_row) is not None:
        off = f"; mean difference {row.difference:.2f} of 255" if row.difference is not None else ""
        said.append(f"float32 network: {row.agreement:.2%} of pixels are the core's{off}")
    return said + result.notes


def save(results: Sequence[Result], options: Mapping[str, object], path: Path) -> None:
    """Write all results with raw samples and `machine.describe`. Raises MachineError if the file cannot be
    written.
    """
    packs = [
        asdict(result) | {"verdicts": {name: asdict(ratio) for name, ratio in verdicts(result).items()}}
        for result in results
    ]
    content = {
        **describe(),
        "command": ["tilewright", *sys.argv[1:]],
        "options": dict(options),
        "packs": packs,
    }
    write_atomically(path, (json.dumps(content, indent=1) + "\n").encode())


def _agreement(row: Row) -> str:
    if row.agreement is None:
        return "other numbers"
    return f"{row.agreement:.3%}"
