"""Settings for every test."""

import os

import pytest

# Read when NumPy and torch are imported, and by the processes that tests start. Their products are small here: more
# threads wait for one another, and the other cores have tests of their own to run.
os.environ.setdefault("OMP_NUM_THREADS", "1")

SANITIZED = any(name in os.environ.get("LD_PRELOAD", "") for name in ("libasan", "libtsan"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked `unsanitized` under a sanitizer (`make sanitize`)."""
    for item in items:
        if SANITIZED and (marker := item.get_closest_marker("unsanitized")):
            item.add_marker(pytest.mark.skip(reason=marker.args[0]))
