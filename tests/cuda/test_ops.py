"""The tests of every op, over the stand-in."""

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from ..ops.conftest import RunOp, make_run_op

OPS = (
    "add",
    "concat",
    "conv2d",
    "conv_transpose2d",
    "dense",
    "embed",
    "embed_cells",
    "lookup",
    "nearest",
    "scores",
    "slice",
)


def collect(op: str) -> dict[str, Callable[..., None]]:
    found = vars(importlib.import_module(f"..ops.test_{op}", __package__))
    return {f"{name}_of_{op}": test for name, test in found.items() if name.startswith("test_")}


@pytest.fixture(params=("shared", "global"))
def run_op(request: pytest.FixtureRequest, core: Any) -> RunOp:
    return make_run_op(core, request.param)


for _op in OPS:
    globals().update(collect(_op))
