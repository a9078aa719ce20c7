"""Surveys of many depths: a search for a way to the stairs of each, a bot that plays them, and memory during play.

`python -m tilewright_demo.survey --seeds 10 --depths 200` searches. With `--play`, a bot that cannot die also plays
every depth. With `--minutes 10`, a bot plays the whole game instead, screens and pictures included, for so many minutes
of game time, and the growth of memory is measured.
"""

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import pygame

import tilewright as tw

from .assets import Assets, plan_of
from .bot import play_well
from .rules.depth import Plan
from .rules.grid import Cell, Grid
from .rules.run import STEPS_PER_SECOND, Run
from .screens.playing import Playing
from .screens.screen import Shared
from .view import HEIGHT, WIDTH
from .worker import Worker

_MOST_STEPS = 15 * 60 * STEPS_PER_SECOND  # of the bot in a depth


@dataclass
class Survey:
    """depths: how many were looked at. faults: a line for each that is wrong. steps: of the bot."""

    depths: int = 0
    steps: int = 0
    faults: list[str] = field(default_factory=list)


def unreachable(plan: Plan) -> set[Cell]:
    """Return the stairs, keys and treasures that cannot be reached by opening doors with the keys found before."""
    grid, held = Grid(plan.open), set[int]()
    while True:
        for (row, column), lock in plan.doors:
            grid.open[row][column] = lock in held
        reached = grid.distances([plan.start])
        found = {lock for cell, lock in plan.keys if cell in reached}
        if found <= held:
            return {plan.exit, *plan.treasures, *(cell for cell, _ in plan.keys)} - set(reached)
        held |= found


def survey(seeds: range, depths: int, play: bool) -> Survey:
    """Search depths 1 .. depths of each seed, and let a bot play them."""
    made = Survey()
    for seed in seeds:
        for depth in range(1, depths + 1):
            made.depths += 1
            try:
                missed = unreachable(plan_of(seed, depth))
                if missed:
                    made.faults.append(f"seed {seed}, depth {depth}: no way to {sorted(missed)}")
                if play:
                    made.steps += _play(seed, depth, made.faults)
            except Exception as error:  # the survey counts them
                made.faults.append(f"seed {seed}, depth {depth}: {error!r:.200}")
    return made


def _play(seed: int, depth: int, faults: list[str]) -> int:
    """Let a bot that cannot die play a depth to its stairs. Returns the number of steps."""
    run = Run(seed, plan_of, first=depth)
    hero = run.hero
    hero.might = 4 * depth  # a hero of this depth would have found weapons
    while not run.below and run.clock < _MOST_STEPS:
        hero.health = hero.most_health
        run.step(play_well(run))
        if not run.depth.grid.fits(hero.x, hero.y):
            faults.append(f"seed {seed}, depth {depth}: the hero is in a wall at {hero.cell}")
            break
    else:
        if not run.below:
            faults.append(f"seed {seed}, depth {depth}: the bot does not find the stairs")
    return run.clock


def memory_growth(minutes: int, seed: int) -> tuple[int, int]:
    """Play for minutes of game time with screens and pictures; a run that ends begins again.

    Returns the resident memory in kB after a tenth of the time, and at the end. Linux only.
    """
    assets, screen, steps = (
        Assets(tw.load("dawn-tiles"), tw.load("dawn-sprites"), {}),
        pygame.Surface((WIDTH, HEIGHT)),
        minutes * 60 * STEPS_PER_SECOND,
    )
    worker, early = Worker(assets.scene), 0
    with tempfile.TemporaryDirectory() as folder:
        shared = Shared(assets, worker, Path(folder), seed)
        playing = Playing(shared, Run(seed, plan_of))
        for step in range(steps):
            run = playing.run
            while run.below and not worker.ready(playing.place_below):
                time.sleep(0.001)
            keys = play_well(run)
            actions = (
                ["act"] * keys.act
                + [f"use {keys.use}"] * bool(keys.use)
                + [f"use {keys.choose}"] * bool(keys.choose)
            )
            playing.step(actions, (keys.dx, keys.dy))
            if step % 6 == 0:
                playing.draw(screen)
            if playing.next is not playing:
                playing = playing.another(shared.next_seed())
            if step == steps // 10:
                early = _resident()
    worker.close()
    return early, _resident()


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1000


def main() -> int:
    """Run the command. Returns 1 if there are faults."""
    parser = argparse.ArgumentParser(prog="python -m tilewright_demo.survey", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="seeds 0 .. N - 1 (%(default)s)")
    parser.add_argument("--depths", type=int, default=200, help="depths of each seed (%(default)s)")
    parser.add_argument("--play", action="store_true", help="let a bot play each depth, too")
    parser.add_argument("--minutes", type=int, help="measure memory over so many minutes of play instead")
    options = parser.parse_args()
    if options.minutes is not None:
        early, late = memory_growth(options.minutes, 7)
        print(f"{early} kB after {options.minutes / 10:g} minutes, {late} kB after {options.minutes}")
        return 0
    made = survey(range(options.seeds), options.depths, options.play)
    print(*made.faults, sep="\n", end="\n" * bool(made.faults))
    print(f"{made.depths} depths, {made.steps} steps of the bot, {len(made.faults)} faults")
    return bool(made.faults)


if __name__ == "__main__":
    sys.exit(main())
