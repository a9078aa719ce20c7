"""Plans with out-of-bounds accesses are rejected, and the text names the reason."""

import numpy as np
import pytest

from tilewright import _core

from .bad_plans import (
    BYTES,
    CELLS,
    MAP,
    add,
    conv2d,
    conv_transpose2d,
    dense,
    embed_cells,
    new_plan,
    new_sampler_plan,
    ones,
    refusal,
    scores,
)

# A step on the given map, and the error.
BAD_STEPS = [
    # values that are not there
    (lambda p: dense(p, x=1), "dense): the input is no input and no value that an earlier step wrote"),
    (lambda p: dense(p, x=2**63), "dense): the input is no input and no value that an earlier step wrote"),
    (lambda p: add(p, b=1), "add): input 1 is no input and no value that an earlier step wrote"),
    (lambda p: add(p, b=7), "add): input 1 is no input and no value that an earlier step wrote"),
    (lambda p: conv2d(p, x=1), "conv2d): the input is no input and no value that an earlier step wrote"),
    (lambda p: p.argmax(1), "argmax): the input is no input and no value that an earlier step wrote"),
    (lambda p: p.concat([0, 4]), "concat): input 1 is no input and no value that an earlier step wrote"),
    (lambda p: p.nearest(0, 1), "nearest): input 1 is no input and no value that an earlier step wrote"),
    (
        lambda p: embed_cells(p, 5, p.input("kind")),
        "embed_cells): input 1 is no input and no value that an earlier step wrote",
    ),
    # shapes
    (lambda p: dense(p, shape=(3, 0)), "dense): the output (3, 0) has an axis shorter than 1"),
    (lambda p: dense(p, shape=(-1, -3)), "dense): the output (-1, -3) has an axis shorter than 1"),
    (
        lambda p: dense(p, shape=(2**40, 2**40)),
        "dense): the output (1099511627776, 1099511627776) is too large",
    ),
    (lambda p: dense(p, shape=(2**28 + 1,)), "dense): the output (268435457) is too large"),
    (lambda p: dense(p, shape=(2, 2)), "dense): the output must hold 3 elements, not 4"),
    (lambda p: dense(p, inputs=63), "dense): the input must hold 63 elements, not 64"),
    (lambda p: conv2d(p, inputs=2), "conv2d): the input must be (4, 4, 2), not (4, 4, 4)"),
    (lambda p: scores(p, inputs=5), "scores): the input must be (4, 4, 5), not (4, 4, 4)"),
    (
        lambda p: conv_transpose2d(p, inputs=3),
        "conv_transpose2d): the input must be (4, 4, 3), not (4, 4, 4)",
    ),
    (lambda p: p.concat([]), "concat): the number of inputs must be 1 to 16, not 0"),
    (lambda p: p.concat([MAP] * 17), "concat): the number of inputs must be 1 to 16, not 17"),
    # counts
    (
        lambda p: p.embed(p.input("kind"), np.zeros((1, 64), dtype=np.uint8)),
        "embed): the number of rows in table must be 2 to 2147483647, not 1",
    ),
    (
        lambda p: p.embed(p.input("kind"), np.zeros((2, 0), dtype=np.uint8)),
        "embed): the output (0) has an axis shorter than 1",
    ),
    (lambda p: dense(p, weights=ones(0, 64)), "dense): the output must hold 0 elements, not 3"),
    (lambda p: dense(p, shape=()), "dense): the output must have 1 to 3 axes, not 0"),
    (lambda p: dense(p, shape=(3, 1, 1, 1)), "dense): the output must have 1 to 3 axes, not 4"),
    (lambda p: dense(p, weights=ones(3, 0)), "dense): the input must hold 0 elements, not 64"),
    (
        lambda p: scores(p, weights=ones(5, 3, 3, 0)),
        "scores): the input must be (4, 4, 0), not (4, 4, 4)",
    ),
    (lambda p: dense(p, bias=ones(2, dtype=np.int32)), "dense): bias must hold 3 values, not 2"),
    (lambda p: conv2d(p, bias=ones(3, dtype=np.int32)), "conv2d): bias must hold 4 values, not 3"),
    (lambda p: scores(p, bias=ones(4, dtype=np.int32)), "scores): bias must hold 5 values, not 4"),
    (
        lambda p: dense(p, multiplier=ones(4, dtype=np.float32)),
        "dense): multiplier must hold 3 values, not 4",
    ),
    (
        lambda p: conv2d(p, multiplier=ones(5, dtype=np.float32)),
        "conv2d): multiplier must hold 4 values, not 5",
    ),
    (
        lambda p: conv_transpose2d(p, multiplier=ones(3, dtype=np.float32)),
        "conv_transpose2d): multiplier must hold 4 values, not 3",
    ),
    # attributes
    (lambda p: conv2d(p, kernel=2), "conv2d): the kernel must be odd, not 2"),
    (lambda p: conv2d(p, kernel=33), "conv2d): the kernel must be 1 to 31, not 33"),
    (lambda p: conv2d(p, weights=ones(4, 1, 2, 4)), "conv2d): the kernel must be odd, not 2"),
    (lambda p: conv2d(p, weights=ones(4, 33, 1, 4)), "conv2d): the kernel must be 1 to 31, not 33"),
    (lambda p: conv2d(p, dilations=(0, 1)), "conv2d): dilations must be 1 to 1024, not 0"),
    (lambda p: scores(p, dilations=(1, 1025)), "scores): dilations must be 1 to 1024, not 1025"),
    (lambda p: dense(p, multiplier=np.float32([1, np.nan, 1])), "dense): multiplier must be finite"),
    (lambda p: dense(p, multiplier=np.float32([1, 1, np.inf])), "dense): multiplier must be finite"),
    (lambda p: p.mean(MAP, np.inf, 0, 0), "mean): multiplier must be finite"),
    (lambda p: p.mean(MAP, np.nan, 0, 0), "mean): multiplier must be finite"),
    (lambda p: add(p, scale_a=1e38), "add): the scales must be finite, and 255 times them too"),
    (lambda p: add(p, scale_b=float("nan")), "add): the scales must be finite, and 255 times them too"),
    # sums
    (lambda p: dense(p, bias=np.int32([0, 2**31 - 1, 0])), "dense): the sum of output 1 could leave int32"),
    (
        lambda p: conv_transpose2d(p, bias=np.full((4, 4), 2**31 - 5, dtype=np.int32)),
        "conv_transpose2d): the sum of output 0 could leave int32",
    ),
    (
        lambda p: scores(p, bias=np.int32([0, 0, 0, 0, -(2**31)])),
        "scores): the sum of output 4 could leave int32",
    ),
]


