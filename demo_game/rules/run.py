"""A run: the hero, the current depth, and one step of time."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from ..content.biomes import biome_of
from ..content.items import ITEMS
from ..content.perks import PERKS, Perk
from .behaviours import act, divide, stroll
from .depth import Depth, Monster, Pickup, Plan, drop, populate
from .dice import Dice, mix
from .effects import use
from .explore import way_alone
from .grid import CELL, Cell, middle
from .hero import BELT, Hero
from .keys import Keys

STEPS_PER_SECOND = 60
_FIELD = 16  # steps around the hero in which monsters find their way
_SHOT_REACH = 100
_PICK_REACH = 150
_KNOCK = 60  # units by which a stroke pushes


@dataclass(frozen=True)
class Event:
    """Something that happened in a step, for messages, sounds and effects. what: a monster, an item, a perk."""

    name: str
    x: int
    y: int
    what: str = ""


@dataclass
class Run:
    """The state of a run. plan_of: returns the level of a depth, given the run's seed and the depth.

    alone: "explore" or "travel" while the hero walks alone. offers: perks to choose from; time stands still until then.
    below: whether the hero has taken the stairs; `descend` is called next. killer: what killed the hero.
    events: of the last step. first: the depth at which the run began.
    """

    seed: int
    plan_of: Callable[[int, int], Plan]
    hero: Hero = field(default_factory=lambda: Hero(0, 0))
    clock: int = 0
    alone: str = ""
    offers: tuple[Perk, ...] = ()
    below: bool = False
    killer: str = ""
    events: list[Event] = field(default_factory=list)
    first: int = 1

    def __post_init__(self) -> None:
        """Begin at depth `first`."""
        self._enter(self.first)

    @property
    def over(self) -> bool:
        """Whether the hero is dead."""
        return self.hero.health == 0

    def descend(self) -> None:
        """Enter the next depth."""
        self._enter(self.depth.number + 1)

    def _enter(self, number: int) -> None:
        plan = self.plan_of(self.seed, number)
        self.depth: Depth = populate(number, biome_of(self.seed, number), plan, mix(self.seed ^ number))
        self.hero.x, self.hero.y = middle(plan.start)
        self.hero.keys.clear()
        self.below, self.alone = False, ""
        self._field_cell: Cell | None = None
        self.way_key: object = None  # of `explore.way_to`
        self.way: dict[Cell, int] = {}
        self.reach_key: object = None
        self.reach: set[Cell] = set()
        self._look()

    def wants(self, thing: Pickup, full: bool) -> bool:
        """Whether an item is worth a way. full: whether the hero has all health."""
        slot = ITEMS[thing.what].slot if thing.what in ITEMS else ""
        return not (slot == "belt" and len(self.hero.belt) == BELT) and not (slot == "now" and full)

    def say(self, name: str, x: int, y: int, what: str = "") -> None:
        """Record an event."""
        self.events.append(Event(name, x, y, what))

    @property
    def way_to_hero(self) -> dict[Cell, int]:
        """The steps from the cells around the hero to the hero."""
        if self._field_cell != self.hero.cell:
            self._field_cell = self.hero.cell
            self._field = self.depth.grid.distances([self.hero.cell], _FIELD)
        return self._field

    def step(self, keys: Keys) -> None:
        """Advance by one sixtieth of a second."""
        self.events = []
        if self.over or self.below:
            return
        if self.offers:
            if 1 <= keys.choose <= len(self.offers):
                self._learn(self.offers[keys.choose - 1])
            return
        self.clock += 1
        self.depth.clock += 1
        self.hero.pass_time()
        self._move_hero(keys)
        self._strike_or_talk(keys.act)
        if 1 <= keys.use <= len(self.hero.belt):
            name = self.hero.belt.pop(keys.use - 1)
            use(self, name)
            self.say("used", self.hero.x, self.hero.y, name)
        for monster in list(self.depth.monsters):
            if monster.health > 0:
                act(self, monster)
        for person in self.depth.people:
            stroll(self, person)
        self._fly()
        self._touch()
        if self.over:
            self.say("died", self.hero.x, self.hero.y, self.killer)

    def _move_hero(self, keys: Keys) -> None:
        hero, before = self.hero, self.hero.cell
        if keys.dx or keys.dy:
            self.alone = ""
        elif keys.explore or keys.travel:
            self.alone = "explore" if keys.explore else "travel"
        dx, dy = keys.dx, keys.dy
        if self.alone:
            if any(event.name in ("notice", "wounded") for event in self.events) or self._danger():
                self.alone = ""
            else:
                way = way_alone(self)
                if way is None:
                    self.alone = ""
                else:
                    dx, dy = way
        self.depth.grid.walk(hero, dx, dy, hero.speed)
        self._open_door(dx, dy)
        if hero.cell != before:
            self._look()

    def _danger(self) -> bool:
        """Whether a monster that pursues the hero is in sight."""
        hero = self.hero
        return any(
            monster.awake and monster.near(hero.x, hero.y, 8 * CELL) and monster.cell in self.way_to_hero
            for monster in self.depth.monsters
        )

    def _open_door(self, dx: int, dy: int) -> None:
        row, column = self.hero.cell
        for cell in ((row, column + dx), (row + dy, column)):
            lock = self.depth.doors.get(cell)
            if lock is None:
                continue
            if lock in self.hero.keys:
                self.depth.grid.open[cell[0]][cell[1]] = True
                del self.depth.doors[cell]
                self._field_cell = None
                self.say("opened", *middle(cell))
            elif self.hero.stride == 0 and self.clock % 30 == 0:
                self.say("locked", *middle(cell))

    def _look(self) -> None:
        """Add what the hero sees from here to the cells seen."""
        grid, looked, (row, column) = self.depth.grid, self.depth.looked, self.hero.cell
        eyes = self.hero.eyes
        for down in range(-eyes, eyes + 1):
            for across in range(-eyes, eyes + 1):
                cell = row + down, column + across
                if cell in looked or down * down + across * across > eyes * eyes:
                    continue
                if grid.is_open(cell) and grid.sees((row, column), cell):
                    looked.add(cell)
                    self.depth.seen.update((cell[0] + i, cell[1] + j) for i in (-1, 0, 1) for j in (-1, 0, 1))

    def _strike_or_talk(self, pressed: bool) -> None:
        hero = self.hero
        if pressed:
            near = [
                number for number, one in enumerate(self.depth.people) if one.near(hero.x, hero.y, 2 * CELL)
            ]
            if near and not hero.rest:
                hero.rest = STEPS_PER_SECOND // 2
                self.say("talk", hero.x, hero.y, str(near[0]))
            elif not near and hero.strike():
                self.say("swing", hero.x, hero.y)
        if hero.swing:
            x, y = (
                hero.x + hero.facing[0] * hero.reach * 3 // 4,
                hero.y + hero.facing[1] * hero.reach * 3 // 4,
            )
            for monster in list(self.depth.monsters):
                reach = hero.reach + (100 if monster.kind == "boss" else 0)
                if monster.struck != hero.strokes and monster.near(x, y, reach):
                    monster.struck = hero.strokes
                    self.depth.grid.move(monster, hero.facing[0] * _KNOCK, hero.facing[1] * _KNOCK)
                    self.wound_monster(monster, hero.damage)

    def wound_monster(self, monster: Monster, damage: int) -> None:
        """Take health from a monster, which dies at 0."""
        if monster.health <= 0:
            return
        monster.health -= damage
        monster.awake = True
        if monster.kind != "boss":
            monster.stunned = max(monster.stunned, 14)
        self.say("hit", monster.x, monster.y, monster.kind)
        if monster.health > 0:
            return
        self.depth.monsters.remove(monster)
        self.say("killed", monster.x, monster.y, monster.kind)
        hero = self.hero
        hero.kills += 1
        if hero.thirst and hero.kills % max(1, 6 - hero.thirst) == 0:
            hero.heal(2)
        if monster.kind == "jelly" and not monster.small:
            divide(self, monster)
        if monster.booty:
            self.depth.pickups.append(drop(*middle(monster.cell), self.depth.number, self.depth.dice))
            self.depth.pickups[-1].what = monster.booty
        elif self.depth.dice.below(10) == 0 or monster.kind == "boss":
            self.depth.pickups.append(drop(*middle(monster.cell), self.depth.number, self.depth.dice))
        self._gain(1 if monster.small else monster.about.reward)

    def wound_hero(self, damage: int, cause: str) -> None:
        """Take health from the hero, unless just wounded."""
        if self.hero.wound(damage):
            self.killer = cause
            self.say("wounded", self.hero.x, self.hero.y, cause)

    def _gain(self, experience: int) -> None:
        hero = self.hero
        hero.experience += experience
        if hero.experience >= hero.next_level and not self.offers:
            hero.level += 1
            hero.heal(4)
            dice = Dice(mix(self.seed ^ hero.level << 32))
            left = list(PERKS)
            self.offers = tuple(left.pop(dice.below(len(left))) for _ in range(3))
            self.say("level", hero.x, hero.y)

    def _learn(self, perk: Perk) -> None:
        setattr(self.hero, perk.name, getattr(self.hero, perk.name) + perk.gain)
        if perk.name == "most_health":
            self.hero.heal(perk.gain)
        self.offers = ()
        self.say("learnt", self.hero.x, self.hero.y, perk.name)
        self._gain(0)

    def _fly(self) -> None:
        """Move what was thrown until it hits the hero or a wall."""
        left = []
        for shot in self.depth.shots:
            shot.x, shot.y, shot.left = shot.x + shot.dx, shot.y + shot.dy, shot.left - 1
            if self.hero.near(shot.x, shot.y, _SHOT_REACH):
                self.wound_hero(shot.damage, "shot")
            elif shot.left and self.depth.grid.is_open((shot.y // CELL, shot.x // CELL)):
                left.append(shot)
        self.depth.shots = left

    def _touch(self) -> None:
        """Pick up items, step on traps, and take the stairs."""
        hero, depth = self.hero, self.depth
        for pickup in list(depth.pickups):
            if hero.near(pickup.x, pickup.y, _PICK_REACH) and self._pick_up(
                pickup.what, pickup.power, pickup.lock
            ):
                depth.pickups.remove(pickup)
                self.say("picked", pickup.x, pickup.y, pickup.what)
        if hero.cell in depth.traps and depth.trap_is_up(hero.cell):
            self.wound_hero(1 + depth.number // 3, "trap")
        if hero.cell == depth.plan.exit:
            if depth.boss is None:
                self.below = True
                self.say("stairs", hero.x, hero.y)
            elif self.clock % 60 == 0:
                self.say("closed", hero.x, hero.y)

    def _pick_up(self, what: str, power: int, lock: int) -> bool:
        hero = self.hero
        if what == "key":
            hero.keys.add(lock)
        elif what == "treasure":
            found = drop(hero.x, hero.y, self.depth.number + 1, self.depth.dice)
            if found.what == "meal" or not self._pick_up(found.what, found.power, -1):
                self._gain(5)
            else:
                self.say("found", hero.x, hero.y, found.what)
        elif ITEMS[what].slot == "now":
            if hero.health == hero.most_health:
                return False
            use(self, what)
        elif not hero.take(what, power):
            if ITEMS[what].slot == "belt":
                return False
            self._gain(2)  # worse than what is worn: sold
        return True

    def digest(self) -> str:
        """Return a digest of the whole state, for comparisons of runs."""
        depth = self.depth
        state = (
            asdict(self.hero) | {"keys": sorted(self.hero.keys)},
            [
                asdict(one)
                for part in (depth.monsters, depth.people, depth.shots, depth.pickups)
                for one in part
            ],
            (
                depth.number,
                depth.clock,
                depth.dice.state,
                sorted(depth.doors),
                len(depth.seen),
                depth.grid.open,
            ),
            (self.seed, self.clock, self.alone, [perk.name for perk in self.offers], self.below, self.killer),
        )
        return hashlib.sha256(repr(state).encode()).hexdigest()
