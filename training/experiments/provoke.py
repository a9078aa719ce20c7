"""Provoke a GAN collapse, train with and without rescues, and plot both.

  python -m tilewright_training.experiments.provoke ART -o DIR

The critic's learning rate is ten times that of the generator, it has no gradient penalty, and no bound keeps
the generator close to the art. The critic soon separates all pairs, and the generator collapses to a few
pictures.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..config import Config, preset
from ..data.dataset import Dataset, read_art
from ..run import training_loop
from ..run.run_folder import RunFolder
from ..watch.plot import Panel, draw_panels
from ..watch.rules import LOOK_EVERY

BAD = {"gamma": 0.0, "critic_lr": 10.0, "shift_share": 0.0, "critic_from": 0.0, "pull": 0.0}
Seen = list[tuple[int, dict[str, float]]]


def provoked_config(data: Dataset, steps: int, **overrides: object) -> Config:
    """Return the configuration of a small GAN that collapses."""
    transparent = bool((data.images[..., 3] == 0).any())
    chosen = {"steps": steps, "transparent": transparent, "wrap": not transparent, "threads": 1}
    return preset("tiny", **chosen, **BAD, checkpoint_every=LOOK_EVERY, **overrides)


def follow(path: Path, data: Dataset, config: Config) -> tuple[Seen, list[str], list[int]]:
    """Train a run. Returns (figures per look and step, messages, steps at which it was put back)."""
    run = RunFolder.create(path, config, training_loop.describe(data, config))
    seen: Seen = []
    said: list[str] = []
    put_back: list[int] = []
    taken, last = 0, 0

    def report(progress: training_loop.Progress) -> None:
        nonlocal taken, last
        if progress.step <= last:
            put_back.append(taken)
        taken, last = taken + 1, progress.step
        if progress.step % LOOK_EVERY == 0 and "spread" in progress.figures:
            seen.append((taken, dict(progress.figures)))

    training_loop.train(run, data, report=report, say=said.append)
    return seen, said, put_back


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the experiment from the command line."""
    parser = argparse.ArgumentParser(prog="tilewright_training.experiments.provoke", description=__doc__)
    parser.add_argument("art", type=Path, nargs="+", help="folders of pixel art")
    parser.add_argument("-o", "--output", type=Path, required=True, help="a new folder")
    parser.add_argument("--size", type=int, default=16)
    parser.add_argument("--kinds", type=Path, help="a recipe")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    data, _ = read_art(options.art, options.size, kinds=options.kinds)
    curves: dict[str, Seen] = {}
    marks: list[int] = []
    for name, rescues in (("left alone", 0), ("looked after", Config.rescues)):
        config = provoked_config(data, options.steps, size=options.size, seed=options.seed, rescues=rescues)
        folder = options.output / name.replace(" ", "-")
        curves[name], said, marks = follow(folder, data, config)
        print(name, *said, sep="\n  ")
    draw_panels(panels(curves, marks), options.output / "collapse.png")


def panels(curves: dict[str, Seen], marks: list[int]) -> list[Panel]:
    """Return the charts of several runs. marks: the steps at which a run was put back."""
    return [
        Panel("how much pictures of a kind differ (the art: 1)", _of(curves, "spread"), marks, 1.0),
        Panel("energy distance to the art (alike: 0)", _of(curves, "distance"), marks, 0.4),
        Panel("how far apart the critic puts real and generated pictures", _of(curves, "lead"), marks, 10.0),
    ]


def _of(curves: dict[str, Seen], name: str) -> dict[str, list[tuple[float, float]]]:
    return {run: [(taken, figures[name]) for taken, figures in seen] for run, seen in curves.items()}


if __name__ == "__main__":
    main()
