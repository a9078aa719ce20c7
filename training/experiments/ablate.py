"""Train one autoregressive network with several regularisations, and print what each gains.

  python -m tilewright_training.experiments.ablate ART -o DIR --minutes 30

The first variant trains for `--minutes`, the others for as many steps, because other work on the machine changes
the speed. Half of the art is held out. The script resumes what it was interrupted in, and writes DIR/table.md after
every variant.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from tilewright.files import write_atomically

from ..config import Config, preset
from ..data.dataset import Dataset, read_art
from ..measures.art import divide
from ..measures.evaluation import evaluate
from ..measures.protocol import Protocol
from ..measures.record import make_record, read_record, values_of
from ..measures.subject import open_subject
from ..run import training_loop
from ..run.run_folder import RunFolder
from ..run.train import has_holes, precision

WEIGHTS, DROPPED, HIDDEN = {"weight_decay": 1.0}, {"dropout": 0.1}, {"hidden_context": 0.3}
STOPPED = {"rescues": Config.rescues}  # ends when pictures become near copies (docs/training.md)
VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "weight-decay": WEIGHTS,
    "dropout": DROPPED,
    "hidden-context": HIDDEN,
    "all": {**WEIGHTS, **DROPPED, **HIDDEN},
    "plain-stopped": STOPPED,
    "all-stopped": {**WEIGHTS, **DROPPED, **HIDDEN, **STOPPED},
}
COLUMNS = (
    ("c2st", 1),
    ("c2st_seen", 1),
    ("frechet", 3),
    ("near_copies", 1),
    ("exact_copies", 1),
    ("kind_accuracy", 1),
)
TITLES = (
    "variant | steps | held-out nats | C2ST error, held-out art (%) | training art (%) | Frechet distance | "
    "near copies (%) | exact (%) | kind accuracy (%)"
)


def trained(path: Path, data: Dataset, config: Config) -> RunFolder:
    """Train a run to its end, or what is left of it."""
    if not (path / "config.json").exists():
        RunFolder.create(path, config, training_loop.describe(data, config))
    run = RunFolder(path)
    with run.held():
        training_loop.train(
            run, data, resume=True, say=lambda line: print(f"{path.name}: {line}", flush=True)
        )
    return run


def measured(run: RunFolder, data: Dataset, protocol: Protocol) -> dict[str, Any]:
    """Return the record of an evaluation, which is stored beside the run."""
    file = run.path.with_suffix(".json")
    if not file.exists():
        subject = open_subject(str(run.path))
        art = divide(data, subject, None, protocol)
        features = run.path.parent / "features.safetensors"
        record = make_record(run.path.name, art, evaluate(subject, art, protocol, features), protocol, {})
        write_atomically(file, json.dumps(record, indent=1).encode())
    return read_record(file)


def row(run: RunFolder, record: dict[str, Any]) -> str:
    """Return a line of the table."""
    lines = [json.loads(line) for line in (run.path / "losses.jsonl").read_text("utf-8").splitlines()]
    nats = [line["held_out"] for line in lines if "held_out" in line]
    cells = [run.path.name, str(lines[-1]["step"]), f"{nats[-1]:.3f}" if nats else "-"]
    cells += [values_of(record, "generated", key).text(digits) for key, digits in COLUMNS]
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the experiment from the command line."""
    parser = argparse.ArgumentParser(
        prog="tilewright_training.experiments.ablate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("art", type=Path, nargs="+", help="folders of pixel art")
    parser.add_argument("-o", "--output", type=Path, required=True, help="a folder for the runs")
    parser.add_argument("--size", type=int, default=16)
    parser.add_argument("--kinds", type=Path, help="a recipe")
    parser.add_argument("--minutes", type=float, default=30.0, help="of the first variant")
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--preset", default="ar", help="the configuration that all variants share")
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=1, help="seeds of the evaluation")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args(arguments)
    data, _ = read_art(given.art, given.size, kinds=given.kinds)
    protocol = Protocol(pairs=given.pairs, seeds=tuple(range(given.seeds)))
    common = {"size": given.size, "transparent": has_holes(data), "held_out": 0.5, "threads": given.threads}
    common |= {"rescues": 0, **precision(torch.device("cpu"))}
    length: dict[str, Any] = {"minutes": given.minutes}
    table = [f"| {TITLES} |", f"|{' --- |' * (TITLES.count('|') + 1)}"]
    for name in given.variants:
        config = preset(given.preset, **{**common, **length, **VARIANTS[name]})
        run = trained(given.output / name, data, config)
        if "minutes" in length:
            length = {"steps": int(run.newest_checkpoint().stem.removeprefix("step-"))}
        table.append(row(run, measured(run, data, protocol)))
        write_atomically(given.output / "table.md", "\n".join([*table, ""]).encode())
        print(*(table if len(table) == 3 else table[-1:]), sep="\n", flush=True)


if __name__ == "__main__":
    main()
