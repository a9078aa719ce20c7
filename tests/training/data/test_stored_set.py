"""Stored sets: the mapped arrays equal the written ones, and damaged sets are rejected."""

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest

from tilewright.errors import DataError, MachineError, UsageError
from tilewright_training.data import stored_set
from tilewright_training.data.dataset import read_art
from tilewright_training.data.stored_set import SetWriter
from tilewright_training.doctor.build import build_set

from ..drawn import draw_folder, draw_set, draw_sprite_folder, make_sheet, save


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    build_set([draw_folder(tmp_path / "art", 8)], 16, tmp_path / "set")
    return tmp_path / "set"


def test_a_set_is_the_same_data_as_its_folder(tmp_path: Path) -> None:
    folder = draw_sprite_folder(tmp_path / "art", 12)
    save(folder / "slime" / "sheet.png", make_sheet(draw_set(("wall", "floor"), 5), 5, 0, 1))
    read, report = read_art([folder], 16)
    built = build_set([folder], 16, tmp_path / "set")
    mapped, said = read_art([tmp_path / "set"], 16)
    assert isinstance(mapped.images, np.memmap)
    assert (mapped.digest, mapped.kinds, mapped.sources) == (read.digest, read.kinds, read.sources)
    assert mapped.vocabulary.digest == read.vocabulary.digest and mapped.vocabulary.words
    for name in ("images", "labels", "groups"):
        assert np.array_equal(getattr(mapped, name), getattr(read, name))
        assert getattr(mapped, name).dtype == getattr(read, name).dtype
    assert str(built) == str(report)
    assert (said.tiles, said.kinds) == (report.tiles, report.kinds)


def test_files_are_plain_npy(stored: Path) -> None:
    images = np.load(stored / "images.npy", allow_pickle=False)
    assert (images.dtype, images.shape) == (np.uint8, (24, 16, 16, 4))
    assert np.load(stored / "labels.npy", allow_pickle=False).tolist() == [0] * 8 + [1] * 8 + [2] * 8
    assert np.load(stored / "groups.npy", allow_pickle=False).dtype == np.int32
    assert sorted(path.name for path in stored.iterdir()) == [
        "groups.npy",
        "images.npy",
        "labels.npy",
        "set.json",
        "words.npy",
    ]


