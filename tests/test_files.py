"""Bounded reading, and atomic writing."""

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from tilewright.errors import DataError, MachineError
from tilewright.files import (
    MAX_TEXT_BYTES,
    printable_line,
    read_bounded,
    read_json,
    read_text,
    remove_left_over,
    write_atomically,
)

posix = pytest.mark.skipif(os.name != "posix", reason="links, modes and FIFOs of POSIX")


def test_reads_text_with_or_without_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read_text(path) == '{"a": 1}'
    assert read_json(path) == {"a": 1}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b" " * (MAX_TEXT_BYTES + 1), "more than 1048576 bytes"),
        (b"\xff", "not UTF-8 text"),
        (b"{", "not JSON: Expecting"),
        (b"[" * 100_000, "not JSON: nested too deeply"),
        (b"9" * 5_000, "not JSON: Exceeds the limit"),
    ],
    ids=["long", "bytes", "open", "deep", "digits"],
)
def test_text_of_a_stranger(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"a.json: {why}"):
        read_json(path)


@posix
def test_what_is_not_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name, why in (
        ("fifo", "not a regular file"),
        ("zero", "not a regular file"),
        ("gone", "No such file"),
    ):
        with pytest.raises(DataError, match=f"{name}: {why}"):
            read_bounded(tmp_path / name)
    with pytest.raises(DataError, match=r"Is a directory|not a regular file"):
        read_bounded(tmp_path)


@posix
def test_a_link_is_followed_on_demand(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("mine")
    (tmp_path / "link").symlink_to("text")
    assert read_text(tmp_path / "link") == "mine"
    with pytest.raises(DataError, match="link: a link, not a regular file"):
        read_text(tmp_path / "link", follow=False)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain", "plain"),
        ("art \U0001f469\u200d\U0001f3a8", "art \U0001f469 \U0001f3a8"),
        ("a\x1b[2J\nb", "a [2J b"),
        ("x" * 999, "x" * 200),
        ("\udcff", ""),
        ("y" * 199 + " z", "y" * 199),
    ],
)
def test_printable_line(text: str, line: str) -> None:
    assert printable_line(text) == line


def test_writes_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = (
        tmp_path / "new" / ("n" * 250 + ".png")
    )  # the longest allowed name; a temporary name must be shorter
    for content in (b"first", b"second"):
        write_atomically(path, content)
        assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


@posix
def test_modes(tmp_path: Path) -> None:
    private, fresh = tmp_path / "private", tmp_path / "fresh"
    private.write_bytes(b"old")
    private.chmod(0o600)
    before = os.umask(0o027)
    try:
        write_atomically(private, b"new")
        write_atomically(fresh, b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o640


@posix
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    for name, there in (("old", True), ("new", False)):
        target, link = tmp_path / "real" / name, tmp_path / name
        if there:
            target.write_bytes(b"old")
        link.symlink_to(target)
        write_atomically(link, b"written")
        assert link.is_symlink()
        assert target.read_bytes() == b"written"
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(MachineError, match=r"cannot write .*loop: Too many levels of symbolic links"):
        write_atomically(tmp_path / "loop", b"")


@posix
def test_a_fifo_is_written_to(tmp_path: Path) -> None:
    fifo, got = tmp_path / "fifo", []
    os.mkfifo(fifo)
    reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()))
    reader.start()
    write_atomically(fifo, b"through")
    reader.join()
    assert got == [b"through"]
    assert stat.S_ISFIFO(fifo.stat().st_mode)


@posix
def test_a_device_is_written_to() -> None:
    before = os.stat("/dev/null")
    write_atomically(Path("/dev/null"), b"lost")
    after = os.stat("/dev/null")
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)


@posix
def test_an_open_file_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        file.write(b"before ")
        file.flush()
        write_atomically(Path(f"/dev/fd/{file.fileno()}"), b"written ")
        file.write(b"after")
    assert path.read_bytes() == b"before written after"


def test_a_full_disk_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(b"old")

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MachineError, match=r"^cannot write .*page.html: No space left on device$"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_left_over_files_are_known_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*names: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        patch.setattr(Path, "unlink", lambda self, missing_ok: None)
        with pytest.raises(SystemExit):
            write_atomically(tmp_path / "step-00000004.png", b"half")
    for name in (".hidden", ".notes.tmp", "mine.0123abcd.tmp"):
        (tmp_path / name).write_text("")
    assert len(list(tmp_path.iterdir())) == 4
    remove_left_over(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".hidden", ".notes.tmp", "mine.0123abcd.tmp"]
