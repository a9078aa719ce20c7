"""How monsters behave: each function moves one monster by one step."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .depth import Monster, Person, Shot, spawn
from .grid import CELL, HEADINGS, downhill, towards

if TYPE_CHECKING:
    from .run import Run

_SHOT_SPEED = 26
_ALARM = 240  # steps for which a monster that has seen the hero pursues


def act(run: "Run", monster: Monster) -> None:
    """Let a monster act, if it can, and wound the hero if it touches."""
    if monster.stunned:
        monster.stunned -= 1
        return
    monster.timer -= 1
    _notice(run, monster)
    BEHAVIOURS[monster.about.behaviour](run, monster)
    if monster.near(run.hero.x, run.hero.y, monster.size):
        run.wound_hero(monster.damage, monster.kind)


def _notice(run: "Run", monster: Monster) -> None:
    if monster.awake or (run.depth.clock + monster.look) % 8:
        return
    here, there = monster.cell, run.hero.cell
    far = abs(here[0] - there[0]) + abs(here[1] - there[1])
    if far <= monster.about.sight and run.depth.grid.sees(here, there):
        monster.awake = True
        run.say("notice", monster.x, monster.y, monster.kind)


def _pursue(run: "Run", monster: Monster, speed: int) -> None:
    """Walk towards the hero around walls."""
    field = run.way_to_hero
    here = monster.cell
    if here == run.hero.cell:
        dx = _sign(run.hero.x - monster.x, 30)
        dy = _sign(run.hero.y - monster.y, 30)
    elif here in field:
        dx, dy = towards(monster, downhill(field, here))
    else:
        monster.awake = False
        return
    run.depth.grid.walk(monster, dx, dy, speed)


def _flee(run: "Run", monster: Monster, speed: int) -> None:
    """Walk away from the hero, along walls."""
    dx, dy = _sign(monster.x - run.hero.x, 1) or 1, _sign(monster.y - run.hero.y, 1) or 1
    if not run.depth.grid.walk(monster, dx, dy, speed):
        run.depth.grid.walk(monster, *HEADINGS[run.depth.dice.below(4)], speed)


def stroll(run: "Run", person: Person) -> None:
    """Let a person walk about, and stand still while the hero is near."""
    person.timer -= 1
    if person.near(run.hero.x, run.hero.y, 2 * CELL):
        person.stride = 0
    else:
        _wander(run, person, 5)


def _wander(run: "Run", monster: Monster | Person, speed: int) -> None:
    """Walk in a direction for a while, then in another."""
    if monster.timer <= 0:
        monster.timer = 40 + run.depth.dice.below(60)
        choice = run.depth.dice.below(6)  # two in six: stand still
        monster.heading = HEADINGS[choice] if choice < 4 else (0, 0)
    if not run.depth.grid.walk(monster, *monster.heading, speed) and monster.heading != (0, 0):
        monster.timer = 0


def chase(run: "Run", monster: Monster) -> None:
    """Wander, and run after the hero once seen."""
    if monster.awake:
        _pursue(run, monster, monster.about.speed)
    else:
        _wander(run, monster, monster.about.speed // 2)


def patrol(run: "Run", monster: Monster) -> None:
    """Walk to and fro in a line; pursue for a while after seeing the hero, then return to it."""
    if monster.awake:
        _pursue(run, monster, monster.about.speed)
        if monster.timer < -_ALARM:
            monster.awake, monster.timer = False, 0
        return
    if monster.heading == (0, 0):
        monster.heading = HEADINGS[run.depth.dice.below(4)]
    if not run.depth.grid.walk(monster, *monster.heading, monster.about.speed // 2):
        across, down = monster.heading
        turned = (-across, -down) if run.depth.dice.below(4) else (down, across)
        monster.heading = turned
    monster.timer = max(monster.timer, 0)


def shoot(run: "Run", monster: Monster) -> None:
    """Keep a distance, and throw at a hero in sight."""
    hero = run.hero
    if not monster.awake:
        _wander(run, monster, monster.about.speed // 2)
    elif not run.depth.grid.sees(monster.cell, hero.cell):
        _pursue(run, monster, monster.about.speed)
    else:
        if monster.near(hero.x, hero.y, 3 * CELL):
            _flee(run, monster, monster.about.speed)
        if monster.timer <= 0:
            monster.timer = 110
            _throw(run, monster, hero.x - monster.x, hero.y - monster.y)


def split(run: "Run", monster: Monster) -> None:
    """Chase in jumps; in two when killed (`divide`)."""
    if monster.timer <= -30:
        monster.timer = 20
    if not monster.awake:
        if monster.timer < 0:
            _wander(run, monster, monster.about.speed)
    elif monster.timer < 0:
        _pursue(run, monster, 2 * monster.about.speed)


def divide(run: "Run", monster: Monster) -> None:
    """Leave two small ones where a large one died."""
    for aside in (-50, 50):
        part = spawn(monster.kind, monster.cell, run.depth.number, run.depth.dice)
        part.small, part.awake, part.look = True, True, monster.look
        part.health = part.most_health = max(1, part.health // 2)
        run.depth.grid.move(part, monster.x + aside - part.x, monster.y - part.y)
        run.depth.monsters.append(part)


def ambush(run: "Run", monster: Monster) -> None:
    """Lie still until the hero is near, then rush."""
    if monster.awake:
        _pursue(run, monster, monster.about.speed)
        if monster.timer < -150:
            monster.awake, monster.timer = False, 120
    else:
        monster.stride = 0
        monster.timer = max(monster.timer, 0)


def steal(run: "Run", monster: Monster) -> None:
    """Take an item from the belt by touch and flee with it."""
    hero = run.hero
    if monster.booty:
        _flee(run, monster, monster.about.speed)
        return
    if not monster.awake:
        _wander(run, monster, monster.about.speed // 2)
        return
    _pursue(run, monster, monster.about.speed)
    if hero.belt and monster.near(hero.x, hero.y, monster.size):
        monster.booty = hero.belt.pop(run.depth.dice.below(len(hero.belt)))
        hero.safe = max(hero.safe, 30)
        run.say("stolen", hero.x, hero.y, monster.booty)


def boss(run: "Run", monster: Monster) -> None:
    """Pursue, rush now and then, throw rings of shots, and call others when half dead."""
    if not monster.awake:
        return
    phase = run.depth.clock % 420
    weak = 2 * monster.health < monster.most_health
    if phase < 200:
        _pursue(run, monster, monster.about.speed)
    elif phase < 260:
        if phase % 30 == 20:
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1), (3, 3), (-3, 3), (3, -3), (-3, -3)):
                _throw(run, monster, dx, dy)
    elif phase < 330:
        _pursue(run, monster, monster.about.speed + 9)
    elif phase == 380 and weak and len(run.depth.monsters) < 40 and run.depth.biome.monsters:
        kinds = run.depth.biome.monsters
        helper = spawn(
            kinds[run.depth.dice.below(len(kinds))], monster.cell, run.depth.number, run.depth.dice
        )
        helper.awake = True
        run.depth.monsters.append(helper)
        run.say("called", monster.x, monster.y, helper.kind)


def _throw(run: "Run", monster: Monster, dx: int, dy: int) -> None:
    longest = max(abs(dx), abs(dy), 1)
    shot = Shot(
        monster.x, monster.y, dx * _SHOT_SPEED // longest, dy * _SHOT_SPEED // longest, monster.damage
    )
    run.depth.shots.append(shot)
    run.say("shot", monster.x, monster.y, monster.kind)


def _sign(value: int, slack: int) -> int:
    return 0 if abs(value) < slack else (1 if value > 0 else -1)


BEHAVIOURS: dict[str, Callable[["Run", Monster], None]] = {
    function.__name__: function for function in (chase, patrol, shoot, split, ambush, steal, boss)
}
