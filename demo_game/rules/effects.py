"""What items do when they are used."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..content.items import ITEMS
from .grid import CELL, middle

if TYPE_CHECKING:
    from .run import Run

_NEAR = 5 * CELL


def use(run: "Run", name: str) -> None:
    """Apply the effect of an item."""
    EFFECTS[ITEMS[name].effect](run, ITEMS[name].power)


def heal(run: "Run", power: int) -> None:
    """Give health."""
    run.hero.heal(power)


def strength(run: "Run", power: int) -> None:
    """Strike twice as hard for a while."""
    run.hero.strength += power


def haste(run: "Run", power: int) -> None:
    """Run for a while."""
    run.hero.haste += power


def fire(run: "Run", power: int) -> None:
    """Wound all monsters that are near."""
    for monster in list(run.depth.monsters):
        if monster.near(run.hero.x, run.hero.y, _NEAR):
            run.wound_monster(monster, power + run.depth.number)


def sleep(run: "Run", power: int) -> None:
    """Stop all monsters that are near."""
    for monster in run.depth.monsters:
        if monster.near(run.hero.x, run.hero.y, 2 * _NEAR):
            monster.stunned = power


def reveal(run: "Run", power: int) -> None:
    """Show the whole depth on the map."""
    depth = run.depth
    depth.seen |= {(row, column) for row in range(depth.grid.height) for column in range(depth.grid.width)}


def return_to_start(run: "Run", power: int) -> None:
    """Bring the hero to where the depth began."""
    run.hero.x, run.hero.y = middle(run.depth.plan.start)


EFFECTS: dict[str, Callable[["Run", int], None]] = {
    "heal": heal, "strength": strength, "haste": haste, "fire": fire, "sleep": sleep, "reveal": reveal,
    "return": return_to_start,
}  # fmt: skip
