"""docs/results.md from the JSON files of several evaluations.

python -m tilewright_training.measures.results a.json b.json -o docs/results.md
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tilewright.errors import TilewrightError, UsageError
from tilewright.files import write_atomically

from .art import SEEN
from .figures import FIGURES, ROWS
from .record import read_record, values_of

INTRODUCTION = """# Results

Made by `python -m tilewright_training.measures.results`; what each figure means is in [measures.md](measures.md).
Figures are means over the seeds, ± their standard deviation. Rows of one table were taken on the same split by the
same protocol. The floor is real art against other real art, both held out; the copy is the training art itself,
handed out as if it were generated: it has a floor's figures wherever memorising is not asked about.
"""


def write_results(files: Sequence[Path], output: Path) -> None:
    """Write `output`, a table for each split and protocol among `files`; DataError for a file that is no evaluation."""
    records = [read_record(file) for file in files]
    tables: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        measured = (record["training_sha256"], record["pictures"], record["protocol"], record["kinds"])
        tables.setdefault(repr(measured), []).append(record)
    parts = [INTRODUCTION, *(_section(group, output.parent) for group in tables.values())]
    write_atomically(output, "\n".join(parts).encode())


def _section(records: list[dict[str, Any]], folder: Path) -> str:
    first = records[0]
    count = first["pictures"]
    shown = [f for f in FIGURES if any(values_of(r, row, f.key).values for r in records for row in ROWS)]
    lines = [
        f"## {', '.join(r['name'] for r in records)}",
        "",
        f"{count['training']} training pictures, {count['held_out']} held out, "
        f"kinds {', '.join(first['kinds'])}. C2ST: {first['pairs']['generated']} pairs, the floor's "
        f"{first['pairs']['floor']}, against training art {first['pairs']['seen']}; features: {first['compared']} "
        f"pictures a side; {len(first['protocol']['seeds'])} seeds.",
        "",
    ]
    lines += _table([["", *(f"{f.title}" for f in shown)], *_rows(records, shown)])
    lines += ["", *(f"- {r['name']}: {note}." for r in records for note in r["notes"])]
    lines += ["", *(line for r in records for line in _provenance(r, folder))]
    return "\n".join(lines)


def _rows(records: list[dict[str, Any]], shown: Sequence[Any]) -> list[list[str]]:
    rows = [[r["name"], *(values_of(r, "generated", f.key).text(f.digits) for f in shown)] for r in records]
    for row in ("floor", "copy"):
        rows.append([f"*{row}*", *(values_of(records[0], row, f.key).text(f.digits) for f in shown)])
    return rows


def _table(rows: list[list[str]]) -> list[str]:
    """Figures down, candidates across: twenty columns would be wider than any page."""
    across = [list(column) for column in zip(*rows, strict=True)]
    across.insert(1, ["---"] + ["---:"] * (len(rows) - 1))
    return [f"| {' | '.join(cells)} |" for cells in across]


def _provenance(record: dict[str, Any], folder: Path) -> list[str]:
    lines = [f"**{record['name']}**: `{record.get('command', '')}`, {SEEN[record['seen']]}."]
    machine, versions = record.get("machine", {}), record.get("versions", {})
    told = [str(machine.get("processor", "")), *(f"{k} {v}" for k, v in versions.items())]
    told += [f"{record['seconds']:.0f} s on {record['threads']} thread(s)"] if "seconds" in record else []
    told += [str(record["date"])] if "date" in record else []
    told += [f"commit {record['source']['commit'][:12]}"] if record.get("source") else []
    lines += ["", ", ".join(t for t in told if t) + ".", ""]
    if record.get("grid"):
        grid = os.path.relpath(record["grid"], folder)
        lines += [f"![{record['name']}: 12x12 of what it makes]({Path(grid).as_posix()})", ""]
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="tilewright_training.measures.results", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="what `tilewright evaluate --json` wrote")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/results.md"))
    given = parser.parse_args(arguments)
    try:
        if given.output.is_dir():
            raise UsageError(f"{given.output} is a folder: name a file in it")
        write_results(given.files, given.output)
    except TilewrightError as error:
        sys.exit(f"results: {error}")


if __name__ == "__main__":
    main()
