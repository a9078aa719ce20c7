import pytest

from tilewright import _core

from .small_plan import build_plan


@pytest.fixture(scope="session")
def executor() -> _core.Executor:
    """The small plan, ready to run."""
    return _core.Executor(build_plan())
