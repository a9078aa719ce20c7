"""Settings for all tests."""

import os

import pytest

# Read when NumPy and torch are imported, and inherited by child processes. The matrices are small, and
# pytest-xdist uses the other cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

SANITIZED = any(name in os.environ.get("LD_PRELOAD", "") for name in ("libasan", "libtsan"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-references` writes the pictures that the screens of the game are compared with."""
    parser.addoption("--update-references", action="store_true", help="write reference pictures of the game")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked `unsanitized` under a sanitizer (`make sanitize`)."""
    for item in items:
        if SANITIZED and (marker := item.get_closest_marker("unsanitized")):
            item.add_marker(pytest.mark.skip(reason=marker.args[0]))
