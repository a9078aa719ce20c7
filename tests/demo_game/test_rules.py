"""The rules: walls block, monsters behave, items work, and runs are reproducible."""

import dataclasses
import itertools

import pytest

from tilewright_demo.assets import plan_of
from tilewright_demo.bot import play_well
from tilewright_demo.content.biomes import BIOMES, BOSS_EVERY, VILLAGE, VILLAGE_EVERY, biome_of
from tilewright_demo.content.items import ITEMS
from tilewright_demo.content.monsters import MONSTERS
from tilewright_demo.content.perks import PERKS
from tilewright_demo.rules.behaviours import BEHAVIOURS
from tilewright_demo.rules.dice import Dice
from tilewright_demo.rules.effects import EFFECTS
from tilewright_demo.rules.grid import CELL, Grid, middle
from tilewright_demo.rules.hero import Hero
from tilewright_demo.rules.keys import NO_KEYS, Keys
from tilewright_demo.rules.run import Run

from .small_run import run_on, stands_on_floor

HALL = ("##########", "#@.......#", "#........#", "#........#", "##########")


def steps(run, count, keys=NO_KEYS):
    """Take steps with the same keys, and return all events."""
    events = []
    for _ in range(count):
        run.step(keys)
        events += run.events
    return events


def names(events):
    return [event.name for event in events]


class TestContent:
    def test_what_the_tables_name_exists(self):
        assert {kind for biome in BIOMES for kind in biome.monsters} | {"boss"} == set(MONSTERS)
        assert {about.behaviour for about in MONSTERS.values()} == set(BEHAVIOURS)
        assert {item.effect for item in ITEMS.values() if item.slot in ("belt", "now")} == set(EFFECTS)
        assert {perk.name for perk in PERKS} <= {field.name for field in dataclasses.fields(Hero)}

    def test_depths_change_their_biome_and_villages_return(self):
        for seed in range(20):
            biomes = [biome_of(seed, depth) for depth in range(1, 41)]
            assert all(one is not two for one, two in itertools.pairwise(biomes))
            assert all(
                (biome is VILLAGE) == (depth % VILLAGE_EVERY == 0) for depth, biome in enumerate(biomes, 1)
            )
            assert set(biomes[:7]) == {*BIOMES, VILLAGE}

    def test_every_boss_depth_has_one_guardian(self):
        run = Run(3, plan_of)
        while run.depth.number < BOSS_EVERY:
            assert run.depth.boss is None
            run.descend()
        assert run.depth.boss is not None


class TestWalking:
    @pytest.mark.parametrize("seed", range(4))
    def test_nobody_enters_a_wall_whatever_is_pressed(self, seed):
        run, dice = Run(seed, plan_of), Dice(seed)
        run.hero.health = run.hero.most_health = 10_000
        visited = set()
        for _ in range(60):
            keys = Keys(dice.below(3) - 1, dice.below(3) - 1, act=bool(dice.below(2)))
            for _ in range(12):
                run.step(keys._replace(choose=1))
                assert stands_on_floor(run, run.hero)
                assert all(stands_on_floor(run, monster) for monster in run.depth.monsters)
            visited.add(run.hero.cell)
        assert len(visited) > 3

    def test_a_wall_stops_the_hero_right_at_it(self):
        run = run_on("#####", "#@..#", "#####")
        steps(run, 100, Keys(1))
        assert run.hero.x + 80 == 4 * CELL
        assert run.hero.stride == 0

    def test_corners_are_rounded(self):
        run = run_on("#####", "#@#.#", "#...#", "#####")
        run.hero.y += 300
        steps(run, 40, Keys(1))
        assert run.hero.cell == (2, 3)
        run.hero.x -= 60
        steps(run, 40, Keys(0, -1))
        assert run.hero.cell == (1, 3)

    def test_distances_are_those_of_a_search(self):
        grid = Grid([[glyph == "." for glyph in row] for row in ("....", ".##.", "...#")])
        assert grid.distances([(0, 0)]) == {
            (0, 0): 0, (0, 1): 1, (0, 2): 2, (0, 3): 3, (1, 0): 1, (1, 3): 4, (2, 0): 2, (2, 1): 3, (2, 2): 4,
        }  # fmt: skip
        assert not grid.sees((0, 1), (2, 1)) and grid.sees((0, 0), (0, 3))

    def test_doors_open_with_their_key_only(self):
        run = run_on("#########", "#k@.+..>#", "#########")
        steps(run, 60, Keys(1))
        assert run.hero.cell == (1, 3)
        steps(run, 60, Keys(-1))
        assert 0 in run.hero.keys
        events = steps(run, 150, Keys(1))
        assert "opened" in names(events) and run.below

    def test_the_hero_explores_alone_and_travels_to_the_stairs(self):
        run = run_on("##########", "#@..k#..>#", "#.##.+.$.#", "#....#...#", "##########")
        events = steps(run, 1, Keys(explore=True))
        while run.alone:
            events += steps(run, 1)
        assert [event.what for event in events if event.name == "picked"] == ["key", "treasure"]
        assert not run.below
        steps(run, 1, Keys(travel=True))
        steps(run, 200)
        assert run.below

    def test_walking_alone_ends_when_a_monster_comes(self):
        run = run_on(*HALL, monsters=[("hunter", (1, 8))])
        run.depth.monsters[0].awake = True
        steps(run, 3, Keys(explore=True))
        assert not run.alone


