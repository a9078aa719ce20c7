"""The build files name every source, and the build follows the rules of docs/numerics.md."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CMAKE = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
SOURCES = sorted(
    path.relative_to(ROOT).as_posix() for path in (ROOT / "csrc").rglob("*") if path.suffix in {".cpp", ".cu"}
)
WITHOUT_INLINE_FUNCTIONS = {"cfloat", "cstddef", "cstdint", "ctime", "immintrin.h", "arm_neon.h"}


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_is_compiled(source):
    assert re.search(rf"\b{re.escape(source)}\b", CMAKE), f"{source} is not in CMakeLists.txt"


def test_warnings_are_errors_for_those_who_change_the_sources_only():
    """A newer compiler has more warnings, which must not break `pip install`."""
    assert re.search(r'option\(TILEWRIGHT_WERROR "[^"]*" OFF\)', CMAKE)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^STRICT := .*TILEWRIGHT_WERROR=ON$", makefile, re.MULTILINE)
    builds = re.findall(r"^\t.*install --editable.*$", makefile, re.MULTILINE)
    assert len(builds) == 2 and all("$(STRICT)" in line for line in builds)


def test_floats_are_neither_fused_nor_reordered():
    assert "-ffp-contract=off" in CMAKE
    assert "--fmad=false" in CMAKE
    assert "fast-math" not in CMAKE.replace("no fast-math", "")


def test_kernels_of_an_instruction_set_share_nothing_inline_with_the_rest():
    """The linker keeps one copy of an inline function, which must not be the one compiled for AVX-512."""
    seen = set()
    waiting = [ROOT / name for name in re.findall(r"set_source_files_properties\((\S+)", CMAKE)]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"#include <([^>]+)>", text)) <= WITHOUT_INLINE_FUNCTIONS, path.name
        waiting += {ROOT / "csrc" / name for name in re.findall(r'#include "([^"]+)"', text)} - seen
    assert ROOT / "csrc/cpu/convolve.h" in seen


def test_nothing_is_made_at_its_first_use():
    """A fork during the initialisation of a function-local static variable would deadlock the child.

    The guard variables of such statics have names that begin with _ZGV. Those of pybind11 are used with the
    GIL held, which a fork also holds.
    """
    built = sorted((ROOT / "build").glob("*/_core.*"), key=lambda path: path.stat().st_mtime)
    if not built or not shutil.which("nm"):
        pytest.skip("there is no nm, or no library that still has its names")
    listed = subprocess.run(["nm", built[-1]], check=True, capture_output=True, text=True).stdout
    assert "10tilewright" in listed
    names = [name for name in re.findall(r" (_ZGV\S+)", listed) if "10tilewright" in name]
    # CUDA's launch stubs have some; a forked child does not reach them.
    assert [name for name in names if "__device_stub__" not in name] == []


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
