"""Depths can be finished, and a seed is the same game on every backend."""

import os
import subprocess
import sys

import pytest

from tilewright import _core
from tilewright_demo.bot import play_badly, play_well
from tilewright_demo.rules.depth import Plan
from tilewright_demo.rules.keys import Keys
from tilewright_demo.survey import Ended, survey, unreachable, whole_run

from .small_run import plan_of_rows

SCRIPT = """
from tilewright_demo.assets import names_of, plan_of
from tilewright_demo.bot import play_well
from tilewright_demo.rules.run import Run
for depth in (1, 4, 5):
    run = Run(7, plan_of, first=depth)
    for _ in range(60):
        run.step(play_well(run))
    print(run.digest(), names_of(7, depth))
"""


def test_what_lies_behind_its_own_door_is_found():
    assert unreachable(plan_of_rows("#######", "#@k.+>#", "#######")) == set()
    assert unreachable(plan_of_rows("#######", "#@.+k>#", "#######")) == {(1, 4), (1, 5)}
    nested = Plan(((True,) * 6,), (0, 0), (0, 5), (((0, 2), 0), ((0, 4), 1)), (((0, 1), 0), ((0, 3), 1)), ())
    assert unreachable(nested) == set()


def test_depths_can_be_finished_and_a_bot_finishes_them(monkeypatch):
    made = survey(range(2), range(1, 3), play=False)
    assert (made.depths, made.faults) == (4, [])
    hall = plan_of_rows("########", "#@..k..#", "#......#", "####+###", "#......#", "#....>.#", "########")
    monkeypatch.setattr("tilewright_demo.survey.plan_of", lambda seed, depth: hall)
    made = survey(range(2), range(1, 3), play=True)
    assert made.faults == [] and made.steps > 0


def test_a_good_player_gets_farther_than_a_bad_one():
    bad, good = (whole_run(0, bot, 1) for bot in (play_badly, play_well))
    assert (bad.depth, good.depth) == (1, 1) and bad.how not in ("alive", "stuck") and good.how == "alive"
    assert bad.walls == good.walls == 0 and good.steps > 0


def test_a_bot_that_does_not_move_is_stuck(monkeypatch):
    hall = plan_of_rows("#######", "#@...>#", "#######")
    monkeypatch.setattr("tilewright_demo.survey.plan_of", lambda seed, depth: hall)
    monkeypatch.setattr("tilewright_demo.survey._MOST_STEPS", 20)
    assert whole_run(0, lambda run: Keys(), 1) == Ended(0, 1, 21, "stuck", 0)


def test_faults_are_counted(monkeypatch):
    closed = plan_of_rows("#####", "#@#>#", "#####")
    monkeypatch.setattr("tilewright_demo.survey.plan_of", lambda seed, depth: closed)
    monkeypatch.setattr("tilewright_demo.survey._MOST_STEPS", 50)
    assert [fault.partition(": ")[2] for fault in survey(range(1), range(1, 2), play=True).faults] == [
        "no way to [(1, 3)]",
        "the bot does not find the stairs",
    ]


@pytest.mark.unsanitized("three processes, each with an interpreter of its own")
def test_three_depths_are_the_same_game_on_every_backend():
    wanted = {"scalar", "avx2", _core.backends()[0]} & set(_core.backends())
    told = set()
    for backend in sorted(wanted):
        environment = os.environ | {"TILEWRIGHT_BACKEND": backend}
        done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        told.add(done.stdout)
    assert len(told) == 1 and told.pop().count("Names(") == 3