class TestFighting:
    def test_a_stroke_hits_once_what_is_in_front(self):
        run = run_on(*HALL, monsters=[("brute", (2, 2)), ("brute", (3, 7))])
        run.hero.x, run.hero.y = middle((2, 1))
        run.hero.facing = (1, 0)
        near, far = run.depth.monsters
        steps(run, 20, Keys(act=True))
        assert near.health == near.most_health - run.hero.damage
        assert far.health == far.most_health

    def test_killing_gives_experience_and_levels_a_choice_of_perks(self):
        run = run_on(*HALL, monsters=[("hunter", (1, 8))])
        run.hero.experience = run.hero.next_level - 1
        run.wound_monster(run.depth.monsters[0], 99)
        assert run.depth.monsters == [] and run.hero.level == 2
        assert len({perk.name for perk in run.offers}) == 3
        clock, perk = run.clock, run.offers[1]
        before = getattr(run.hero, perk.name)
        steps(run, 5, Keys(1))
        assert run.clock == clock, "time stands still until the player chooses"
        run.step(Keys(choose=2))
        assert getattr(run.hero, perk.name) == before + perk.gain and not run.offers

    def test_a_wound_protects_for_a_moment_and_the_last_one_kills(self):
        run = run_on(*HALL, monsters=[("hunter", (1, 1))])
        health = run.hero.health
        events = steps(run, 30)
        assert names(events).count("wounded") == 1 and run.hero.health == health - 2
        events = steps(run, 1000)
        assert run.over and run.killer == "hunter" and events[-1].name == "died"

    def test_armour_takes_a_part_but_never_all(self):
        hero = Hero(0, 0, armour=100)
        assert hero.wound(3) and hero.health == hero.most_health - 1


