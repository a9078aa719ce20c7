"""Layering: which module may import which. Scans the syntax tree of Python files and the includes of C++
files.
"""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "python" / "tilewright"

# File or folder (longest match wins) -> modules that it must not import.
FORBIDDEN = {
    "python/tilewright": ("torch", "pygame", "onnxruntime", "tilewright._core", "onnx"),
    "python/tilewright/engine.py": ("torch", "pygame", "onnxruntime", "onnx"),
    "python/tilewright/surfaces.py": ("torch", "onnxruntime", "tilewright._core", "onnx"),
    "python/tilewright/level/solver.py": ("torch", "pygame", "onnxruntime", "onnx"),
    "python/tilewright/compiler": (
        "torch",
        "pygame",
        "onnxruntime",
        "tilewright._core",
        "tilewright.engine",
        "onnx",
    ),
    "training": ("pygame", "tilewright._core", "tilewright_demo"),
    "benchmarks": ("pygame", "tilewright._core", "tilewright_demo", "tilewright.cli"),
    "demo_game": ("torch", "onnx", "tilewright._core", "tilewright.compiler", "tilewright_training"),
}
# The packages of training/, lowest first. Each may import the earlier ones and the modules beside the
# packages.
TRAINING = (
    "art",
    "terrain",
    "data",
    "families",
    "watch",
    "doctor",
    "run",
    "export",
    "measures",
    "release",
    "experiments",
)
for _number, _folder in enumerate(TRAINING):
    _above = [f"tilewright_training.{name}" for name in TRAINING[_number + 1 :]]
    FORBIDDEN[f"training/{_folder}"] = (*FORBIDDEN["training"], *_above)
for _file in ("config.py", "config_ranges.py", "models.py", "size.py"):
    _above = [f"tilewright_training.{name}" for name in TRAINING]
    FORBIDDEN[f"training/{_file}"] = (*FORBIDDEN["training"], *_above)
# The same for C++: folder -> folders it must not include from.
FORBIDDEN_INCLUDES = {
    "csrc/core": ("cpu", "cuda", "no_cuda", "sampler", "level", "bindings", "pybind11", "cuda_runtime"),
    "csrc/ops": ("cpu", "cuda", "no_cuda", "sampler", "level", "bindings", "pybind11", "cuda_runtime"),
    "csrc/sampler": ("cpu", "cuda", "no_cuda", "level", "bindings", "pybind11", "cuda_runtime"),
    "csrc/cpu": ("cuda", "no_cuda", "level", "bindings", "pybind11", "cuda_runtime"),
    "csrc/cuda": ("cpu", "no_cuda", "level", "bindings", "pybind11"),
    "csrc/no_cuda": ("cpu", "cuda", "sampler", "level", "bindings", "pybind11", "cuda_runtime"),
    "csrc/level": ("cpu", "cuda", "no_cuda", "sampler", "bindings", "pybind11", "cuda_runtime"),
    "csrc/bindings": ("cpu", "cuda", "no_cuda", "cuda_runtime"),
}


INSTALLED_AS = {
    "training": "tilewright_training",
    "demo_game": "tilewright_demo",
    "benchmarks": "tilewright_benchmarks",
}


def python_files() -> list[Path]:
    folders = (PACKAGE, *(ROOT / name for name in ("training", "demo_game", "benchmarks")))
    return sorted(p for folder in folders for p in folder.rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Return all modules that a file imports, anywhere in the file, as absolute names."""
    package = INSTALLED_AS.get(path.relative_to(ROOT).parts[0], "tilewright")
    parents = [package, *path.relative_to(ROOT).parts[1:-1]]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = parents[: len(parents) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found.add(module)
            found.update(f"{module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("path", python_files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_python_imports(path: Path) -> None:
    place = str(path.relative_to(ROOT))
    law = max((key for key in FORBIDDEN if place == key or place.startswith(f"{key}/")), key=len)
    for module in imports(path):
        for banned in FORBIDDEN[law]:
            assert module != banned and not module.startswith(f"{banned}."), f"{place} imports {module}"


def test_every_package_of_training_has_its_place() -> None:
    folders = {path.parent.name for path in (ROOT / "training").glob("*/__init__.py")}
    files = {path.name for path in (ROOT / "training").glob("*.py")}
    assert folders == set(TRAINING)
    assert files == {"__init__.py", "config.py", "config_ranges.py", "models.py", "size.py"}


def test_the_package_names_what_it_imports() -> None:
    """A relative import would escape the check."""
    for path in PACKAGE.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text()))
        assert not [n for n in nodes if isinstance(n, ast.ImportFrom) and n.level > 0], path


def test_the_game_uses_public_names_only() -> None:
    # All files are read and written, and all errors of commands are printed, by these functions.
    shared = {
        *("tilewright.files", "tilewright.files.read_json", "tilewright.files.write_atomically"),
        *("tilewright.errors", "tilewright.errors.command_text"),
        *("tilewright.lore", "tilewright.music", "tilewright.sound"),
        *(f"tilewright.pictures{name}" for name in ("", ".read_picture", ".UnreadableError")),
    }
    for path in (ROOT / "demo_game").rglob("*.py"):
        public = {"tilewright", *shared}
        others = {m for m in imports(path) if not m.startswith("tilewright_demo")}
        assert {m for m in others if m.startswith("tilewright")} <= public, path


def test_the_rules_of_the_game_need_the_standard_library_only() -> None:
    for folder in ("rules", "content"):
        for path in (ROOT / "demo_game" / folder).rglob("*.py"):
            names = {module.partition(".")[0] for module in imports(path)}
            assert names <= sys.stdlib_module_names | {"tilewright_demo"}, path
            used = {module for module in imports(path) if module.startswith("tilewright_demo.")}
            assert all(
                module.startswith(("tilewright_demo.rules", "tilewright_demo.content")) for module in used
            ), path


def test_only_the_cli_reaches_for_training_game_and_benchmarks() -> None:
    banned = ("tilewright_training", "tilewright_demo", "tilewright_benchmarks")
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name != "cli":
            assert not any(m.startswith(banned) for m in imports(path)), path


@pytest.mark.parametrize("folder", FORBIDDEN_INCLUDES)
def test_includes(folder: str) -> None:
    files = [p for p in (ROOT / folder).rglob("*") if p.suffix in (".h", ".cpp", ".cu", ".cuh")]
    assert files
    for path in files:
        for header in re.findall(r'#include\s+[<"]([^>"]+)[>"]', path.read_text()):
            assert not header.startswith(FORBIDDEN_INCLUDES[folder]), f"{path.name} includes {header}"


def test_backends_sees_one_accessor_of_each_backend() -> None:
    for path in (ROOT / "csrc").glob("backends.*"):
        for header in re.findall(r'#include "([^"]+)"', path.read_text()):
            assert header.startswith(("core/", "backends")) or header.endswith("/backends.h"), header
