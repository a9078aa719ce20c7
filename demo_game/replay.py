"""Replays: how a run began, and its keys, with a digest of its state for each second.

Another machine plays the same game from them, or the first second that differs is named.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tilewright as tw
from tilewright.files import write_atomically

from .rules.depth import Plan
from .rules.keys import Keys
from .rules.run import STEPS_PER_SECOND, Run
from .saves import restored

VERSION = 1
_DIGITS = 12  # of each digest
_MOST_BYTES = 64 << 20
_MOST_STEPS = 1 << 23  # 38 hours


@dataclass
class Replay:
    """start: of the run, as `saves.saved` returns it. keys: pairs of packed keys and the number of steps for which they
    are held. digests: of the state after each second. steps: of all keys.
    """

    start: dict[str, Any]
    keys: list[list[int]] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    steps: int = 0

    def add(self, keys: Keys, run: Run) -> None:
        """Record a step that was just taken."""
        number = keys.pack()
        if self.keys and self.keys[-1][0] == number:
            self.keys[-1][1] += 1
        else:
            self.keys.append([number, 1])
        self.steps += 1
        if self.steps % STEPS_PER_SECOND == 0:
            self.digests.append(run.digest()[:_DIGITS])

    def save(self, path: Path) -> Path:
        """Write the replay. Raises MachineError on failure."""
        content = {"replay": VERSION, "start": self.start, "keys": self.keys, "digests": self.digests}
        write_atomically(path, json.dumps(content, separators=(",", ":")).encode())
        return path


def load_replay(path: Path) -> Replay:
    """Read a replay. Raises DataError, naming the file, for one that is damaged or of another version."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
        if len(text) > _MOST_BYTES:
            raise tw.DataError(f"{path} is larger than any replay")
        content = json.loads(text)
        if not isinstance(content, dict) or content.get("replay") != VERSION:
            raise tw.DataError(f"{path} is not a replay of version {VERSION}")
        replay = Replay(content["start"], digests=[str(digest) for digest in content["digests"]])
        restored(replay.start, _nowhere)
        for number, count in content["keys"]:
            Keys.unpack(int(number))
            if int(count) < 1:
                raise ValueError(f"keys for {count} steps")
            replay.keys.append([int(number), int(count)])
        replay.steps = sum(count for _, count in replay.keys)
        if replay.steps > _MOST_STEPS:
            raise ValueError(f"{replay.steps} steps")
        return replay
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise tw.DataError(f"{path} is damaged: {str(error)!r:.80}") from None
    except OSError as error:
        raise tw.DataError(f"{path} cannot be read: {error.strerror}") from None


def _nowhere(seed: int, depth: int) -> Plan:
    """The smallest level, with which the beginning of a replay is checked."""
    return Plan(((True,),), (0, 0), (0, 0), (), (), ())


def advance(run: Run, keys: Keys) -> None:
    """Take a step, and the stairs when they are reached: the one way in which the game and a replay proceed."""
    if run.below:
        run.descend()
    run.step(keys)


def verify(replay: Replay, plan_of: Callable[[int, int], Plan]) -> tuple[Run, int | None]:
    """Play a replay. Returns the run at its end, and the first second whose state differs, or None."""
    run, again = restored(replay.start, plan_of), Replay(replay.start)
    for number, count in replay.keys:
        keys = Keys.unpack(number)
        for _ in range(count):
            advance(run, keys)
            again.add(keys, run)
            if (
                len(again.digests) <= len(replay.digests)
                and again.digests[-1:] != replay.digests[len(again.digests) - 1 : len(again.digests)]
            ):
                return run, len(again.digests)
    return run, None if len(again.digests) == len(replay.digests) else len(again.digests)
