"""Run one op in the core on given bytes, for comparison with the reference."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tilewright import _core

Array = npt.NDArray[Any]
RunOp = Callable[..., Array]

NO_TABLE = np.zeros(256, dtype=np.int8)


@pytest.fixture(params=_core.backends())
def run_op(request: pytest.FixtureRequest) -> RunOp:
    """run_op(op, inputs, shape, **arguments): the op's output (N, *shape) for inputs uint8 (N, ...)."""
    return make_run_op(_core, request.param)


def make_run_op(core: Any, backend: str) -> RunOp:
    """Return run_op for a backend of `core`, which is _core or a similar module.

    The inputs are passed as the plan's latents, which are arbitrary bytes.
    """

    def run(
        op: str,
        inputs: Sequence[Array],
        shape: Sequence[int],
        *,
        kinds: npt.NDArray[np.int32] | None = None,
        joined: bool = False,
        **arguments: Any,
    ) -> Array:
        count = len(inputs[0]) if inputs else len(kinds) if kinds is not None else 1
        table_rows = len(arguments["table"]) if op in ("embed", "embed_cells") else 1
        if op == "embed_cells":  # indices from argmax may be any byte, so the core requires 256 rows
            table = arguments["table"]
            arguments["table"] = np.resize(table, (table_rows, 256, table.shape[2]))
            arguments["table"][:, : table.shape[1]] = table
            inputs = [np.eye(256, dtype=np.uint8)[inputs[0]]]
        latents = np.zeros((count, 0), dtype=np.uint8)
        if inputs:
            latents = np.concatenate([array.reshape(count, -1) for array in inputs], axis=1)
        plan = core.PlanBuilder(table_rows, NO_TABLE)
        values = [plan.input("latents", array.shape[1:]) for array in inputs]
        if op == "embed":
            values = [plan.input("kind")]
        elif op == "embed_cells":
            values = [None if kinds is None else plan.input("kind"), plan.argmax(*values)]
        operands: list[Any] = [values] if joined else list(values)
        if op == "dense":
            operands.append(tuple(shape))
        elif op == "slice":
            arguments["shape"] = tuple(shape)
        result = getattr(plan, op)(*operands, **arguments)
        signed = np.ascontiguousarray(latents ^ 0x80).view(np.int8)
        if op == "scores":  # a plan cannot return int32, so read the step's output from a trace
            plan.output("latents", values[0])
            executor = core.Executor(plan, backend)
            traces = [executor.trace(0, 0, None, row)[-1] for row in signed]
            return np.stack(traces).view(np.int32).reshape(count, *shape)
        plan.output("result", result)
        executor = core.Executor(plan, backend)
        return executor.run(0, 0, kinds, signed, count, 1)["result"].reshape(count, *shape)

    return run


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A generator per test, so results do not depend on the order of tests."""
    return np.random.default_rng(list(request.node.name.encode()))


@pytest.fixture
def draw(rng: np.random.Generator) -> Callable[..., Array]:
    """draw(dtype, shape): integers over the range of dtype, with frequent extremes."""

    def values(dtype: Any, shape: Sequence[int]) -> Array:
        limits = np.iinfo(dtype)
        array = rng.integers(limits.min, limits.max, size=shape, dtype=dtype, endpoint=True)
        array[rng.random(array.shape) < 0.1] = limits.max
        array[rng.random(array.shape) < 0.1] = limits.min
        return array

    return values


@pytest.fixture
def draw_multiplier(rng: np.random.Generator) -> Callable[..., npt.NDArray[np.float32]]:
    """draw_multiplier(outputs, taps): float32 factors that scale sums of `taps` products to about a byte.

    Some are powers of two, so that many products are exactly halfway between integers.
    """

    def values(outputs: int, taps: int) -> npt.NDArray[np.float32]:
        spread = np.exp2(rng.uniform(-1, 1, outputs)) / (64.0 * np.sqrt(taps))
        halves = np.exp2(-rng.integers(1, 12, outputs))
        return np.where(rng.random(outputs) < 0.5, spread, halves).astype(np.float32)

    return values
