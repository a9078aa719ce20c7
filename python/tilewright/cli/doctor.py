"""`tilewright doctor`."""

import importlib.metadata
import platform

import typer

from tilewright import engine
from tilewright.pack import packs

_PACKAGES = ("numpy", "onnx", "Pillow", "torch", "pygame", "pygame-ce", "onnxruntime", "onnxruntime-gpu")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("doctor")(doctor)


def doctor() -> None:
    """Say what is installed, what this machine can run and, if it cannot use a GPU, why.

    Example: tilewright doctor
    """
    print(f"tilewright {importlib.metadata.version('tilewright')}, Python {platform.python_version()}")
    print(f"{platform.system()} {platform.machine()}; backends: {', '.join(engine.backends())}")
    print(f"GPU: {', '.join(engine.cuda_devices()) or engine.cuda_unavailable_reason()}")
    print(f"packs: {', '.join(packs()) or 'none bundled'}")
    for name in _PACKAGES:
        print(f"{name}: {_version(name)}")


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
