"""The commands from art to tiles, each complete and with its duration."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tilewright.names import free_name, plain_name

from ..size import as_size, is_trainable
from .advice import Advice
from .choice import Choice

# Minutes on one core after which each family reaches the quality stated in docs/models.md.
MINUTES = {"ar": 20, "vae": 60, "flow": 15}


@dataclass(frozen=True)
class Step:
    """One command, ready to run in the folder in which `data inspect` ran."""

    what: str
    time: str
    command: str


def road(folder: Path, advice: Advice, choice: Choice, size: int | None, recipe: Path | None) -> list[Step]:
    """Return the commands in order, or none if networks do not support the size.

    size: the `--size` given to `data inspect`. recipe: the file that contains, or will contain, the advice.
    """
    if not is_trainable(as_size(advice.size)):
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
