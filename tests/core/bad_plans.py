"""Plans with one step on a given map. A test may replace each argument by an invalid one."""

import numpy as np
import pytest

from tilewright import _core

TABLE = np.zeros(256, dtype=np.int8)
BYTES = np.zeros(256, dtype=np.uint8)
MAP = 0  # the given value of every plan
CELLS, KIND = 0, 1  # and a plan with a sampler
NOISE = np.zeros(4096, dtype=np.int32)


def new_plan(*shapes, kinds=2):
    """Latents that are a map of 4 x 4 x 4, or have other shapes."""
    plan = _core.PlanBuilder(kinds, TABLE)
    for shape in shapes or [(4, 4, 4)]:
        plan.input("latents", shape)
    return plan


def new_sampler_plan(shape=(4, 4), kinds=2):
    """Cells, then the kind."""
    plan = _core.PlanBuilder(kinds, TABLE)
    plan.input("cells", shape)
    plan.input("kind")
    return plan


def ones(*shape, dtype=np.int8):
    return np.ones(shape, dtype=dtype)


def dense(plan, x=MAP, shape=(3,), outputs=3, inputs=64, **changes):
    arguments = {
        "weights": ones(outputs, inputs),
        "bias": ones(outputs, dtype=np.int32),
        "multiplier": ones(outputs, dtype=np.float32),
        "zero_out": 0,
    }
    return plan.dense(x, shape, **(arguments | changes))


def conv2d(plan, x=MAP, kernel=3, inputs=4, outputs=4, **changes):
    arguments = {
        "weights": ones(outputs, kernel, kernel, inputs),
        "bias": ones(outputs, dtype=np.int32),
        "multiplier": ones(outputs, dtype=np.float32),
        "zero_in": 0,
        "zero_out": 0,
        "wrap": False,
    }
    return plan.conv2d(x, **(arguments | changes))


def conv_transpose2d(plan, x=MAP, inputs=4, **changes):
    arguments = {
        "weights": ones(4, 4, 4, inputs),
        "bias": ones(4, 4, dtype=np.int32),
        "multiplier": ones(4, dtype=np.float32),
        "zero_in": 0,
        "zero_out": 0,
        "wrap": False,
    }
    return plan.conv_transpose2d(x, **(arguments | changes))


def scores(plan, x=MAP, inputs=4, **changes):
    arguments = {
        "weights": ones(5, 1, 1, inputs),
        "bias": ones(5, dtype=np.int32),
        "zero_in": 0,
        "wrap": False,
    }
    return plan.scores(x, **(arguments | changes))


def add(plan, a=MAP, b=MAP, scale_a=1.0, scale_b=1.0):
    return plan.add(a, b, scale_a, scale_b, 0, 0, 0)


def embed_cells(plan, cells=CELLS, kind=KIND, kinds=2, entries=256, channels=4):
    return plan.embed_cells(kind, cells, np.zeros((kinds, entries, channels), dtype=np.uint8))


def step_network(plan, entries=6, bias=0):
    """Add a step network from cells to scores of five colours."""
    embedded = embed_cells(plan, entries=entries)
    return scores(plan, embedded, bias=np.full(5, bias, dtype=np.int32))


def sampler(plan, sums, **changes):
    arguments = {
        "method": "masked",
        "colours": 5,
        "steps": 4,
        "cells": CELLS,
        "scores": sums,
        "noise": NOISE,
    }
    plan.sampler(**(arguments | changes))


def refusal(plan, output=MAP):
    """Return the executor's error for the plan."""
    plan.output("result", output)
    with pytest.raises(ValueError) as caught:
        _core.Executor(plan)
    return str(caught.value)
