"""The tests of tests/ops on the stand-in: imported here, they use this module's `run_op`."""

from typing import Any

import pytest

from ..ops.conftest import RunOp, make_run_op
from ..ops.test_add import *  # noqa: F403
from ..ops.test_concat import *  # noqa: F403
from ..ops.test_conv2d import *  # noqa: F403
from ..ops.test_conv_transpose2d import *  # noqa: F403
from ..ops.test_dense import *  # noqa: F403
from ..ops.test_embed import *  # noqa: F403
from ..ops.test_embed_cells import *  # noqa: F403
from ..ops.test_lookup import *  # noqa: F403
from ..ops.test_max_pool import *  # noqa: F403
from ..ops.test_mean import *  # noqa: F403
from ..ops.test_nearest import *  # noqa: F403
from ..ops.test_scores import *  # noqa: F403
from ..ops.test_slice import *  # noqa: F403


@pytest.fixture(params=("shared", "global"))
def run_op(request: pytest.FixtureRequest, core: Any) -> RunOp:
    return make_run_op(core, request.param)
