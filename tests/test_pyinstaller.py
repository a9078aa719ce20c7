"""What PyInstaller finds of tilewright when it freezes a game. It is not needed here: it reads the same two names."""

import importlib.metadata
import runpy
from pathlib import Path

import tilewright as tw


def test_the_entry_point_leads_to_a_hook_with_the_packs() -> None:
    (entry,) = [
        entry
        for entry in importlib.metadata.distribution("tilewright").entry_points
        if entry.group == "pyinstaller40"
    ]
    assert entry.name == "hook-dirs"
    (folder,) = entry.load()()
    found = runpy.run_path(str(Path(folder) / "hook-tilewright.py"))["datas"]
    assert {Path(file).stem for file, _ in found} == set(tw.packs())
    assert {place for _, place in found} == {"tilewright/packs"}
    assert all(Path(file).is_file() for file, _ in found)


def test_the_package_reads_no_other_files() -> None:
    """Whoever adds a file that is read at run time adds it to the hook."""
    package = Path(tw.__file__).parent
    others = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc", ".pyi", ".so", ".pyd")
    }
    assert others == {"py.typed", *(f"packs/{name}.onnx" for name in tw.packs())}