@pytest.mark.parametrize(("add_step", "text"), BAD_STEPS, ids=[text for _, text in BAD_STEPS])
def test_a_bad_step_is_refused(add_step, text):
    plan = new_plan()
    add_step(plan)
    assert refusal(plan) == f"Executor(): step 0 ({text}"


@pytest.mark.parametrize(
    ("shapes", "add_step", "text"),
    [
        ([(4, 4, 4), (63,)], lambda p: add(p, b=1), "add): input 1 must be (4, 4, 4), not (63)"),
        ([(4, 4, 4), (64,)], lambda p: add(p, b=1), "add): input 1 must be (4, 4, 4), not (64)"),
        ([(2, 8, 4), (4, 4, 4)], lambda p: add(p, b=1), "add): input 1 must be (2, 8, 4), not (4, 4, 4)"),
        (
            [(4, 4, 4), (7, 3)],
            lambda p: p.nearest(0, 1),
            "nearest): input 0 must be (4, 4, 3), not (4, 4, 4)",
        ),
        (
            [(4, 4, 1), (257, 1)],
            lambda p: p.nearest(0, 1),
            "nearest): the number of colours must be 1 to 256, not 257",
        ),
        (
            [(1, 1, 33026), (1, 33026)],
            lambda p: p.nearest(0, 1),
            "nearest): the number of channels must be 1 to 33025, not 33026",
        ),
        ([(1, 1, 257)], lambda p: p.argmax(0), "argmax): the number of channels must be 1 to 256, not 257"),
        ([(16, 4)], conv2d, "conv2d): the input must be (height, width, channels), not (16, 4)"),
        ([(4, 4, 4, 1)], scores, "scores): the input must be (height, width, channels), not (4, 4, 4, 1)"),
        ([(64,)], lambda p: p.argmax(0), "argmax): the input must be (height, width, channels), not (64)"),
        (
            [(64,)],
            conv_transpose2d,
            "conv_transpose2d): the input must be (height, width, channels), not (64)",
        ),
        (
            [(16, 4), (2, 4)],
            lambda p: p.nearest(0, 1),
            "nearest): input 0 must be (height, width, channels), not (16, 4)",
        ),
        (
            [(4, 4, 4), (64,)],
            lambda p: p.nearest(0, 1),
            "nearest): input 1 must be (colours, channels), not (64)",
        ),
        (
            [(1, 4, 4)],
            lambda p: p.max_pool(0),
            "max_pool): the input must have at least 2 rows and columns, not (1, 4, 4)",
        ),
        (
            [(4, 1, 4)],
            lambda p: p.max_pool(0),
            "max_pool): the input must have at least 2 rows and columns, not (4, 1, 4)",
        ),
        (
            [(8, 8)],
            lambda p: p.max_pool(0),
            "max_pool): the input must be (height, width, channels), not (8, 8)",
        ),
        (
            [(64,)],
            lambda p: p.mean(0, 1.0, 0, 0),
            "mean): the input must be (height, width, channels), not (64)",
        ),
        (
            [(4096, 2057, 1)],
            lambda p: p.mean(0, 1.0, 0, 0),
            "mean): the number of cells must be 1 to 8421504, not 8425472",
        ),
        ([(64,)], lambda p: p.slice(0, -1, (4,)), "slice): first must be 0 to 60, not -1"),
        ([(64,)], lambda p: p.slice(0, 49, (4, 2, 2)), "slice): first must be 0 to 48, not 49"),
        (
            [(64,)],
            lambda p: p.slice(0, 0, (65,)),
            "slice): the output must hold no more elements than the input",
        ),
        (
            [(64,)],
            lambda p: p.slice(0, 0, (2, 2)),
            "slice): the output must be features or a map, not (2, 2)",
        ),
        ([(4, 4, 4)], lambda p: p.slice(0, 0, (4,)), "slice): the input must be features, not (4, 4, 4)"),
    ],
)
def test_a_step_that_does_not_fit_its_values_is_refused(shapes, add_step, text):
    plan = new_plan(*shapes)
    add_step(plan)
    assert refusal(plan) == f"Executor(): step 0 ({text}"


