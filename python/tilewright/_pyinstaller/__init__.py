"""Support for games frozen with PyInstaller. The entry point `pyinstaller40` of pyproject.toml refers to this
module.

PyInstaller searches the folders of `get_hook_dirs` for hooks, and adds the files of `data_files` to the game.
"""

import importlib.metadata
from pathlib import Path

__all__ = ["data_files", "get_hook_dirs"]


def get_hook_dirs() -> list[str]:
    """Return the folders with hooks: this one."""
    return [str(Path(__file__).parent)]


def data_files() -> list[tuple[str, str]]:
    """Return the non-Python files of a frozen game as (file, folder in the game): packs, metadata and
    licences.
    """
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
