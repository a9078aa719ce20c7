"""The build files name every source, and the build keeps to the laws of the numbers."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CMAKE = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
SOURCES = sorted(
    path.relative_to(ROOT).as_posix() for path in (ROOT / "csrc").rglob("*") if path.suffix in {".cpp", ".cu"}
)


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_is_compiled(source):
    assert re.search(rf"\b{re.escape(source)}\b", CMAKE), f"{source} is not in CMakeLists.txt"


def test_floats_are_neither_fused_nor_reordered():
    assert "-ffp-contract=off" in CMAKE
    assert "--fmad=false" in CMAKE
    assert "fast-math" not in CMAKE.replace("no fast-math", "")


def test_every_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = list(project["build-system"]["requires"]) + list(project["project"]["dependencies"])
    for extra in project["project"]["optional-dependencies"].values():
        wanted += extra
    pins = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    names = {re.split(r"[\[<>=]", requirement)[0].lower() for requirement in wanted} - {"tilewright"}
    assert names <= pins