def made_cells(plan, **arguments):
    return embed_cells(plan, plan.argmax(MAP), plan.input("kind"), **arguments)


@pytest.mark.parametrize(
    ("add_steps", "text"),
    [
        (
            lambda p: made_cells(p, kinds=1),
            "embed_cells): the number of tables must be 2 to 2147483647, not 1",
        ),
        (
            lambda p: made_cells(p, entries=255),
            "embed_cells): the number of rows in a table must be 256 to 256, not 255",
        ),
        (
            lambda p: made_cells(p, channels=0),
            "embed_cells): the output (4, 4, 0) has an axis shorter than 1",
        ),
        # scores where bytes are required: only argmax accepts them
        (lambda p: p.lookup(scores(p), BYTES), "lookup): the input must hold features, not sums"),
        (lambda p: dense(p, x=scores(p), inputs=80), "dense): the input must hold features, not sums"),
        (lambda p: conv2d(p, x=scores(p), inputs=5), "conv2d): the input must hold features, not sums"),
        (lambda p: p.concat([MAP, scores(p)]), "concat): input 1 must hold features, not sums"),
        # indices where features are required
        (lambda p: dense(p, x=p.argmax(MAP), inputs=16), "dense): the input must hold features, not indices"),
        (lambda p: p.lookup(p.argmax(MAP), BYTES), "lookup): the input must hold features, not indices"),
        (lambda p: add(p, *[p.argmax(MAP)] * 2), "add): input 0 must hold features, not indices"),
        (lambda p: p.max_pool(p.argmax(MAP)), "max_pool): the input must hold features, not indices"),
        (lambda p: p.mean(scores(p), 1.0, 0, 0), "mean): the input must hold features, not sums"),
        # the kind, which is for embed and embed_cells
        (
            lambda p: (p.argmax(MAP), p.lookup(p.input("kind"), BYTES)),
            "lookup): the input must hold features, not the kind",
        ),
        (
            lambda p: p.embed(p.lookup(MAP, BYTES), np.zeros((2, 4), dtype=np.uint8)),
            "embed): the input must hold the kind, not features",
        ),
        (
            lambda p: embed_cells(p, p.input("kind"), p.argmax(MAP)),
            "embed_cells): input 0 must hold the kind, not indices",
        ),
        (
            lambda p: embed_cells(p, p.lookup(MAP, BYTES), p.input("kind")),
            "embed_cells): input 1 must hold indices, not features",
        ),
    ],
)
def test_values_are_what_an_op_reads(add_steps, text):
    plan = new_plan()
    add_steps(plan)
    assert refusal(plan) == f"Executor(): step 1 ({text}"


