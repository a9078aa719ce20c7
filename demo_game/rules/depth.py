"""One depth of a run: its grid, monsters, items, traps and doors."""

from dataclasses import dataclass, field

from ..content.biomes import BOSS_EVERY, VILLAGE, Biome
from ..content.items import ITEMS
from ..content.monsters import MONSTERS, MonsterKind
from .dice import Dice
from .grid import Body, Cell, Grid, middle

_CELLS_PER_MONSTER = 60
_CELLS_PER_ITEM = 190
_CELLS_PER_TRAP = 120
_PEOPLE = 6  # of a village
_QUIET = 9  # steps around the start without monsters and traps
TRAP_STEPS, TRAP_UP = 150, 50  # of a round, and of it with the spikes up
LOOKS = 3  # pictures of each kind of monster


@dataclass(frozen=True)
class Plan:
    """The level of a depth, as it is generated. open: whether each cell can be walked on, row by row.

    doors: (cell, lock) of each; keys: (cell, lock). All are reachable in the order of their locks.
    """

    open: tuple[tuple[bool, ...], ...]
    start: Cell
    exit: Cell
    doors: tuple[tuple[Cell, int], ...]
    keys: tuple[tuple[Cell, int], ...]
    treasures: tuple[Cell, ...]


@dataclass
class Monster(Body):
    """A monster. Times are in steps. small: it was split off. booty: the item it stole.

    struck: the number of the hero's stroke that hit it last.
    """

    kind: str = "hunter"
    look: int = 0
    health: int = 1
    most_health: int = 1
    damage: int = 1
    awake: bool = False
    stunned: int = 0
    timer: int = 0
    heading: tuple[int, int] = (0, 0)
    small: bool = False
    booty: str = ""
    struck: int = 0

    @property
    def about(self) -> MonsterKind:
        """The facts of its kind."""
        return MONSTERS[self.kind]

    @property
    def size(self) -> int:
        """How near it must come to wound, in units."""
        return 260 if self.kind == "boss" else 110 if self.small else 150


@dataclass
class Person(Body):
    """Someone who lives in a village, and talks when spoken to."""

    look: int = 0
    timer: int = 0
    heading: tuple[int, int] = (0, 0)


@dataclass
class Shot:
    """Something thrown at the hero. dx, dy: units a step. left: steps until it falls."""

    x: int
    y: int
    dx: int
    dy: int
    damage: int
    left: int = 150


@dataclass
class Pickup:
    """Something that lies on the ground. what: an item, "key" or "treasure". power: of an item that is worn."""

    x: int
    y: int
    what: str
    power: int = 0
    lock: int = -1
    look: int = 0


@dataclass
class Depth:
    """The state of a depth. looked: open cells that the hero has looked at. seen: these and what is around them."""

    number: int
    biome: Biome
    plan: Plan
    grid: Grid
    monsters: list[Monster]
    pickups: list[Pickup]
    traps: dict[Cell, int]
    doors: dict[Cell, int]
    dice: Dice
    people: list[Person] = field(default_factory=list)
    shots: list[Shot] = field(default_factory=list)
    looked: set[Cell] = field(default_factory=set)
    seen: set[Cell] = field(default_factory=set)
    clock: int = 0

    @property
    def boss(self) -> Monster | None:
        """The boss, while it lives. The stairs are closed until then."""
        return next((monster for monster in self.monsters if monster.kind == "boss"), None)

    def trap_is_up(self, cell: Cell) -> bool:
        """Whether the spikes of a trap are up."""
        return (self.clock + self.traps[cell]) % TRAP_STEPS < TRAP_UP


def populate(number: int, biome: Biome, plan: Plan, seed: int) -> Depth:
    """Return the initial state of a depth."""
    dice, grid = Dice(seed), Grid(plan.open)
    doors = dict(plan.doors)
    taken = {plan.start, plan.exit, *doors, *(cell for cell, _ in plan.keys), *plan.treasures}
    near = grid.distances([plan.start], _QUIET)
    free = [
        (row, column)
        for row, cells in enumerate(plan.open)
        for column, is_open in enumerate(cells)
        if is_open and (row, column) not in taken and (row, column) not in near
    ]
    count = len(free)

    def place() -> Cell:
        return free.pop(dice.below(len(free)))

    def some(cells: int) -> range:
        return range(min(count // cells, len(free)))

    monsters = []
    if biome is not VILLAGE:
        many = count // _CELLS_PER_MONSTER + min(number, 8)
        monsters = [
            spawn(biome.monsters[dice.below(len(biome.monsters))], place(), number, dice)
            for _ in range(min(many, len(free)))
        ]
    if number % BOSS_EVERY == 0 and biome is not VILLAGE:
        around = [cell for cell, steps in grid.distances([plan.exit], 5).items() if steps >= 2]
        monsters.append(spawn("boss", around[dice.below(len(around))] if around else plan.exit, number, dice))
    pickups = [_item(place(), number, dice) for _ in some(_CELLS_PER_ITEM)]
    for cell, lock in plan.keys:
        pickups.append(Pickup(*middle(cell), "key", lock=lock))
    pickups += [Pickup(*middle(cell), "treasure") for cell in plan.treasures]
    traps = {} if biome is VILLAGE else {place(): dice.below(TRAP_STEPS) for _ in some(_CELLS_PER_TRAP)}
    people = [Person(*middle(place()), look=look) for look in range(_PEOPLE)] if biome is VILLAGE else []
    depth = Depth(
        number, biome, plan, grid, monsters, pickups, _off_the_way(grid, traps), doors, dice, people
    )
    for row, column in doors:
        grid.open[row][column] = False
    return depth


def spawn(kind: str, cell: Cell, number: int, dice: Dice) -> Monster:
    """Return a monster of a kind as strong as its depth."""
    about = MONSTERS[kind]
    health = about.health * (3 + number) // 4
    return Monster(
        *middle(cell),
        kind=kind,
        look=dice.below(LOOKS),
        health=health,
        most_health=health,
        damage=about.damage + number // 3,
        timer=dice.below(60),
    )


def drop(x: int, y: int, number: int, dice: Dice) -> Pickup:
    """Return an item, drawn by weight, at a position."""
    draw = dice.below(sum(item.weight for item in ITEMS.values()))
    for name, item in ITEMS.items():
        draw -= item.weight
        if draw < 0:
            power = 1 + number // 2 + dice.below(2) if item.slot in ("weapon", "armour") else item.power
            return Pickup(x, y, name, power, look=dice.below(LOOKS))
    raise AssertionError("the weights sum to more than the draw")


def _item(cell: Cell, number: int, dice: Dice) -> Pickup:
    return drop(*middle(cell), number, dice)


def _off_the_way(grid: Grid, traps: dict[Cell, int]) -> dict[Cell, int]:
    """Return the traps that can be walked around: those with open cells on all sides."""
    return {
        (row, column): phase
        for (row, column), phase in traps.items()
        if all(grid.is_open((row + down, column + across)) for down in (-1, 0, 1) for across in (-1, 0, 1))
    }
