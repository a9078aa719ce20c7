"""Sources of the art: SOURCE.json, a licence file, or neither."""

import json
import re
from pathlib import Path

import pytest

import tilewright as tw
from tilewright.errors import DataError
from tilewright.files import is_printable_line
from tilewright.pack import open_pack, packs
from tilewright_training.art import gather
from tilewright_training.art.sources import Source, find_source
from tilewright_training.config import preset
from tilewright_training.data.dataset import read_art
from tilewright_training.doctor.build import build_set
from tilewright_training.export.export import export_run
from tilewright_training.run import training_loop
from tilewright_training.run.run_folder import RunFolder

from ..drawn import draw_folder

FACTS = {"name": "Caves", "licence": "CC0-1.0", "author": "A. Painter"}


def test_the_nearest_statement_counts(tmp_path: Path) -> None:
    art = tmp_path / "art"
    (art / "wall").mkdir(parents=True)
    (tmp_path / "SOURCE.json").write_text(json.dumps(FACTS))
    assert find_source(art / "wall", art) == Source("Caves", "CC0-1.0", "A. Painter")
    (art / "wall" / "SOURCE.json").write_text(json.dumps({"name": "Walls", "license": "MIT"}))
    assert find_source(art / "wall", art) == Source("Walls", "MIT", "unknown")


def test_a_licence_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "art" / "wall").mkdir(parents=True)
    (tmp_path / "art" / "License.txt").write_text("do as you please")
    assert find_source(tmp_path / "art" / "wall", tmp_path / "art") == Source(
        "art", "see License.txt", "unknown"
    )


def test_nothing_said_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    assert find_source(tmp_path / "art", tmp_path / "art") == Source("art", "unknown", "unknown")


@pytest.mark.parametrize("text", ["", "[1]", "{", "[" * 100_000, '"name"', "\udcff"])
def test_a_statement_that_is_none_is_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "SOURCE.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert find_source(tmp_path, tmp_path).licence == "unknown"


def test_what_a_stranger_wrote_is_one_printable_line(tmp_path: Path) -> None:
    (tmp_path / "SOURCE.json").write_text(
        json.dumps({"name": "a\x1b[2J\nb", "author": 7, "licence": "x" * 999})
    )
    source = find_source(tmp_path, tmp_path)
    assert source == Source("a [2J b", "x" * 200, "unknown")


def test_only_sources_that_gave_a_tile_are_named(tmp_path: Path) -> None:
    for name in ("first", "second"):
        draw_folder(tmp_path / name, 4)
        (tmp_path / name / "SOURCE.json").write_text(json.dumps({**FACTS, "name": name}))
    data, _ = read_art([tmp_path / "first", tmp_path / "second"], 16)
    assert [source.name for source in data.sources] == ["first"]


ODD_NAMES = ["art \U0001f469\u200d\U0001f3a8", "x" * 250, "bell \x07", "\x1b[31m"]


@pytest.mark.parametrize("name", ODD_NAMES, ids=["emoji", "long", "bell", "escape"])
def test_a_folder_of_any_name_trains_exports_and_is_built(tmp_path: Path, name: str) -> None:
    art = draw_folder(tmp_path / "art" / name, 4, ("floor", "water"))
    (art / "SOURCE.json").unlink()
    (art / "floor" / "LICENSE.\x1bx").write_text("")
    data, _ = read_art([art], 16)
    for source in data.sources:
        assert all(
            is_printable_line(value) and value for value in (source.name, source.licence, source.author)
        )
    assert data.sources[0].licence == "see LICENSE. x"
    build_set([art], 16, tmp_path / "set")
    assert read_art([tmp_path / "set"], 16)[0].sources == data.sources
    config = preset(
        "tiny", steps=1, threads=1, batch=2, wrap=True, channels=(8, 8, 8), critic_channels=(8, 8, 8)
    )
    run = RunFolder.create(tmp_path / "run", config, training_loop.describe(data, config))
    training_loop.train(run, data)
    export_run(run, tmp_path / f"{name[:40]}.onnx")
    assert tw.load(tmp_path / f"{name[:40]}.onnx").sources == data.sources


def test_a_recipe_states_the_licence_of_all_pictures_or_some(tmp_path: Path) -> None:
    art = draw_folder(tmp_path / "art", 2, ("floor", "water"))
    (art / "SOURCE.json").write_text(json.dumps({**FACTS, "licence": "CC0 or unclear, by tier"}))
    rules = '[[rule]]\nmatch = "floor/*"\nkind = "floor"\n[[rule]]\nmatch = "*"\nkind = "water"\nlicence = "CC0-1.0"\n'
    (tmp_path / "some.toml").write_text(rules)
    (tmp_path / "all.toml").write_text('licence = "CC-BY-4.0"\n' + rules)
    for name, licence in ("some", "CC0 or unclear, by tier"), ("all", "CC-BY-4.0"):
        data, _ = read_art([art], 16, kinds=tmp_path / f"{name}.toml")
        assert [source.licence for source in data.sources] == [licence, "CC0-1.0"]


def test_bundled_packs_state_the_licences_of_licences_md() -> None:
    """`tilewright inspect` prints the licences of LICENSES.md, pack by pack."""
    text = (Path(__file__).parents[3] / "LICENSES.md").read_text()
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line[:2] == "| "
    ]

    def first(licence: str) -> str:
        return licence.split(";")[0].replace(" ", "-")

    for name in packs():
        stated = {first(row[3]) for row in rows if name in re.split(r"[,( ]+", row[0])}
        assert {first(source.licence) for source in open_pack(name).sources} == stated


def test_a_name_that_is_nothing_when_printed(tmp_path: Path) -> None:
    (tmp_path / "\u200d").mkdir()
    assert find_source(tmp_path / "\u200d", tmp_path / "\u200d").name == "unknown"


def test_too_many_sources_are_refused_before_an_hour_of_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather, "MAX_NAMES", 2)
    draw_folder(tmp_path, 2)
    with pytest.raises(DataError, match="3 kinds of 1 sources, more than 2; merge some in a recipe"):
        read_art([tmp_path], 16)
