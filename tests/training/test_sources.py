"""Who made the art: SOURCE.json, a licence file, or nobody knows."""

import json
from pathlib import Path

import pytest

from tilewright_training.art.sources import Source, find_source
from tilewright_training.dataset import read_art

from .drawn import draw_folder

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
