"""For games that PyInstaller freezes: the entry point `pyinstaller40` of pyproject.toml leads here.

PyInstaller looks for hooks in the folders that `get_hook_dirs` names, and adds the files of `data_files` to the game.
"""

import importlib.metadata
from pathlib import Path

__all__ = ["data_files", "get_hook_dirs"]


def get_hook_dirs() -> list[str]:
    """The folders with hooks: this one."""
    return [str(Path(__file__).parent)]


def data_files() -> list[tuple[str, str]]:
    """What a frozen game needs besides Python files, as (file, folder in the game): packs, metadata and licences."""
    package = Path(__file__).parent.parent
    packs = sorted((package / "packs").glob("*.onnx"))
    installed = importlib.metadata.distribution(package.name)
    metadata = [
        file
        for file in installed.files or ()
        if file.parts[0].endswith(".dist-info") and (file.name == "METADATA" or "licenses" in file.parts)
    ]
    return [
        *((str(pack), f"{package.name}/packs") for pack in packs),
        *((str(file.locate()), file.parent.as_posix()) for file in metadata),
    ]
