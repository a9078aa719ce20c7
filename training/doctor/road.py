"""From art to tiles: the commands to type, each complete, with the time that it takes."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tilewright.names import free_name, plain_name

from ..config import SIZES
from .advice import Advice
from .choice import Choice

# After so many minutes of one core each family had learnt what docs/models.md praises it for.
MINUTES = {"ar": 20, "vae": 60, "flow": 15}


@dataclass(frozen=True)
class Step:
    """One command. It runs as it stands, in the folder in which `data inspect` ran."""

    what: str
    time: str
    command: str


def road(folder: Path, advice: Advice, choice: Choice, size: int | None, recipe: Path | None) -> list[Step]:
    """The commands in order; none where networks are not made for the size.

    size: what `data inspect` was told; recipe: the file that the advice is in, or will be.
    """
    if advice.size not in SIZES:
        return []
    name, steps, options = plain_name(folder), [], []
    if recipe is None and advice.needs_recipe:
        recipe = free_name(Path(f"{name}.toml"))
        told = [] if size is None else ["--size", str(size)]
        writing = ["data", "inspect", str(folder), *told, "--recipe", str(recipe)]
        steps.append(Step("write the recipe, to look at and change", "seconds", _line(writing)))
    if recipe is not None:
        options = ["--kinds", str(recipe)]
    elif advice.transparent:
        options = ["--transparent"]
    run, pack, sheet = (
        free_name(Path("runs") / name),
        free_name(Path(f"{name}.onnx")),
        free_name(Path(f"{name}.png")),
    )
    minutes = MINUTES[choice.model]
    network = ["--size", str(advice.size), "--model", choice.model]
    training = ["train", str(folder), *network, "--minutes", str(minutes), "-o", str(run), *options]
    why = f"train: {choice.why}; fewer --minutes for a first look"
    return [
        *steps,
        Step(why, f"{minutes} minutes", _line(training)),
        Step("make a pack of it", "a minute or two", _line(["export", str(run), "-o", str(pack)])),
        Step("draw with it", "seconds", _line(["generate", str(pack), "-n", "64", "-o", str(sheet)])),
    ]


def _line(words: Sequence[str]) -> str:
    return shlex.join(["tilewright", *words])
