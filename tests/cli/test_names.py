"""`tilewright names`."""

from pathlib import Path

import pytest

import tilewright as tw

from .command import run


def test_prints_the_pack_s_names(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "names", "--kind", "town", "-n", "12", "--seed", "7")
    assert (code, err) == (0, "")
    names = tw.load("names").generate(12, kind="town", seed=7).text  # type: ignore[attr-defined]
    assert tuple(out.splitlines()) == names and all(name.strip() for name in names)


def test_writes_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "heroes.txt"
    code, out, _ = run(capsys, "names", "--kind", "hero", "-n", "3", "-o", str(file))
    assert code == 0 and out == f"3 names of names, seed 0: {file}\n"
    assert len(file.read_text().splitlines()) == 3


def test_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "names", "-n", "0") == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--kind", "car"), "names: unknown kind 'car'; names has demon, god, hero, monster,"),
        (("-n", "1000000"), "names: --count must be at most 100000, not 1000000"),
        (("-n", "-1"), "names: --count must be 0 or more, not -1"),
        (("--pack", "dawn-tiles"), "names: dawn-tiles generates square pictures, not names"),
    ],
)
def test_one_line_for_bad_input(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], text: str
) -> None:
    code, out, err = run(capsys, "names", *arguments)
    assert (code, out) == (2, "") and err.startswith(f"tilewright: {text}") and err.count("\n") == 1
