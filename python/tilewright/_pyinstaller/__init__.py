"""For games that PyInstaller freezes: the entry point `pyinstaller40` of pyproject.toml leads here.

PyInstaller looks for hooks in the folders that `get_hook_dirs` names, and adds the files of `data_files` to the game.
"""

from pathlib import Path

__all__ = ["data_files", "get_hook_dirs"]


def get_hook_dirs() -> list[str]:
    """The folders with hooks: this one."""
    return [str(Path(__file__).parent)]


def data_files() -> list[tuple[str, str]]:
    """What the package reads at run time besides Python: (file, folder in the frozen game) for each bundled pack."""
    package = Path(__file__).parent.parent
    packs = sorted((package / "packs").glob("*.onnx"))
    return [(str(pack), f"{package.name}/packs") for pack in packs]
