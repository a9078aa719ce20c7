"""Runs on small maps that tests draw in characters."""

from tilewright_demo.content.biomes import BIOMES
from tilewright_demo.rules.depth import Monster, Pickup, Plan, populate, spawn
from tilewright_demo.rules.dice import Dice
from tilewright_demo.rules.grid import middle
from tilewright_demo.rules.run import Run


def plan_of_rows(*rows):
    """`@` start, `>` exit, `+` door, `k` key, `$` treasure, `.` open; everything else is closed."""
    where = {
        glyph: [(row, line.index(glyph)) for row, line in enumerate(rows) if glyph in line]
        for glyph in "@>+k$"
    }
    return Plan(
        tuple(tuple(glyph in "@>+k$." for glyph in line) for line in rows),
        where["@"][0],
        where[">"][0] if where[">"] else (0, 0),
        tuple((cell, 0) for cell in where["+"]),
        tuple((cell, 0) for cell in where["k"]),
        tuple(where["$"]),
    )


def run_on(*rows, monsters=(), items=(), seed=1):
    """A run on a drawn map with the given monsters [(kind, cell)] and items [(name, cell)] and no others."""
    plan = plan_of_rows(*rows)
    run = Run(seed, lambda seed, depth: plan)
    dice = Dice(seed)
    run.depth = populate(1, BIOMES[0], plan, seed)
    run.depth.monsters = [spawn(kind, cell, 1, dice) for kind, cell in monsters]
    run.depth.traps = {}
    kept = [thing for thing in run.depth.pickups if thing.what in ("key", "treasure")]
    run.depth.pickups = kept + [Pickup(*middle(cell), name, 3) for name, cell in items]
    run.depth.looked, run.depth.seen = set(), set()
    run._look()
    return run


def stands_on_floor(run, body: Monster):
    """Check point by point, independently of the game's arithmetic, that all of the feet are on open cells."""
    return all(
        run.depth.grid.open[y // 256][x // 256]
        for x in (body.x - 80, body.x, body.x + 79)
        for y in (body.y - 64, body.y, body.y + 63)
    )
