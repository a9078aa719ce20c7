import pytest

from tilewright import _core

from .small_plan import build_plan


@pytest.fixture(scope="session")
def executor() -> _core.Executor:
    """An executor of the small plan."""
    return _core.Executor(build_plan())
