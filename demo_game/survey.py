"""Surveys of many depths: a search for a way to the stairs of each, and bots that play them. Rules alone, no pictures.

`python -m tilewright_demo.survey --seeds 10 --depths 200` searches. With `--play`, a bot that cannot die also plays
every depth; `--every 10` takes one depth in ten. `--runs` lets a bad and a good bot play whole runs instead, until they
die.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from .assets import plan_of
from .bot import play_badly, play_well
from .replay import advance
from .rules.depth import Plan
from .rules.grid import Cell, Grid
from .rules.keys import Keys
from .rules.run import STEPS_PER_SECOND, Run

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


def survey(seeds: range, depths: range, play: bool) -> Survey:
    """Search depths of each seed, and let a bot play them."""
    made = Survey()
    for seed in seeds:
        for depth in depths:
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


@dataclass(frozen=True)
class Ended:
    """A run of a bot. depth: in which it ended. how: what killed the hero, or "stuck", or "alive" after the last depth.
    walls: steps in which the hero stood in a wall.
    """

    seed: int
    depth: int
    steps: int
    how: str
    walls: int


def whole_run(seed: int, bot: Callable[[Run], Keys], last: int) -> Ended:
    """Let a bot play a run until the hero dies, or has left depth `last`."""
    run, began, walls = Run(seed, plan_of), 0, 0
    while not run.over:
        if run.below:
            if run.depth.number == last:
                return Ended(seed, last, run.clock, "alive", walls)
            began = run.clock
        advance(run, bot(run))
        walls += not run.depth.grid.fits(run.hero.x, run.hero.y)
        if run.clock - began > _MOST_STEPS:
            return Ended(seed, run.depth.number, run.clock, "stuck", walls)
    return Ended(seed, run.depth.number, run.clock, run.killer, walls)


def main() -> int:
    """Run the command. Returns 1 if there are faults."""
    parser = argparse.ArgumentParser(prog="python -m tilewright_demo.survey", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="seeds 0 .. N - 1 (%(default)s)")
    parser.add_argument("--depths", type=int, default=200, help="depths of each seed (%(default)s)")
    parser.add_argument("--play", action="store_true", help="let a bot play each depth, too")
    parser.add_argument("--every", type=int, default=1, help="look at one depth in so many (%(default)s)")
    parser.add_argument(
        "--runs", action="store_true", help="let a bad and a good bot play whole runs instead"
    )
    options = parser.parse_args()
    if options.runs:
        return _runs(options.seeds, options.depths)
    made = survey(range(options.seeds), range(options.every, options.depths + 1, options.every), options.play)
    print(*made.faults, sep="\n", end="\n" * bool(made.faults))
    print(f"{made.depths} depths, {made.steps} steps of the bot, {len(made.faults)} faults")
    return bool(made.faults)


def _runs(seeds: int, last: int) -> int:
    """Print how far the bots get. Returns 1 if one was stuck or in a wall."""
    faults = 0
    for bot in (play_badly, play_well):
        ended = []
        for seed in range(seeds):
            ended.append(whole_run(seed, bot, last))
            print(f"{bot.__name__}: {ended[-1]}", flush=True)
        faults += sum(one.how == "stuck" or one.walls > 0 for one in ended)
        depths = [one.depth for one in ended]
        print(f"{bot.__name__}: depths {depths}, {sum(depths) / len(depths):.1f} on average")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
