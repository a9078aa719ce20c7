"""Errors that PlanBuilder raises at once: arrays of the wrong type or shape. The executor checks the rest."""

import numpy as np
import pytest

from tilewright import _core

from .bad_plans import (
    MAP,
    NOISE,
    TABLE,
    conv2d,
    conv_transpose2d,
    dense,
    new_plan,
    ones,
    sampler,
    scores,
)


@pytest.mark.parametrize(
    ("add_step", "text"),
    [
        (
            lambda p: dense(p, weights=ones(3, 64, dtype=np.int16)),
            "dense(): weights must be a C-contiguous array of int8 (any, any), not int16 (3, 64)",
        ),
        (
            lambda p: dense(p, bias=ones(3, dtype=np.int64)),
            "dense(): bias must be a C-contiguous array of int32 (any), not int64 (3)",
        ),
        (
            lambda p: dense(p, multiplier=ones(3, dtype=np.float64)),
            "dense(): multiplier must be a C-contiguous array of float32 (any), not float64 (3)",
        ),
        (
            lambda p: dense(p, weights=ones(64, 3).T),
            "dense(): weights must be a C-contiguous array of int8 (any, any), "
            "not int8 (3, 64) with gaps or in another order",
        ),
        (
            lambda p: conv2d(p, weights=ones(4, 3, 4)),
            "conv2d(): weights must be a C-contiguous array of int8 (any, any, any, any), not int8 (4, 3, 4)",
        ),
        (
            lambda p: scores(p, weights=ones(4, 9, 4)),
            "scores(): weights must be a C-contiguous array of int8 (any, any, any, any), not int8 (4, 9, 4)",
        ),
        (
            lambda p: conv_transpose2d(p, weights=ones(4, 2, 8, 4)),
            "conv_transpose2d(): weights must be a C-contiguous array of int8 (any, 4, 4, any), "
            "not int8 (4, 2, 8, 4)",
        ),
        (
            lambda p: conv_transpose2d(p, bias=ones(4, dtype=np.int32)),
            "conv_transpose2d(): bias must be a C-contiguous array of int32 (4, 4), not int32 (4)",
        ),
        (
            lambda p: p.lookup(MAP, np.zeros(255, dtype=np.uint8)),
            "lookup(): table must be a C-contiguous array of uint8 (256), not uint8 (255)",
        ),
        (
            lambda p: p.embed(MAP, np.zeros(8, dtype=np.uint8)),
            "embed(): table must be a C-contiguous array of uint8 (any, any), not uint8 (8)",
        ),
        (
            lambda p: p.embed_cells(MAP, MAP, np.zeros((2, 8), dtype=np.uint8)),
            "embed_cells(): table must be a C-contiguous array of uint8 (any, any, any), not uint8 (2, 8)",
        ),
        (
            lambda p: sampler(p, 0, noise=NOISE.astype(np.int64)),
            "sampler(): noise must be a C-contiguous array of int32 (any), not int64 (4096)",
        ),
        (
            lambda p: sampler(p, 0, method="gibbs"),
            "sampler(): method must be 'masked' or 'autoregressive', not 'gibbs'",
        ),
        (
            lambda p: p.input("sounds", (4,)),
            "input(): source must be 'latents', 'kind', 'cells', 'kind_map' or 'words', not 'sounds'",
        ),
    ],
)
def test_what_the_builder_cannot_take_is_refused(add_step, text):
    with pytest.raises(ValueError) as caught:
        add_step(new_plan())
    assert str(caught.value) == f"PlanBuilder.{text}"


def test_a_latent_table_has_an_entry_for_each_byte():
    with pytest.raises(ValueError) as caught:
        _core.PlanBuilder(1, TABLE[:255])
    text = "PlanBuilder(): latent_table must be a C-contiguous array of int8 (256), not int8 (255)"
    assert str(caught.value) == text