class TestBehaviours:
    def awake(self, kind, cell, rows=HALL):
        run = run_on(*rows, monsters=[(kind, cell)])
        run.hero.health = run.hero.most_health = 1000
        monster = run.depth.monsters[0]
        monster.awake = True
        return run, monster

    @pytest.mark.parametrize("kind", ["hunter", "swarmer", "brute", "guard", "jelly", "lurker"])
    def test_pursuers_come_around_walls(self, kind):
        run, _ = self.awake(kind, (1, 7), ("#########", "#@.#....#", "#.##.##.#", "#.......#", "#########"))
        assert "wounded" in names(steps(run, 900))

    def test_monsters_wake_when_they_see_the_hero(self):
        run = run_on(*HALL, monsters=[("hunter", (1, 6))])
        assert "notice" in names(steps(run, 10))
        run = run_on("######", "#@#..#", "######", monsters=[("hunter", (1, 4))])
        assert "notice" not in names(steps(run, 60))

    def test_shooters_throw_and_walls_stop_it(self):
        run, _ = self.awake("archer", (1, 7))
        events = names(steps(run, 300))
        assert "shot" in events and "wounded" in events
        assert all(run.depth.grid.is_open((shot.y // CELL, shot.x // CELL)) for shot in run.depth.shots)

    def test_a_jelly_divides_once(self):
        run, monster = self.awake("jelly", (2, 5))
        run.wound_monster(monster, 99)
        parts = list(run.depth.monsters)
        assert [part.small for part in parts] == [True, True]
        for part in parts:
            run.wound_monster(part, 99)
        assert run.depth.monsters == []

    def test_a_lurker_lies_still_until_the_hero_is_near(self):
        run = run_on(*HALL, monsters=[("lurker", (2, 7))])
        place = run.depth.monsters[0].x, run.depth.monsters[0].y
        steps(run, 100)
        assert (run.depth.monsters[0].x, run.depth.monsters[0].y) == place
        run.hero.x, run.hero.y = middle((2, 5))
        steps(run, 60)
        assert run.depth.monsters[0].awake

    def test_a_thief_flees_with_an_item_and_returns_it_when_killed(self):
        run, thief = self.awake("thief", (1, 3))
        run.hero.belt = ["fire"]
        assert "stolen" in names(steps(run, 200))
        assert run.hero.belt == [] and thief.booty == "fire"
        run.wound_monster(thief, 99)
        assert [thing.what for thing in run.depth.pickups] == ["fire"]

    def test_the_stairs_stay_closed_while_the_guardian_lives(self):
        run = run_on("#########", "#@.....>#", "#.......#", "#########", monsters=[("boss", (2, 4))])
        run.hero.x, run.hero.y = middle(run.depth.plan.exit)
        assert "closed" in names(steps(run, 70)) and not run.below
        run.wound_monster(run.depth.monsters[0], 999)
        run.offers = ()
        steps(run, 1)
        assert run.below

    def test_the_guardian_throws_rings_and_calls_others(self):
        run, guardian = self.awake("boss", (2, 6))
        guardian.health = guardian.most_health // 3
        events = names(steps(run, 500))
        assert events.count("shot") >= 8 and "called" in events


class TestItems:
    @pytest.mark.parametrize("name", [name for name, item in ITEMS.items() if item.slot == "belt"])
    def test_belt_items_do_what_they_say(self, name):
        run = run_on(*HALL, monsters=[("brute", (1, 4))], items=[(name, (1, 1))])
        run.hero.health = 1
        run.hero.safe = 10_000
        steps(run, 1)
        assert run.hero.belt == [name]
        before = run.digest()
        events = steps(run, 1, Keys(use=1))
        assert "used" in names(events) and run.hero.belt == [] and run.digest() != before
        done = {
            "heal": run.hero.health > 1,
            "strength": run.hero.damage == 4,
            "haste": run.hero.speed > run.hero.pace,
            "fire": run.depth.monsters[0].health < run.depth.monsters[0].most_health,
            "sleep": run.depth.monsters[0].stunned > 300,
            "reveal": len(run.depth.seen) == run.depth.grid.height * run.depth.grid.width,
            "return": run.hero.cell == run.depth.plan.start,
        }
        assert done[ITEMS[name].effect]

    def test_better_weapons_are_worn_and_worse_ones_sold(self):
        run = run_on(*HALL, items=[("blade", (1, 1))])
        steps(run, 1)
        assert run.hero.weapon == 3
        run = run_on(*HALL, items=[("blade", (1, 1))])
        run.hero.weapon = 5
        steps(run, 1)
        assert run.hero.weapon == 5 and run.hero.experience == 2 and run.depth.pickups == []

    def test_a_full_belt_leaves_the_item(self):
        run = run_on(*HALL, items=[("fire", (1, 1))])
        run.hero.belt = ["map"] * 4
        steps(run, 1)
        assert [thing.what for thing in run.depth.pickups] == ["fire"]

    def test_spikes_wound_while_they_are_up(self):
        run = run_on(*HALL)
        run.depth.traps = {(1, 1): 0}
        assert "wounded" in names(steps(run, 200))
        run = run_on(*HALL)
        run.depth.traps = {(1, 1): 60}
        assert "wounded" not in names(steps(run, 50))


class TestRuns:
    def test_keys_survive_packing(self):
        for number in range(4096):
            try:
                keys = Keys.unpack(number)
            except ValueError:
                continue
            assert keys.pack() == number
        with pytest.raises(ValueError, match="no keys"):
            Keys.unpack(4096)

    def test_the_same_keys_give_the_same_game(self):
        digests = []
        for _ in range(2):
            run, seen = Run(11, plan_of), []
            for step in range(900):
                if run.below:
                    run.descend()
                run.step(play_well(run))
                if step % 60 == 59:
                    seen.append(run.digest())
            digests.append(seen)
        assert digests[0] == digests[1] and len(set(digests[0])) == 15

    def test_villagers_talk(self):
        run = Run(3, plan_of)
        while run.depth.biome is not VILLAGE:
            run.descend()
        person = run.depth.people[0]
        run.hero.x, run.hero.y = person.x, person.y
        assert "talk" in names(steps(run, 2, Keys(act=True)))
        assert run.depth.monsters == []