def test_embedded_cells_are_not_too_large():
    plan = new_plan((64, 64, 4))
    made_cells(plan, channels=65537)
    text = "Executor(): step 1 (embed_cells): the output (64, 64, 65537) is too large"
    assert refusal(plan) == text


def test_the_step_is_named_by_its_number():
    plan = new_plan()
    plan.lookup(MAP, BYTES)
    dense(plan, inputs=1)
    assert refusal(plan) == "Executor(): step 1 (dense): the input must hold 1 elements, not 64"


def with_step(shape, add_step):
    plan = new_plan(shape)
    add_step(plan)
    return plan


def with_input(*arguments):
    plan = new_plan()
    plan.input(*arguments)
    return plan


def with_two_maps_of_cells():
    plan = with_input("cells", (4, 4))
    plan.input("cells", (4, 4))
    return plan


@pytest.mark.parametrize(
    ("plan", "text"),
    [
        (lambda: new_plan(kinds=0), "Executor(): kinds must be 1 or more, not 0"),
        (lambda: new_plan((8, 0)), "Executor(): input 0 (8, 0) has an axis shorter than 1"),
        (lambda: new_plan((-8, -8)), "Executor(): input 0 (-8, -8) has an axis shorter than 1"),
        (lambda: new_plan((4,), (2**28, 2)), "Executor(): input 1 (268435456, 2) is too large"),
        (lambda: new_plan((2**63 - 1,) * 3), f"Executor(): input 0 {(2**63 - 1,) * 3} is too large"),
        (
            lambda: with_step((2**63 - 1,) * 3, conv_transpose2d),
            f"Executor(): input 0 {(2**63 - 1,) * 3} is too large",
        ),
        (lambda: with_step((4, -4, 4), add), "Executor(): input 0 (4, -4, 4) has an axis shorter than 1"),
        (
            lambda: with_step((2**16, 2**16), lambda p: p.concat([0])),
            "Executor(): input 0 (65536, 65536) is too large",
        ),
        (
            lambda: new_plan((2**27,), (2**27,), (1,)),
            "Executor(): input 2 and those before it have too many latents",
        ),
        (lambda: with_input("kind", (1,)), "Executor(): input 1 must be one number, not (1)"),
        (with_two_maps_of_cells, "Executor(): input 2 is a second map of cells"),
        (lambda: with_input("cells", (16,)), "Executor(): input 1 must be (height, width), not (16)"),
        (lambda: new_plan((16384, 16384, 1)), "Executor(): a tile needs more than 536870912 bytes of memory"),
    ],
)
def test_a_bad_frame_is_refused(plan, text):
    assert refusal(plan()) == text


