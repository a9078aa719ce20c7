"""`tilewright doctor`."""

import importlib.metadata
import importlib.util
import platform

import typer

import tilewright
from tilewright import engine
from tilewright.pack import packs

# Distributions, and the modules that they provide.
_PACKAGES = {
    "numpy": "numpy",
    "onnx": "onnx",
    "Pillow": "PIL",
    "torch": "torch",
    "pygame": "pygame",
    "pygame-ce": "pygame",
    "onnxruntime": "onnxruntime",
    "onnxruntime-gpu": "onnxruntime",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor() -> None:
    """Report what is installed, what this machine can run and, if it cannot use a GPU, why.

    Example: tilewright doctor
    """
    print(f"tilewright {tilewright.__version__}, Python {platform.python_version()}")
    print(f"{platform.system()} {platform.machine()}; backends: {', '.join(engine.backends())}")
    print(f"GPU: {', '.join(engine.cuda_devices()) or engine.cuda_unavailable_reason()}")
    print(f"packs: {', '.join(packs()) or 'none bundled'}")
    for package in _PACKAGES:
        print(f"{package}: {_version(package)}")


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        # A frozen program has modules without metadata. Several packages may provide this package's module.
        alone = list(_PACKAGES.values()).count(_PACKAGES[package]) == 1
        found = alone and importlib.util.find_spec(_PACKAGES[package]) is not None
        return "installed, version unknown" if found else "not installed"
