"""Replays and saved runs: what was played is played again, and damaged files are told in one line."""

import json

import pytest

from tilewright.errors import DataError
from tilewright_demo.assets import plan_of
from tilewright_demo.bot import play_well
from tilewright_demo.replay import Replay, advance, load_replay, verify
from tilewright_demo.rules.keys import Keys
from tilewright_demo.rules.run import Run
from tilewright_demo.saves import load_run, save_run, saved


@pytest.fixture(scope="module")
def played():
    run = Run(5, plan_of)
    replay = Replay(saved(run))
    for _ in range(400):
        keys = play_well(run)
        advance(run, keys)
        replay.add(keys, run)
    return run, replay


def test_a_replay_plays_the_same_game(played, tmp_path):
    run, replay = played
    loaded = load_replay(replay.save(tmp_path / "a.replay.json"))
    assert (loaded.start, loaded.keys, loaded.digests, loaded.steps) == (
        replay.start,
        replay.keys,
        replay.digests,
        400,
    )
    again, differs = verify(loaded, plan_of)
    assert differs is None and again.digest() == run.digest()


def test_the_first_second_that_differs_is_named(played):
    _, replay = played
    changed = Replay(replay.start, [list(pair) for pair in replay.keys], list(replay.digests), replay.steps)
    changed.digests[3] = "0" * 12
    assert verify(changed, plan_of)[1] == 4
    other = Replay(replay.start | {"seed": 6}, changed.keys, list(replay.digests), replay.steps)
    assert verify(other, plan_of)[1] == 1


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"\x00", b'{"replay": 2}', b'{"replay": 1}',
        b"[" * 10_000,
    ],
)  # fmt: skip
def test_damaged_replays_are_one_line(content, tmp_path):
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        load_replay(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"keys": [[99999, 1]]}, {"keys": [[5, 0]]}, {"keys": [[5, 999999999]]}, {"keys": [5]}, {"digests": 1},
        {"start": {}}, {"start": None},
    ],
)  # fmt: skip
def test_changed_replays_are_one_line(played, change, tmp_path):
    path = played[1].save(tmp_path / "bad.json")
    path.write_text(json.dumps(json.loads(path.read_bytes()) | change))
    with pytest.raises(DataError) as caught:
        load_replay(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_the_replay_of_a_continued_run(tmp_path):
    first = Run(9, plan_of)
    first.hero.weapon = 4
    first.descend()
    run = load_run(save_run(first, tmp_path / "save.json"), plan_of)
    replay = Replay(saved(run))
    for _ in range(130):
        keys = play_well(run)
        advance(run, keys)
        replay.add(keys, run)
    again, differs = verify(load_replay(replay.save(tmp_path / "a.json")), plan_of)
    assert differs is None and again.digest() == run.digest() and again.depth.number == 2


def test_a_saved_run_begins_at_its_depth(tmp_path):
    run = Run(9, plan_of)
    run.hero.belt, run.hero.weapon, run.hero.health = ["fire", "map"], 3, 7
    run.clock = 1234
    run.descend()
    loaded = load_run(save_run(run, tmp_path / "save.json"), plan_of)
    assert loaded.digest() == run.digest()
    for each in (run, loaded):
        for _ in range(100):
            each.step(Keys(1, 0, act=True))
    assert loaded.digest() == run.digest()


@pytest.mark.parametrize(
    "change",
    [
        {"save": 2}, {"depth": 0}, {"depth": "1"}, {"seed": -1}, {"hero": {}}, {"hero": None}, {"clock": 1.5},
        {"hero.health": 0}, {"hero.health": True}, {"hero.belt": ["sword of doom"]}, {"hero.belt": ["fire"] * 5},
        {"hero.might": 1 << 40}, {"hero.facing": [1]}, {"hero.new": 1},
    ],
)  # fmt: skip
def test_damaged_saves_are_one_line(change, tmp_path):
    path = save_run(Run(9, plan_of), tmp_path / "save.json")
    content = json.loads(path.read_bytes())
    for name, value in change.items():
        part, _, key = name.rpartition(".")
        (content[part] if part else content)[key] = value
    path.write_text(json.dumps(content))
    with pytest.raises(DataError) as caught:
        load_run(path, plan_of)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_a_missing_file_is_one_line(tmp_path):
    for load in (load_replay, lambda path: load_run(path, plan_of)):
        with pytest.raises(DataError, match="cannot be read"):
            load(tmp_path / "none.json")
