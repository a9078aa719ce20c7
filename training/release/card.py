"""The card of a pack: what it was trained on, and the figures of its twin."""

from typing import Any

from tilewright.errors import escaped

from ..measures.figures import FIGURES, ROWS
from ..measures.record import values_of
from ..run.run_folder import RunFolder


def figures_of(record: dict[str, Any]) -> dict[str, Any]:
    """Return the means of a twin's figures, for the metadata of the pack."""
    found = {f.key: values_of(record, "generated", f.key).mean for f in FIGURES}
    means = {key: round(value, 3) for key, value in found.items() if value == value}
    return {"pictures": record["pictures"], "figures": means}


def card(name: str, record: dict[str, Any], run: RunFolder) -> str:
    """Return the card as Markdown. record: of the twin. run: of the pack."""
    counts, data = record["pictures"], run.data
    of_classes = values_of(record, "generated", "c2st")
    copies, usual = (values_of(record, row, "near_copies") for row in ("generated", "floor"))
    lines = [
        f"# {name}",
        "",
        f"![Pictures of {name}, kinds in turn]({name}.png)",
        "",
        f"Trained on all but a tenth of {data['pictures']} pictures, by `--model {run.config.model}` with "
        f"{run.config.steps} steps. The figures are those of a twin: the same training on "
        f"{counts['training']} pictures, one half of the art, measured on {counts['held_out']} of the other.",
        "",
        f"A classifier that tells generated pictures from drawn ones is wrong in {of_classes.text(1)} % of cases "
        f"(50: it cannot tell them apart). {copies.text(1)} % of the pictures are near copies of training pictures; "
        f"{usual.text(1)} % of held-out art are.",
        "",
        f"| | twin | {' | '.join(row for row in ROWS if row != 'generated')} | better |",
        "|---|---:|---:|---:|---|",
    ]
    for figure in FIGURES:
        cells = [values_of(record, row, figure.key).text(figure.digits) for row in ROWS]
        if any(cell != "-" for cell in cells):
            lines.append(f"| {figure.title} | {' | '.join(cells)} | {figure.better} |")
    lines += ["", *(f"- {note}." for note in record["notes"]), ""]
    lines += [f"Kinds: {', '.join(data['kinds'])}."]
    lines += [f"Words: {', '.join(run.words)}."] if run.words else []
    lines += ["", "Art:", ""]
    lines += [escaped(f"- {s['name']}, {s['author']}, {s['licence']}") for s in data["sources"]]
    return "\n".join([*lines, ""])
