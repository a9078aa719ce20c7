"""Best runs and the gallery: kept in order, bounded, and never lost to a damaged file."""

import dataclasses
import json

import numpy as np
import pytest

import tilewright as tw
from tilewright_demo.assets import plan_of
from tilewright_demo.content.items import ITEMS
from tilewright_demo.content.monsters import MONSTERS
from tilewright_demo.records import BEST, MOST_SEEN, Records, Score, Seen, load_records
from tilewright_demo.rules.run import Event, Run
from tilewright_demo.screens.boxes import Dead
from tilewright_demo.screens.playing import Playing
from tilewright_demo.screens.records import RecordsScreen
from tilewright_demo.screens.title import Title

from .test_beginning import STILL, pixels


def score(depth, kills=0):
    return Score(depth, 1, kills, 60, 7, "Alrik", "a trap")


def picture(shade):
    return np.full((8, 8, 4), (shade, 0, 0, 255), np.uint8)


def test_the_best_runs_are_kept_in_order(tmp_path):
    records = Records(tmp_path)
    places = [records.add_run(score(depth)) for depth in (3, 5, 1, 4)]
    assert places == [0, 0, 2, 1]
    for _ in range(20):
        records.add_run(score(2))
    assert records.add_run(score(1)) == BEST
    assert [one.depth for one in records.best] == [5, 4, 3] + [2] * (BEST - 3)
    assert load_records(tmp_path) == records


def test_the_gallery_has_each_thing_once_and_the_newest(tmp_path):
    records = Records(tmp_path)
    for number in range(MOST_SEEN + 5):
        for _ in range(2):
            records.see(f"Gorvak {number}", "brute", 7, 1, picture(number % 256))
    assert len(records.seen) == MOST_SEEN and records.seen[0].name == "Gorvak 5"
    records.save()
    again = load_records(tmp_path)
    np.testing.assert_array_equal(again.seen[-1].pixels, picture((MOST_SEEN + 4) % 256))


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("scores", {"version": 2}), ("scores", {"best": 1}), ("scores", {"best": [{"depth": 1}]}),
        ("scores", {"best": [dataclasses.asdict(score(1)) | {"depth": -1}]}),
        ("scores", {"best": [dataclasses.asdict(score(1)) | {"hero": "\n"}]}),
        ("gallery", {"seen": None}), ("gallery", {"seen": [{"name": "x"}]}),
        ("gallery", {"seen": [dataclasses.asdict(Seen("a", "b", 1, 1, "AAAA"))]}),
        ("gallery", {"seen": [dataclasses.asdict(Seen("a", "b", -1, 1, ""))]}),
    ],
)  # fmt: skip
def test_a_damaged_file_is_told_and_kept_aside(file, change, tmp_path):
    records = Records(tmp_path)
    records.see("Gorvak", "brute", 7, 1, picture(9))
    records.add_run(score(3))
    path = tmp_path / f"tilewright-{file}.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | change))
    damaged = path.read_bytes()
    loaded = load_records(tmp_path)
    assert len(loaded.notes) == 1 and loaded.notes[0].startswith(f"tilewright-{file}.json is not read: ")
    assert len(loaded.best) == (file != "scores") and len(loaded.seen) == (file != "gallery")
    loaded.save()
    assert (tmp_path / f"tilewright-{file}.unread.json").read_bytes() == damaged
    assert load_records(tmp_path).notes == []


def test_what_is_met_gets_into_the_gallery(shared):
    playing = Playing(shared, Run(7, plan_of))
    kind = playing.scene.biome.monsters[0]
    for event in (Event("notice", 0, 0, kind), Event("killed", 0, 0, kind), Event("picked", 0, 0, "fire")):
        playing._remember(event)
    playing._remember(Event("picked", 0, 0, "key"))
    seen = shared.records.seen
    assert [(one.name, one.what) for one in seen] == [
        (playing.names.monsters[kind], kind),
        (playing.names.items["fire"], "fire"),
    ]
    np.testing.assert_array_equal(seen[0].pixels, playing.scene.monsters[kind][0, 0])


def test_a_death_gets_a_place_among_the_best_and_the_pages_turn(shared):
    playing = Playing(shared, Run(7, plan_of))
    for number in range(30):
        shared.records.see(f"Gorvak {number}", "brute", 7, 1, picture(number))
    playing.run.hero.health, playing.run.killer = 0, "trap"
    playing.step([], STILL)
    assert isinstance(playing.next, Dead) and "the best run so far" in playing.next.lines()
    title = Title(shared)
    title.step(["best"], STILL)
    shown = title.next
    assert isinstance(shown, RecordsScreen) and shown.pages == 3
    assert len({pixels(shown) for _ in range(3) if shown.step(["right"], STILL) is None}) == 3
    assert any(f"{playing.names.hero[:10]} " in row for row in shown._runs())
    shown.press("escape")
    assert shown.next is title and title.next is title


def test_a_full_disk_ends_no_game(shared, monkeypatch):
    def full(path, content):
        raise tw.MachineError(f"cannot write {path}: disk full")

    playing = Playing(shared, Run(7, plan_of))
    for module in ("kept", "saves", "replay"):
        monkeypatch.setattr(f"tilewright_demo.{module}.write_atomically", full)
    playing._save()
    assert "disk full" in playing.messages[-1]
    playing.run.hero.health = 0
    playing.step([], STILL)
    assert isinstance(playing.next, Dead) and "disk full" in playing.messages[-1]


def test_names_of_one_run_differ(shared):
    names = Playing(shared, Run(7, plan_of)).names
    assert set(names.items) == set(ITEMS) and len(set(names.items.values())) == len(ITEMS)
    assert set(names.monsters) == set(MONSTERS) - {"boss"}
    assert len(set(names.monsters.values())) == len(names.monsters)
