"""The PyInstaller hook for frozen games. PyInstaller itself is not needed: the test reads the variables of
the hook.
"""

import importlib.metadata
import runpy
import shutil
from pathlib import Path

import tilewright as tw


def _datas() -> list[tuple[str, str]]:
    (entry,) = [
        entry
        for entry in importlib.metadata.distribution("tilewright").entry_points
        if entry.group == "pyinstaller40"
    ]
    assert entry.name == "hook-dirs"
    (folder,) = entry.load()()
    found: list[tuple[str, str]] = runpy.run_path(str(Path(folder) / "hook-tilewright.py"))["datas"]
    return found


def test_a_frozen_game_has_packs_metadata_and_licences(tmp_path: Path) -> None:
    """Put into a folder as PyInstaller does, without the package itself."""
    for file, place in _datas():
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        shutil.copy(file, tmp_path / place)
    assert {path.stem for path in (tmp_path / "tilewright" / "packs").iterdir()} == set(tw.packs())
    (frozen,) = importlib.metadata.distributions(path=[str(tmp_path)])
    assert (frozen.name, frozen.version) == ("tilewright", tw.__version__)
    licences = {path.name for path in tmp_path.glob("*.dist-info/licenses/*")}
    assert licences == {"LICENSE", "LICENSES.md"}


def test_the_package_reads_no_other_files() -> None:
    """A file that is read at run time must be added to the hook."""
    package = Path(tw.__file__).parent
    others = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc", ".pyi", ".so", ".pyd")
    }
    assert others == {"py.typed", *(f"packs/{name}.onnx" for name in tw.packs())}
