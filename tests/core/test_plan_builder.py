"""What the builder refuses at once: arrays of another form, and values that are not there yet."""

import numpy as np
import pytest

from tilewright import _core

from .bad_plans import (
    BYTES,
    MAP,
    NOISE,
    TABLE,
    add,
    conv2d,
    conv_transpose2d,
    dense,
    embed_cells,
    new_plan,
    ones,
    sampler,
    scores,
)


@pytest.mark.parametrize(
    ("shapes", "add_step", "text"),
    [
        (
            [],
            lambda p: dense(p, weights=ones(3, 64, dtype=np.int16)),
            "dense(): weights must be a C-contiguous array of int8 (any, any), not int16 (3, 64)",
        ),
        (
            [],
            lambda p: dense(p, bias=ones(3, dtype=np.int64)),
            "dense(): bias must be a C-contiguous array of int32 (any), not int64 (3)",
        ),
        (
            [],
            lambda p: dense(p, multiplier=ones(3, dtype=np.float64)),
            "dense(): multiplier must be a C-contiguous array of float32 (any), not float64 (3)",
        ),
        (
            [],
            lambda p: dense(p, weights=ones(64, 3).T),
            "dense(): weights must be a C-contiguous array of int8 (any, any), "
            "not int8 (3, 64) with gaps or in another order",
        ),
        (
            [],
            lambda p: conv2d(p, weights=ones(4, 3, 1, 4)),
            "conv2d(): weights must be a C-contiguous array of int8 (any, 3, 3, any), not int8 (4, 3, 1, 4)",
        ),
        (
            [],
            lambda p: scores(p, weights=ones(4, 9, 4)),
            "scores(): weights must be a C-contiguous array of int8 (any, any, any, any), not int8 (4, 9, 4)",
        ),
        (
            [],
            lambda p: conv_transpose2d(p, weights=ones(4, 2, 8, 4)),
            "conv_transpose2d(): weights must be a C-contiguous array of int8 (any, 4, 4, any), "
            "not int8 (4, 2, 8, 4)",
        ),
        (
            [],
            lambda p: conv_transpose2d(p, bias=ones(4, dtype=np.int32)),
            "conv_transpose2d(): bias must be a C-contiguous array of int32 (4, 4), not int32 (4)",
        ),
        (
            [],
            lambda p: p.lookup(MAP, np.zeros(255, dtype=np.uint8)),
            "lookup(): table must be a C-contiguous array of uint8 (256), not uint8 (255)",
        ),
        (
            [],
            lambda p: p.embed(MAP, np.zeros(8, dtype=np.uint8)),
            "embed(): table must be a C-contiguous array of uint8 (any, any), not uint8 (8)",
        ),
        (
            [],
            lambda p: p.embed_cells(MAP, MAP, np.zeros((2, 8), dtype=np.uint8)),
            "embed_cells(): table must be a C-contiguous array of uint8 (any, any, any), not uint8 (2, 8)",
        ),
        (
            [],
            lambda p: sampler(p, 0, noise=NOISE.astype(np.int64)),
            "sampler(): noise must be a C-contiguous array of int32 (any), not int64 (4096)",
        ),
        (
            [],
            lambda p: sampler(p, 0, method="gibbs"),
            "sampler(): method must be 'masked' or 'autoregressive', not 'gibbs'",
        ),
        # values
        ([], lambda p: conv2d(p, x=1), "conv2d(): x: there is no value 1 yet"),
        ([], lambda p: conv_transpose2d(p, x=2), "conv_transpose2d(): x: there is no value 2 yet"),
        ([], lambda p: scores(p, x=3), "scores(): x: there is no value 3 yet"),
        ([], lambda p: p.lookup(1, BYTES), "lookup(): x: there is no value 1 yet"),
        ([], lambda p: p.argmax(1), "argmax(): x: there is no value 1 yet"),
        ([], lambda p: p.concat([0, 4]), "concat(): xs: there is no value 4 yet"),
        ([], lambda p: add(p, a=1), "add(): a: there is no value 1 yet"),
        ([], lambda p: p.nearest(1, 0), "nearest(): x: there is no value 1 yet"),
        ([], lambda p: p.nearest(0, 1), "nearest(): palette: there is no value 1 yet"),
        ([], lambda p: embed_cells(p, 5), "embed_cells(): cells: there is no value 5 yet"),
        (
            [],
            lambda p: p.input("words", (4,)),
            "input(): source must be 'latents', 'kind' or 'cells', not 'words'",
        ),
        # their shapes
        ([(16, 4)], conv2d, "conv2d(): x must have 3 axes, not 2"),
        ([(4, 4, 4, 1)], scores, "scores(): x must have 3 axes, not 4"),
        ([(64,)], conv_transpose2d, "conv_transpose2d(): x must have 3 axes, not 1"),
        ([(64,)], lambda p: p.argmax(0), "argmax(): x must have 3 axes, not 1"),
        ([(16, 4), (2, 4)], lambda p: p.nearest(0, 1), "nearest(): x must have 3 axes, not 2"),
        ([(4, 4, 4), (64,)], lambda p: p.nearest(0, 1), "nearest(): palette must have 2 axes, not 1"),
        ([(2**40, 4, 4)], conv2d, "conv2d(): x has an axis of length 1099511627776"),
        ([(4, -4, 4)], conv_transpose2d, "conv_transpose2d(): x has an axis of length -4"),
        (
            [(2**20, 2**20, 4)],
            lambda p: p.argmax(0),
            "argmax(): x is too large, or has an axis shorter than 1",
        ),
        ([(0, 8)], lambda p: p.lookup(0, BYTES), "lookup(): x is too large, or has an axis shorter than 1"),
        ([(2**16, 2**16)], add, "add(): a is too large, or has an axis shorter than 1"),
        ([(8, 0)], lambda p: p.concat([0]), "concat(): xs is too large, or has an axis shorter than 1"),
    ],
)
def test_what_the_builder_cannot_take_is_refused(shapes, add_step, text):
    with pytest.raises(ValueError) as caught:
        add_step(new_plan(*shapes))
    assert str(caught.value) == f"PlanBuilder.{text}"


def test_a_latent_table_has_an_entry_for_each_byte():
    with pytest.raises(ValueError) as caught:
        _core.PlanBuilder(1, TABLE[:255])
    text = "PlanBuilder(): latent_table must be a C-contiguous array of int8 (256), not int8 (255)"
    assert str(caught.value) == text