def test_a_set_is_given_alone(stored: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds tiles of 16 pixels, not 32: give that --size"):
        read_art([stored], 32)
    for folders, options in (([stored, tmp_path / "art"], {}), ([stored], {"transparent": True})):
        with pytest.raises(UsageError, match="is a set that was built: give it alone"):
            read_art(folders, 16, **options)


def test_nothing_is_left_of_a_set_that_failed(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    with pytest.raises(DataError, match="no pictures in"):
        build_set([tmp_path / "art"], 16, tmp_path / "set")
    with pytest.raises(KeyboardInterrupt), SetWriter(tmp_path / "set", 16) as writer:
        writer.add(np.zeros((16, 16, 4), np.uint8))
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["art"]


@pytest.mark.parametrize("failing", ["open", "fsync", "rename"])
def test_nothing_is_left_on_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    draw_folder(tmp_path / "art", 2)

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        if failing == "open":
            patch.setattr(stored_set, "open", full, raising=False)
        else:
            patch.setattr(os, failing, full)
        with pytest.raises(MachineError, match=r"cannot write .*set: No space left on device"):
            build_set([tmp_path / "art"], 16, tmp_path / "set")
    assert [path.name for path in tmp_path.iterdir()] == ["art"]


def test_an_existing_folder_is_never_overwritten(stored: Path, tmp_path: Path) -> None:
    before = (stored / "set.json").read_bytes()
    with pytest.raises(DataError, match="exists; name a new folder, or remove it first"):
        build_set([tmp_path / "art"], 16, stored)
    assert (stored / "set.json").read_bytes() == before


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("count", 25, "images.npy does not have|labels.npy does not have"),
        ("count", 10**15, "are impossible"),
        ("count", True, "are impossible"),
        ("count", ["x"] * 1000, r"\['x'(, 'x'){7}, tiles of size 16 are impossible"),
        ("count", -1, "are impossible"),
        ("size", 17, "images.npy does not have"),
        ("size", 10**9, "are impossible"),
        ("kinds", ["floor", "wall"], "its labels do not match its kinds"),
        ("kinds", ["floor", "floor", "wall"], "its kinds are not a list of different names"),
        ("kinds", "abc", "its kinds are not a list"),
        ("kinds", ["a", "b", "c\u001b[31m"], "its kinds are not a list"),
        ("sources", [{"name": "x"}], "a source needs a name"),
        ("sources", [{"name": 1, "licence": 2, "author": 3}], "a source needs a name"),
        ("digest", "0" * 64, "its content does not match its digest"),
        ("digest", None, "it has no digest"),
        ("version", 2, "not of version 1"),
        ("words", ["red"], "words.npy does not have"),
        ("words", "red", "its words are not a list of different words in lower case"),
        ("words", ["Red"], "its words are not a list of different words in lower case"),
        ("words", ["x" * 10_000], "its words are not a list of different words in lower case"),
        ("words", ["a\u001b", ""], "its words are not a list of different words in lower case"),
        ("words", ["red"] * 300, "its words are not a list of different words in lower case"),
        ("named", 1, "its words are not a list"),
        ("words_digest", None, "it has no digest of its words"),
        ("words_digest", "0" * 64, "its words do not match their digest"),
    ],
)
def test_hostile_facts(stored: Path, key: str, value: object, why: str) -> None:
    facts = json.loads((stored / "set.json").read_text("utf-8"))
    facts[key] = value
    (stored / "set.json").write_text(json.dumps(facts), "utf-8")
    with pytest.raises(DataError, match=f"is a damaged set .*({why})"):
        read_art([stored], 16)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 100_000, '{"version": 1}'])
def test_set_json_that_is_none(stored: Path, text: str) -> None:
    (stored / "set.json").write_text(text, "utf-8")
    with pytest.raises(DataError, match="is a damaged set"):
        read_art([stored], 16)


def test_a_set_without_words_is_read(stored: Path) -> None:
    """Sets of earlier versions have none."""
    facts = json.loads((stored / "set.json").read_text("utf-8"))
    for key in ("words", "named", "words_digest"):
        del facts[key]
    (stored / "set.json").write_text(json.dumps(facts), "utf-8")
    (stored / "words.npy").unlink()
    data, _ = read_art([stored], 16)
    assert data.vocabulary.words == () and data.vocabulary.has.shape == (24, 0)


@pytest.mark.parametrize("name", ["images", "labels", "groups", "words"])
def test_damaged_arrays(stored: Path, name: str) -> None:
    file = stored / f"{name}.npy"
    whole = file.read_bytes()
    object_header = whole.replace(b"|u1", b"|O8").replace(b"<i8", b"|O8").replace(b"<i4", b"|O8")
    flipped = whole[:-2] + bytes([whole[-2] ^ 255]) + whole[-1:]
    for bad in (whole[:-1], whole + b"x", b"", object_header, flipped):
        if name == "groups" and bad == flipped:
            bad = whole[:-1] + b"\x7f"  # an invalid group; groups are not part of the digest
        file.write_bytes(bad)
        with pytest.raises(DataError, match="is a damaged set"):
            read_art([stored], 16)


def test_links_and_missing_files(stored: Path) -> None:
    (stored / "labels.npy").rename(stored.parent / "labels.npy")
    with pytest.raises(DataError, match=r"labels\.npy does not have"):
        read_art([stored], 16)
    (stored / "labels.npy").symlink_to(stored.parent / "labels.npy")
    with pytest.raises(DataError, match=r"labels\.npy does not have"):
        read_art([stored], 16)
