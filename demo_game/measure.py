"""Measures the game while a bot plays it, with tilesets, music and flowing tiles, on SDL's dummy display.

`python -m tilewright_demo.measure` plays five minutes in real time: the time until the title and the first depth, the
time and CPU time of frames, the longest wait at stairs, and the time to leave. Run it on a machine with nothing else
to do. `python -m tilewright_demo.measure --memory 60` plays an hour of game time as fast as the machine can, and prints
the resident memory of each minute. Linux only.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pygame

from .assets import load_assets
from .bot import play_well
from .game import Game
from .rules.run import STEPS_PER_SECOND, Run
from .screens.playing import Playing
from .screens.title import Title

_TITLE_SECONDS = 1.0  # for which the title is looked at
_FLOW_SECONDS = 15  # for which tiles flow in each minute: not at its end, when memory is measured
_DRAWN = 6  # for memory, one frame in so many is drawn


class Script:
    """What the player does: begins a run, lets a bot play it, presses T now and then, and begins again after death."""

    def __init__(self) -> None:
        self._steps = 0

    def actions(self, game: Game) -> tuple[list[str], tuple[int, int]]:
        """Return the actions and the direction of the next step."""
        self._steps += 1
        if not isinstance(game.shown, Playing):
            waits = isinstance(game.shown, Title) and self._steps < _TITLE_SECONDS * STEPS_PER_SECOND
            return ["act"] * (not waits), (0, 0)
        keys = play_well(game.shown.run)
        used = keys.use or keys.choose
        actions = ["act"] * keys.act + [f"use {used}"] * bool(used)
        turn, rest = divmod(self._steps, _FLOW_SECONDS * STEPS_PER_SECOND)
        if rest == 0 and game.shown.flows != (turn % 4 == 1):
            actions.append("morph")
        return actions, (keys.dx, keys.dy)


@dataclass
class Times:
    """Seconds. title, first: from the start of the process, until the title and the first depth were drawn; and until
    that was drawn with its tileset. frames, cpu: of each frame, and the CPU time of its thread. stairs: the longest
    wait. depths: how many were entered. left: until the game was closed.
    """

    title: float = 0
    first: float = 0
    painted: float = 0
    frames: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    stairs: float = 0
    depths: int = 0
    left: float = 0

    def lines(self) -> list[str]:
        """Return the figures as text."""

        def figures(seconds: list[float]) -> str:
            middle, most = (np.percentile(seconds, share) for share in (50, 99))
            return (
                f"{1000 * middle:.1f} ms median, {1000 * most:.1f} ms p99, {1000 * max(seconds):.1f} ms most"
            )

        return [
            f"title {self.title:.2f} s after the start, first depth {self.first - self.title - _TITLE_SECONDS:.2f} s "
            f"after the key, its tileset {self.painted - self.first:.2f} s later",
            f"{len(self.frames)} frames in {self.depths} depths: {figures(self.frames)}",
            f"CPU time of the game's thread: {figures(self.cpu)}",
            f"longest wait at stairs {self.stairs:.2f} s, leaving {self.left:.2f} s",
        ]


def frame_times(game: Game, seconds: float, began: float) -> Times:
    """Play in real time. began: when the process began, as `time.time()`. Closes the game."""
    times, script, clock = Times(), Script(), pygame.time.Clock()
    waits_since, depth = None, None
    for _ in range(round(seconds * STEPS_PER_SECOND)):
        milliseconds = clock.tick(STEPS_PER_SECOND)
        actions, direction = script.actions(game)
        frame, cpu = time.perf_counter(), time.thread_time()
        game.events()
        game.step(actions, direction, milliseconds)
        if game.shown is None:
            break
        game.draw()
        times.frames.append(time.perf_counter() - frame)
        times.cpu.append(time.thread_time() - cpu)
        times.title = times.title or time.time() - began
        if isinstance(game.shown, Playing):
            run = game.shown.run
            times.first = times.first or time.time() - began
            if not times.painted and not game.shown.draft:
                times.painted = time.time() - began
            if run.below:
                waits_since = waits_since or frame
            elif waits_since is not None:
                times.stairs, waits_since = max(times.stairs, time.perf_counter() - waits_since), None
            times.depths += depth != (run.seed, run.depth.number)
            depth = run.seed, run.depth.number
    leaves = time.perf_counter()
    game.close()
    times.left = time.perf_counter() - leaves
    return times


def memory(game: Game, minutes: int, tell: Callable[[str], None] = print) -> list[int]:
    """Play so many minutes of game time, and return the resident memory after each, in kB. Closes the game."""
    script, used, reached = Script(), list[int](), 0
    for step in range(minutes * 60 * STEPS_PER_SECOND):
        while game.shown is not None and game.shown.waiting:
            time.sleep(0.001)
        actions, direction = script.actions(game)
        game.events()
        game.step(actions, direction, 1000 // STEPS_PER_SECOND + (step % 3 > 0))  # 16, 17 and 17 ms
        if game.shown is None:  # SDL makes an event of SIGTERM, too
            break
        if step % _DRAWN == 0:
            game.draw()
        reached = max(reached, _depth(game))
        if (step + 1) % (60 * STEPS_PER_SECOND) == 0:
            used.append(_resident())
            tell(f"minute {len(used)}: {used[-1]} kB, depth {_depth(game)}")
    game.close()
    return used


def _depth(game: Game) -> int:
    run: Run | None = getattr(game.shown, "run", None)
    return 0 if run is None else run.depth.number


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1000


def _process_began() -> float:
    """Return when this process began, as `time.time()`."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    since_boot = float(Path("/proc/uptime").read_text().split()[0])
    return time.time() - since_boot + ticks / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tilewright_demo.measure", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="of play in real time (%(default)s)")
    parser.add_argument(
        "--memory", type=int, metavar="MINUTES", help="measure memory over so many minutes instead"
    )
    parser.add_argument("--seed", type=int, default=7, help="of the first run (%(default)s)")
    options = parser.parse_args()
    os.environ |= {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    with tempfile.TemporaryDirectory() as folder:
        game = Game(load_assets(), options.seed, 1, Path(folder))
        if options.memory is None:
            print(*frame_times(game, options.minutes * 60, _process_began()).lines(), sep="\n")
        else:
            used = memory(game, options.memory)
            sixth = max(1, len(used) // 6)
            growth = np.median(used[-sixth:]) - np.median(used[sixth : 2 * sixth] or used)
            print(
                f"{min(used)} to {max(used)} kB; median of the last sixth less that of the second: {growth:.0f} kB"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
