"""The state and the rules of one world: integers and fixed steps, without pictures or clocks.

A cell is CELL units wide. A position (x, y) is the middle of a walker's feet in units. The same level, seed
and keys give the same states everywhere.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .dice import Dice

CELL = 256
STEPS_PER_SECOND = 60

# the feet: smaller than a cell, so that walkers fit through doorways easily
_HALF_WIDTH, _HALF_HEIGHT = 80, 64
_HERO_SPEED = 20  # units per step
_MONSTER_SPEED = 7
_CORNER = 96  # largest distance from an opening at which the hero is steered around the corner
_REACH = 150  # distance for picking up items and for collisions
_SAFE_STEPS = 90  # after a collision
_CELLS_PER_ITEM = 60
_CELLS_PER_MONSTER = 75
_HEADINGS = ((1, 0), (-1, 0), (0, 1), (0, -1))


@dataclass
class Walker:
    """The hero or a monster. look: number of the picture. left: whether it faces left. stride: counts steps."""

    x: int
    y: int
    look: int = 0
    left: bool = False
    moving: bool = False
    stride: int = 0
    heading: tuple[int, int] = (0, 0)
    patience: int = 0


@dataclass
class Item:
    """A collectable item."""

    x: int
    y: int
    look: int
    taken: bool = False


@dataclass
class World:
    """The current world. safe: remaining steps during which collisions have no effect."""

    walkable: npt.NDArray[np.bool_]
    hero: Walker
    monsters: list[Walker]
    items: list[Item]
    dice: Dice
    clock: int = 0
    safe: int = 0
    found: list[int] = field(default_factory=list)

    @classmethod
    def populate(
        cls, walkable: npt.NDArray[np.bool_], start: tuple[int, int], seed: int, monsters: int, items: int
    ) -> "World":
        """Return the initial state of a world. monsters, items: numbers of available pictures."""
        dice = Dice(seed)
        rows, columns = np.nonzero(walkable)
        far = np.abs(rows - start[0]) + np.abs(columns - start[1])

        def places(distance: int, share: int) -> Iterator[tuple[int, int]]:
            cells = np.flatnonzero(far >= distance).tolist()
            for _ in range(len(rows) // share):
                if cells:
                    cell = cells.pop(dice.below(len(cells)))
                    yield _middle(int(columns[cell])), _middle(int(rows[cell]))

        return cls(
            walkable=walkable,
            hero=Walker(_middle(start[1]), _middle(start[0])),
            items=[Item(x, y, dice.below(items)) for x, y in places(3, _CELLS_PER_ITEM)],
            monsters=[Walker(x, y, dice.below(monsters)) for x, y in places(6, _CELLS_PER_MONSTER)],
            dice=dice,
        )

    def step(self, dx: int, dy: int) -> None:
        """Advance by one sixtieth of a second with the pressed keys as (dx, dy), each -1, 0 or 1."""
        self.clock += 1
        self.safe = max(0, self.safe - 1)
        self._walk_hero(dx, dy)
        for monster in self.monsters:
            self._wander(monster)
        for number, item in enumerate(self.items):
            if not item.taken and self._near_hero(item.x, item.y):
                item.taken = True
                self.found.append(number)
        if self.safe == 0 and any(self._near_hero(monster.x, monster.y) for monster in self.monsters):
            self.safe = _SAFE_STEPS
            if self.found:  # the monster returns the last item to its place
                self.items[self.found.pop()].taken = False

    def fits(self, x: int, y: int) -> bool:
        """Whether feet at (x, y) are on walkable cells only."""
        rows = slice((y - _HALF_HEIGHT) // CELL, (y + _HALF_HEIGHT - 1) // CELL + 1)
        columns = slice((x - _HALF_WIDTH) // CELL, (x + _HALF_WIDTH - 1) // CELL + 1)
        return bool(self.walkable[rows, columns].all())

    def digest(self) -> str:
        """Return a digest of the whole state, for comparisons of runs."""
        walkers = [
            (w.x, w.y, w.look, w.left, w.moving, w.stride, w.heading, w.patience)
            for w in (self.hero, *self.monsters)
        ]
        items = [(item.x, item.y, item.look, item.taken) for item in self.items]
        state = (walkers, items, self.found, self.clock, self.safe, self.dice.state)
        return hashlib.sha256(repr(state).encode() + self.walkable.tobytes()).hexdigest()

    def _walk_hero(self, dx: int, dy: int) -> None:
        hero = self.hero
        speed = _HERO_SPEED * 181 // 256 if dx and dy else _HERO_SPEED  # 181/256 is about 1/sqrt(2)
        before = hero.x, hero.y
        if not self._advance(hero, dx * speed, dy * speed) and (dx == 0) != (dy == 0):
            self._round_corner(dx * speed, dy * speed)
        hero.moving = (hero.x, hero.y) != before
        hero.stride = hero.stride + 1 if hero.moving else 0
        hero.left = dx < 0 if dx else hero.left

    def _advance(self, walker: Walker, dx: int, dy: int) -> bool:
        """Move each axis until a wall blocks it. Returns whether the whole distance was possible."""
        whole = True
        for step_x, step_y in ((dx, 0), (0, dy)):
            while step_x or step_y:
                if self.fits(walker.x + step_x, walker.y + step_y):
                    walker.x += step_x
                    walker.y += step_y
                    break
                whole = False
                step_x, step_y = int(step_x / 2), int(step_y / 2)
        return whole

    def _round_corner(self, dx: int, dy: int) -> None:
        hero = self.hero
        for miss in range(8, _CORNER + 1, 8):
            for sign in (-1, 1):
                aside_x, aside_y = (0, sign * miss) if dx else (sign * miss, 0)
                if self.fits(hero.x + dx + aside_x, hero.y + dy + aside_y):
                    step = sign * min(miss, _HERO_SPEED)
                    self._advance(hero, 0 if dx else step, step if dx else 0)
                    return

    def _wander(self, monster: Walker) -> None:
        monster.patience -= 1
        if monster.patience < 0:
            monster.patience = 30 + self.dice.below(60)
            choice = self.dice.below(6)  # two in six: stand still
            monster.heading = _HEADINGS[choice] if choice < 4 else (0, 0)
        dx, dy = monster.heading
        monster.moving = monster.heading != (0, 0)
        monster.stride = monster.stride + 1 if monster.moving else 0
        monster.left = dx < 0 if dx else monster.left
        if not self._advance(monster, dx * _MONSTER_SPEED, dy * _MONSTER_SPEED):
            monster.patience = 0

    def _near_hero(self, x: int, y: int) -> bool:
        return abs(x - self.hero.x) < _REACH and abs(y - self.hero.y) < _REACH


def _middle(cell: int) -> int:
    return cell * CELL + CELL // 2