@pytest.mark.parametrize("backend", _core.backends())
def test_a_margin_counts_as_memory(backend):
    plan = new_plan((4, 4, 4))
    conv2d(plan, kernel=31, dilations=(1024, 1024))
    plan.output("result", 1)
    with pytest.raises(ValueError) as caught:
        _core.Executor(plan, backend)
    assert str(caught.value) == "Executor(): a tile needs more than 536870912 bytes of memory"


def test_a_plan_has_one_kind():
    plan = with_input("kind")
    plan.input("kind")
    assert refusal(plan) == "Executor(): input 2 is a second kind"


@pytest.mark.parametrize(
    ("outputs", "text"),
    [
        ([], "Executor(): the plan has no output"),
        ([("a", 0), ("a", 1)], "Executor(): output 'a' is named twice"),
        ([("a", 0), ("b", 3)], "Executor(): output 'b' is no input and no value that a step wrote"),
        ([("a", 2**63)], "Executor(): output 'a' is no input and no value that a step wrote"),
        ([("sums", 2)], "Executor(): output 'sums' holds sums"),
    ],
)
def test_a_bad_output_is_refused(outputs, text):
    plan = new_plan()
    scores(plan, plan.lookup(MAP, BYTES))
    for output in outputs:
        plan.output(*output)
    with pytest.raises(ValueError) as caught:
        _core.Executor(plan)
    assert str(caught.value) == text


def test_values_that_need_too_much_memory_are_refused():
    """The limit assumes int16 and multiples of 16 channels on every backend, so it does not depend on the
    machine.
    """
    plan = new_plan((512, 512, 1))
    value = 0
    for _ in range(64):
        value = plan.lookup(value, np.zeros(256, dtype=np.uint8))
    plan.output("map", value)
    with pytest.raises(ValueError) as caught:
        _core.Executor(plan)
    assert str(caught.value) == "Executor(): a tile needs more than 536870912 bytes of memory"


def test_layers_that_need_too_much_memory_are_refused():
    plan = new_plan((512, 512, 1))
    value = 0
    for _ in range(30):
        value = plan.conv2d(
            value, ones(1, 1, 1, 1), np.zeros(1, np.int32), np.ones(1, np.float32), 0, 0, False
        )
    plan.output("map", value)
    with pytest.raises(ValueError) as caught:
        _core.Executor(plan)
    assert str(caught.value) == "Executor(): the layers need more than 1073741824 bytes of memory"


@pytest.mark.parametrize(("layers", "fits"), [(540, True), (550, False)])
def test_the_limit_of_memory_is_one_on_every_instruction_set(layers, fits):
    """Large kernels over few channels, which AMX pads and other backends do not."""
    for backend in _core.backends():
        plan = new_plan((1, 1, 1))
        value = 0
        for _ in range(layers):
            value = conv2d(plan, value, kernel=31, inputs=1, outputs=1)
        plan.output("map", value)
        try:
            _core.Executor(plan, backend)
            accepted = True
        except ValueError as error:
            assert str(error) == "Executor(): the layers need more than 1073741824 bytes of memory"
            accepted = False
        assert accepted == fits, backend


def heavy_plan(edge, channels, steps):
    """A step network of 5 colours: a hidden 3 x 3 layer, scores and the sampler."""
    plan = new_sampler_plan((edge, edge))
    hidden = conv2d(plan, embed_cells(plan, entries=6, channels=channels), inputs=channels, outputs=channels)
    sums = scores(plan, hidden, inputs=channels)
    plan.sampler("masked", 5, steps, CELLS, sums, np.zeros(4096, np.int32))
    return plan


def test_a_tile_of_too_much_work_is_refused():
    """512 x 512 x (9 x 64 x 64 + 5 x 64 multiply-adds and 64 + 64 + 5 elements) x steps, compared with 2^46."""
    each = 512 * 512 * (9 * 64 * 64 + 5 * 64 + 64 + 64 + 5)
    most = 2**46 // each
    assert refusal(heavy_plan(512, 64, most + 1)) == (
        f"Executor(): a tile takes {each * (most + 1):.1e} multiply-adds in all evaluations, more than 7.0e+13"
    )
    plan = heavy_plan(512, 64, most)
    plan.output("result", MAP)
    _core.Executor(plan)
