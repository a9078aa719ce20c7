"""Saved runs: the hero at the beginning of a depth. Taking the stairs saves, dying deletes."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import tilewright as tw
from tilewright.files import write_atomically

from .content.items import ITEMS
from .rules.depth import Plan
from .rules.hero import BELT, Hero
from .rules.run import Run

VERSION = 1
_MOST_BYTES = 1 << 20
_MOST = 1 << 30  # of any number of the hero
_DAMAGED = (ValueError, KeyError, TypeError, IndexError, RecursionError)


def saved(run: Run) -> dict[str, Any]:
    """Return what a file says of a run at the beginning of its depth."""
    hero = asdict(run.hero) | {"keys": [], "facing": list(run.hero.facing)}
    return {"save": VERSION, "seed": run.seed, "depth": run.depth.number, "clock": run.clock, "hero": hero}


def restored(content: Any, plan_of: Callable[[int, int], Plan]) -> Run:
    """Return the run of which `saved` wrote. Raises ValueError for anything else."""
    try:
        if not isinstance(content, dict) or content.get("save") != VERSION:
            raise ValueError(f"no saved run of version {VERSION}")
        given = content["hero"]
        if set(given) != {field.name for field in fields(Hero)}:
            raise ValueError("the hero has other properties")
        for name, value in given.items():
            if name not in ("belt", "keys", "facing", "left") and not (
                type(value) is int and -_MOST < value < _MOST
            ):
                raise ValueError(f"{name} is {value!r:.20}")
        if len(given["belt"]) > BELT or not set(given["belt"]) <= set(ITEMS):
            raise ValueError("unknown items")
        seed, depth, clock = (content[name] for name in ("seed", "depth", "clock"))
        if not all(type(value) is int for value in (seed, depth, clock)) or not (
            0 <= seed < 1 << 64 and 1 <= depth < 1 << 16 and 0 <= clock < 1 << 40 and given["health"] > 0
        ):
            raise ValueError("numbers out of range")
        facing = (int(given["facing"][0]), int(given["facing"][1]))
        hero = Hero(**given | {"keys": set(), "facing": facing, "left": bool(given["left"])})
        return Run(seed, plan_of, hero, clock, first=depth)
    except _DAMAGED as error:
        raise ValueError(str(error)) from None


def save_run(run: Run, path: Path) -> Path:
    """Write a run as it is at the beginning of its depth. Raises MachineError on failure."""
    write_atomically(path, json.dumps(saved(run), indent=1).encode())
    return path


def load_run(path: Path, plan_of: Callable[[int, int], Plan]) -> Run:
    """Read a run. Raises DataError, naming the file, for one that is damaged or of another version."""
    try:
        with path.open("rb") as file:
            return restored(json.loads(file.read(_MOST_BYTES)), plan_of)
    except OSError as error:
        raise tw.DataError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise tw.DataError(f"{path} is damaged: {str(error)!r:.80}") from None
