"""The source distribution and the wheel, built from a clean checkout and used without it.

TILEWRIGHT_WHEEL names a finished wheel to test instead (`make wheel`). Otherwise the wheel takes the compiled extension
of this environment, because compiling one takes more than a minute.
"""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import tilewright as tw
from tilewright import _core

TREE = Path(__file__).parent.parent
FOLDERS = {
    "python/tilewright": "tilewright",
    "training": "tilewright_training",
    "demo_game": "tilewright_demo",
    "benchmarks": "tilewright_benchmarks",
}


def _run(*command: object, cwd: Path) -> str:
    """What a command prints. Its environment does not lead to this source tree."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    texts = [str(part) for part in command]
    done = subprocess.run(texts, cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{texts}: {done.stdout}{done.stderr}"
    return done.stdout


def _build(what: str, source: Path, made: Path, settings: dict[str, str]) -> Path:
    """The file that the build backend makes of a source tree."""
    program = f"from scikit_build_core import build; build.build_{what}({str(made)!r}, {settings})"
    _run(sys.executable, "-c", program, cwd=source)
    (archive,) = made.iterdir()
    return archive


def _tracked() -> set[str]:
    if not (TREE / ".git").exists():
        pytest.skip("no git checkout")
    listed = _run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=TREE)
    return {name for name in listed.split("\0") if name and (TREE / name).exists()}


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of a copy that has no build outputs."""
    checkout, made = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("sdist")
    for name in _tracked():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(TREE / name, checkout / name)
    return _build("sdist", checkout, made, {})


@pytest.fixture(scope="module")
def wheel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the unpacked source distribution, or the one of TILEWRIGHT_WHEEL."""
    if finished := os.environ.get("TILEWRIGHT_WHEEL"):
        return Path(finished).resolve()
    unpacked, made = tmp_path_factory.mktemp("unpacked"), tmp_path_factory.mktemp("wheel")
    with tarfile.open(request.getfixturevalue("sdist")) as archive:
        archive.extractall(unpacked, filter="data")
    (source,) = unpacked.iterdir()
    shutil.copy2(_core.__file__, source / "python" / "tilewright")
    settings = {"wheel.cmake": "false", "wheel.platlib": "true", "sdist.include": "python/tilewright/_core.*"}
    return _build("wheel", source, made, settings)


def test_the_source_distribution_has_every_tracked_file(sdist: Path) -> None:
    root = f"tilewright-{tw.__version__}/"
    with tarfile.open(sdist) as archive:
        names = {member.name.removeprefix(root) for member in archive.getmembers() if member.isfile()}
    expected = {name for name in _tracked() if not name.startswith((".ci/", ".github/"))}
    assert names == expected | {"PKG-INFO"}
    assert sdist.name == f"tilewright-{tw.__version__}.tar.gz"


def test_the_wheel_has_the_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        sizes = {info.filename: info.compress_size for info in archive.infolist() if not info.is_dir()}
    names = set(sizes)
    (extension,) = (name for name in names if re.fullmatch(r"tilewright/_core\..*(so|pyd)", name))
    expected = {extension}
    for name in _tracked():
        for folder, package in FOLDERS.items():
            if name.startswith(f"{folder}/") and not name.startswith("benchmarks/results/"):
                expected.add(package + name.removeprefix(folder))
    metadata = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE", "licenses/LICENSES.md"}
    assert names == expected | {f"tilewright-{tw.__version__}.dist-info/{name}" for name in metadata}
    assert {
        "tilewright/py.typed",
        "tilewright/_core.pyi",
        "tilewright/_pyinstaller/hook-tilewright.py",
    } <= names
    assert {Path(name).stem for name in names if name.endswith(".onnx")} == set(tw.packs())
    packs = sum(size for name, size in sizes.items() if name.endswith(".onnx"))
    bases = sum(size for name, size in sizes.items() if name.endswith(".safetensors"))
    assert packs < 1.1e7 and bases < 1.2e7  # docs/hacking.md has the parts
    assert sum(sizes.values()) - sizes[extension] - packs - bases < 8.5e5


def _required(package: str) -> set[str]:
    """A distribution and all that it requires, without extras."""
    found = {package}
    for text in importlib.metadata.requires(package) or ():
        need = Requirement(text)
        if need.name not in found and (need.marker is None or need.marker.evaluate({"extra": ""})):
            found |= _required(need.name)
    return found


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and the distributions that it requires, and no others; its bin folder."""
    place = tmp_path_factory.mktemp("fresh")
    venv.create(place, symlinks=True)
    bin_folder = place / ("Scripts" if os.name == "nt" else "bin")
    python = bin_folder / "python"
    packages = Path(
        _run(python, "-c", "import sysconfig; print(sysconfig.get_path('platlib'))", cwd=place).strip()
    )
    for name in sorted(_required("tilewright") - {"tilewright"}):
        for file in importlib.metadata.files(name) or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__") and not (packages / top).exists():
                (packages / top).symlink_to(importlib.metadata.distribution(name).locate_file(top))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--python", python]
    _run(*pip, "install", "--no-index", "--no-deps", wheel, cwd=place)
    return bin_folder


def test_the_wheel_works_without_the_source_tree(fresh: Path, tmp_path: Path) -> None:
    program = (
        "import hashlib, tilewright as tw; print(tw.__file__); "
        "print(hashlib.sha256(tw.generate_tiles(4, seed=7).tobytes()).hexdigest())"
    )
    place, tiles = _run(fresh / "python", "-W", "error", "-c", program, cwd=tmp_path).split()
    assert Path(place).is_relative_to(fresh.parent)
    ours = _run(sys.executable, "-W", "error", "-c", program, cwd=tmp_path).split()[1]
    assert tiles == ours
    command = fresh / "tilewright"
    assert _run(command, "--version", cwd=tmp_path) == f"tilewright {tw.__version__}\n"
    _run(command, "generate", "dawn-sprites", "-n", 4, "-o", "sheet.png", cwd=tmp_path)
    _run(command, "level", "--seed", 7, "-o", "level.png", cwd=tmp_path)
    told = _run(command, "doctor", cwd=tmp_path)
    assert "torch: not installed" in told and "onnx: not installed" in told
    assert {path.name for path in tmp_path.iterdir()} == {"sheet.png", "level.png"}
