"""An evaluation as JSON: the figures, and all that is needed to interpret and repeat them."""

from pathlib import Path
from typing import Any

from tilewright.errors import DataError
from tilewright.files import read_json

from .art import Art
from .evaluation import Evaluation
from .figures import FIGURES, ROWS, Value
from .protocol import Protocol

FORMAT = 1
MAX_BYTES = 1 << 24


def make_record(
    name: str, art: Art, evaluation: Evaluation, protocol: Protocol, facts: dict[str, Any]
) -> dict[str, Any]:
    """Build a record. name: of the pack. facts: where, when and by which command, stored as given."""
    return {
        "format": FORMAT,
        "name": name,
        "kinds": list(art.training.kinds),
        "pictures": {"training": len(art.training), "held_out": len(art.held_out)},
        "training_sha256": art.digest,
        "seen": art.seen,
        "notes": list(art.notes),
        "pairs": evaluation.pairs,
        "compared": evaluation.compared,
        "rows": {
            row: {key: list(value.values) for key, value in values.items()}
            for row, values in evaluation.rows.items()
        },
        "protocol": protocol.to_json(),
        **facts,
    }


def read_record(path: Path) -> dict[str, Any]:
    """Read a record of `make_record`. Raises DataError for other files."""
    try:
        record: dict[str, Any] = read_json(path, MAX_BYTES)
        if record["format"] != FORMAT:
            raise ValueError(f"format {record['format']!r:.60}")
        for row in ROWS:
            for figure in FIGURES:
                values_of(record, row, figure.key)
        for key in ("name", "pictures", "seen", "notes", "pairs", "compared", "protocol", "training_sha256"):
            record[key]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DataError(f"{path} is no file of `tilewright evaluate --json`: {error!r:.200}") from error
    return record


def values_of(record: dict[str, Any], row: str, key: str) -> Value:
    """Return a figure of a record; without values if the record is older than the figure."""
    return Value(tuple(float(v) for v in record["rows"][row].get(key, ())))
