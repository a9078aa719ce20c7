"""Bots that play: a good one for tests and for self-play, and a bad one for comparison."""

from .content.items import ITEMS
from .rules.depth import Monster
from .rules.explore import explore_goals, travel_goals, way_to
from .rules.grid import CELL, downhill
from .rules.grid import towards as towards_cell
from .rules.keys import Keys
from .rules.run import Run

_PATIENCE = 300  # steps
_LIKED = ("most_health", "might", "hide", "swiftness", "thirst", "reach", "pace", "eyes")


def play_well(run: Run) -> Keys:
    """Return the keys of a careful player: fights what comes near, drinks in time, takes all items, then goes down."""
    if run.offers:
        best = min(range(len(run.offers)), key=lambda place: _LIKED.index(run.offers[place].name))
        return Keys(choose=best + 1)
    hero = run.hero
    foe = _nearest_foe(run)
    drink = _use(run, foe)
    if drink:
        return Keys(use=drink)
    # Now and then it gives up a pursuit: a hero and an archer may step to and fro for ever.
    patient = run.clock // _PATIENCE % 4 != 3
    if foe is not None and (patient or foe.near(hero.x, hero.y, CELL)):
        return _fight(run, foe)
    for goals in (explore_goals(run), _boss_cells(run), travel_goals(run)):
        way = way_to(run, goals)
        if way is not None:
            return Keys(*way)
    return Keys(dx=1 if hero.rest % 2 else -1)


def play_badly(run: Run) -> Keys:
    """Return the keys of a careless player: heads for the stairs, strikes all the time, and never uses an item."""
    if run.offers:
        return Keys(choose=1)
    way = way_to(run, travel_goals(run)) or way_to(run, _boss_cells(run)) or (0, 0)
    return Keys(*way, act=run.clock % 30 == 0)


def _boss_cells(run: Run) -> set[tuple[int, int]]:
    return {run.depth.boss.cell} if run.depth.boss is not None else set()


def _nearest_foe(run: Run) -> Monster | None:
    """Return the nearest monster that can reach the hero soon."""
    near = [
        monster
        for monster in run.depth.monsters
        if run.way_to_hero.get(monster.cell, 99) <= (7 if monster.awake else 3)
    ]
    return min(near, key=lambda one: (run.way_to_hero[one.cell], one.x, one.y), default=None)


def _use(run: Run, foe: Monster | None) -> int:
    """Return the place in the belt of something to use now, or 0."""
    hero = run.hero
    for place, name in enumerate(hero.belt):
        effect = ITEMS[name].effect
        wanted = {
            "heal": hero.health * 2 <= hero.most_health,
            "fire": foe is not None and hero.health * 2 <= hero.most_health,
            "sleep": foe is not None and hero.health * 3 <= hero.most_health,
            "strength": foe is not None and foe.kind == "boss",
            "haste": foe is not None and foe.kind == "boss",
            "reveal": True,
            "return": False,
        }
        if wanted[effect]:
            return place + 1
    return 0


def _fight(run: Run, foe: Monster) -> Keys:
    """Face the monster, strike when it is in reach, and step back while the arm rests."""
    hero = run.hero
    away_x, away_y = foe.x - hero.x, foe.y - hero.y
    facing = (_sign(away_x), 0) if abs(away_x) >= abs(away_y) else (0, _sign(away_y))
    aim_x, aim_y = hero.x + facing[0] * hero.reach * 3 // 4, hero.y + facing[1] * hero.reach * 3 // 4
    reach = hero.reach + (100 if foe.kind == "boss" else 0)
    in_reach = foe.near(aim_x, aim_y, reach - 20)
    close = foe.near(hero.x, hero.y, foe.size + 90)
    if hero.rest > 6 and close and not foe.stunned:
        back = (-_sign(away_x), -_sign(away_y))
        if run.depth.grid.fits(hero.x + back[0] * 40, hero.y + back[1] * 40):
            return Keys(*back)
    if in_reach and not hero.rest:
        return Keys(*facing, act=True)
    if in_reach:
        return Keys()
    if hero.cell == foe.cell or (abs(away_x) < CELL and abs(away_y) < CELL):
        return Keys(_sign(away_x), _sign(away_y))
    way = run.depth.grid.distances([foe.cell], 12)
    if hero.cell not in way:
        return Keys(*facing)
    return Keys(*towards_cell(hero, downhill(way, hero.cell)))


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)
