"""Every plan that would read or write where it must not is refused, with a text that says why."""

import numpy as np
import pytest

from tilewright import _core

TABLE = np.zeros(256, dtype=np.int8)
BYTES = np.zeros(256, dtype=np.uint8)
MAP = 0  # the value that every plan here is given
CELLS = 0  # and a plan with a sampler
NOISE = np.zeros(4096, dtype=np.int32)


def new_plan(*shapes, kinds=2):
    """Given a map of 4 x 4 x 4, or values of other shapes."""
    plan = _core.PlanBuilder(kinds, TABLE)
    for shape in shapes or [(4, 4, 4)]:
        plan.given(shape)
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


def embed_cells(plan, cells=CELLS, kinds=2, entries=256, channels=4):
    return plan.embed_cells(cells, np.zeros((kinds, entries, channels), dtype=np.uint8))


def refusal(plan, output=MAP):
    """What the executor says to the plan."""
    plan.output("result", output)
    with pytest.raises(ValueError) as caught:
        _core.Executor(plan)
    return str(caught.value)


# A step on the given map, and what is said of it.
BAD_STEPS = [
    # values that are not there
    (lambda p: dense(p, x=1), "dense): the input is no value that an earlier step wrote"),
    (lambda p: dense(p, x=2**63), "dense): the input is no value that an earlier step wrote"),
    (lambda p: add(p, b=1), "add): input 1 is no value that an earlier step wrote"),
    (lambda p: add(p, b=7), "add): input 1 is no value that an earlier step wrote"),
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
    # numbers of things
    (
        lambda p: p.embed(np.zeros((1, 64), dtype=np.uint8)),
        "embed): the number of rows in table must be 2 to 2147483647, not 1",
    ),
    (
        lambda p: p.embed(np.zeros((2, 0), dtype=np.uint8)),
        "embed): the output (0) has an axis shorter than 1",
    ),
    (lambda p: dense(p, weights=ones(0, 64)), "dense): the number of outputs must be 1 to 268435456, not 0"),
    (lambda p: dense(p, weights=ones(3, 0)), "dense): the number of inputs must be 1 to 268435456, not 0"),
    (
        lambda p: scores(p, weights=ones(5, 3, 3, 0)),
        "scores): the number of inputs must be 1 to 29826161, not 0",
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
    (lambda p: conv2d(p, dilation=0), "conv2d): dilation must be 1 to 1024, not 0"),
    (lambda p: scores(p, dilation=1025), "scores): dilation must be 1 to 1024, not 1025"),
    (lambda p: dense(p, multiplier=np.float32([1, np.nan, 1])), "dense): multiplier must be finite"),
    (lambda p: dense(p, multiplier=np.float32([1, 1, np.inf])), "dense): multiplier must be finite"),
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
            "nearest): input 0 must hold 48 elements, not 64",
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
        (
            [(4, 4)],
            lambda p: embed_cells(p, kinds=1),
            "embed_cells): the number of tables must be 2 to 2147483647, not 1",
        ),
        (
            [(4, 4)],
            lambda p: embed_cells(p, entries=255),
            "embed_cells): the number of rows in a table must be 256 to 256, not 255",
        ),
        ([(16,)], embed_cells, "embed_cells): the input must be (height, width), not (16)"),
        ([(4, 4, 4)], embed_cells, "embed_cells): the input must be (height, width), not (4, 4, 4)"),
        (
            [(4, 4)],
            lambda p: embed_cells(p, channels=0),
            "embed_cells): the output (4, 4, 0) has an axis shorter than 1",
        ),
        (
            [(64, 64)],
            lambda p: embed_cells(p, channels=65537),
            "embed_cells): the output (64, 64, 65537) is too large",
        ),
    ],
)
def test_a_step_that_does_not_fit_its_values_is_refused(shapes, add_step, text):
    plan = new_plan(*shapes)
    add_step(plan)
    assert refusal(plan) == f"Executor(): step 0 ({text}"


@pytest.mark.parametrize(
    ("add_steps", "text"),
    [
        # sums where bytes are wanted: nothing but argmax takes them
        (lambda p: p.lookup(scores(p), BYTES), "lookup): the input must hold uint8"),
        (lambda p: dense(p, x=scores(p), inputs=80), "dense): the input must hold uint8"),
        (lambda p: conv2d(p, x=scores(p), inputs=5), "conv2d): the input must hold uint8"),
        (lambda p: p.concat([MAP, scores(p)]), "concat): input 1 must hold uint8"),
        # indices where features are wanted
        (lambda p: dense(p, x=p.argmax(MAP), inputs=16), "dense): the input must not be indices"),
        (lambda p: p.lookup(p.argmax(MAP), BYTES), "lookup): the input must not be indices"),
        (lambda p: add(p, *[p.argmax(MAP)] * 2), "add): input 0 must not be indices"),
        # indices that a step made, where only given ones are known to be in range
        (
            lambda p: embed_cells(p, p.argmax(MAP)),
            "embed_cells): the input must be given, not made by a step",
        ),
    ],
)
def test_values_are_what_an_op_reads(add_steps, text):
    plan = new_plan()
    add_steps(plan)
    assert refusal(plan) == f"Executor(): step 1 ({text}"


@pytest.mark.parametrize(
    ("add_steps", "text"),
    [
        (
            lambda p: embed_cells(p, p.lookup(0, BYTES)),
            "step 1 (embed_cells): the input must be indices",
        ),
        (
            lambda p: embed_cells(p, dense(p, shape=(4, 4), outputs=16, inputs=16)),
            "step 1 (embed_cells): the input must be indices",
        ),
        (
            lambda p: (embed_cells(p), p.lookup(CELLS, BYTES)),
            "step 1 (lookup): the input must not be indices",
        ),
        (
            lambda p: (p.lookup(CELLS, BYTES), embed_cells(p)),
            "step 0 (lookup): the input must not be indices",
        ),
    ],
)
def test_cells_are_given_and_are_indices_for_all(add_steps, text):
    plan = new_plan((4, 4))
    add_steps(plan)
    assert refusal(plan) == f"Executor(): {text}"


def test_the_step_is_named_by_its_number():
    plan = new_plan()
    plan.lookup(MAP, BYTES)
    dense(plan, inputs=1)
    assert refusal(plan) == "Executor(): step 1 (dense): the input must hold 1 elements, not 64"


@pytest.mark.parametrize(
    ("plan", "text"),
    [
        (lambda: new_plan(kinds=0), "Executor(): kinds must be 1 or more, not 0"),
        (lambda: new_plan((8, 0)), "Executor(): the latents (8, 0) has an axis shorter than 1"),
        (lambda: new_plan((-8, -8)), "Executor(): the latents (-8, -8) has an axis shorter than 1"),
        (lambda: new_plan((4,), (2**28, 2)), "Executor(): the latents (268435456, 2) is too large"),
        (lambda: new_plan((2**63 - 1,) * 3), f"Executor(): the latents {(2**63 - 1,) * 3} is too large"),
        (lambda: new_plan((16384, 16384, 1)), "Executor(): a tile needs more than 536870912 bytes of memory"),
    ],
)
def test_a_bad_frame_is_refused(plan, text):
    assert refusal(plan()) == text


@pytest.mark.parametrize("backend", _core.backends())
def test_a_margin_counts_as_memory(backend):
    plan = new_plan((4, 4, 4))
    conv2d(plan, kernel=31, dilation=1024)
    plan.output("result", 1)
    with pytest.raises(ValueError) as caught:
        _core.Executor(plan, backend)
    assert str(caught.value) == "Executor(): a tile needs more than 536870912 bytes of memory"


def test_a_plan_is_given_something():
    plan = _core.PlanBuilder(1, TABLE)
    result = plan.embed(np.zeros((1, 4), dtype=np.uint8))
    text = "Executor(): a plan is given its latents, or for a sampler its cells alone"
    assert refusal(plan, result) == text


@pytest.mark.parametrize(
    ("outputs", "text"),
    [
        ([], "Executor(): the plan has no output"),
        ([("a", 0), ("a", 1)], "Executor(): output 'a' is named twice"),
        ([("a", 0), ("b", 3)], "Executor(): output 'b' is no value that a step wrote"),
        ([("a", 2**63)], "Executor(): output 'a' is no value that a step wrote"),
        ([("sums", 2)], "Executor(): output 'sums' holds int32, not uint8"),
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


# --- Samplers ---


def step_network(plan, entries=6, bias=0):
    """Cells -> scores of five colours."""
    embedded = embed_cells(plan, entries=entries)
    return scores(plan, embedded, bias=np.full(5, bias, dtype=np.int32))


def sampler(plan, sums, **changes):
    arguments = {
        "method": "masked",
        "colours": 5,
        "steps": 4,
        "causal": False,
        "scores": sums,
        "noise": NOISE,
    }
    plan.sampler(**(arguments | changes))


def noise_with(value):
    noise = NOISE.copy()
    noise[17] = value
    return noise


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"colours": 0}, "colours must be 1 to 255, not 0"),
        ({"steps": 0}, "steps must be 1 to 16, not 0"),
        ({"steps": 17}, "steps must be 1 to 16, not 17"),
        ({"noise": NOISE[:4095]}, "noise must hold 4096 values"),
        ({"noise": noise_with(2**24 + 1)}, "noise must be within 2^24"),
        ({"noise": noise_with(-(2**24) - 1)}, "noise must be within 2^24"),
        ({"colours": 4}, "scores must be the int32 (height, width, colours) that a step wrote"),
        ({"scores": 1}, "scores must be the int32 (height, width, colours) that a step wrote"),
        ({"scores": 3}, "scores must be the int32 (height, width, colours) that a step wrote"),
    ],
)
def test_a_bad_sampler_is_refused(changes, text):
    plan = new_plan((4, 4))
    sampler(plan, step_network(plan), **changes)
    assert refusal(plan, CELLS) == f"Executor(): the sampler's {text}"


def test_a_sampler_has_fewer_colours_than_a_byte_has_values():
    plan = new_plan((4, 4))
    sampler(plan, step_network(plan, entries=256), colours=256)
    assert refusal(plan, CELLS).startswith("Executor(): step 0 (embed_cells): the number of rows in a table")
    plan = new_plan((4, 4))
    result = plan.embed(np.zeros((2, 4), dtype=np.uint8))
    sampler(plan, result, colours=256)
    assert refusal(plan, CELLS) == "Executor(): the sampler's colours must be 1 to 255, not 256"


def test_a_sampler_needs_a_row_for_each_colour_and_for_what_is_not_yet_known():
    plan = new_plan((4, 4))
    sampler(plan, step_network(plan, entries=5))
    text = "Executor(): step 0 (embed_cells): the number of rows in a table must be 6 to 256, not 5"
    assert refusal(plan, CELLS) == text


def test_a_sampler_is_given_cells_alone():
    plan = new_plan((4, 4), (8,))
    sampler(plan, step_network(plan))
    text = "Executor(): a plan is given its latents, or for a sampler its cells alone"
    assert refusal(plan, CELLS) == text
    plan = new_plan((4, 0))
    sampler(plan, 0)
    assert refusal(plan, CELLS) == "Executor(): the cells (4, 0) has an axis shorter than 1"
    plan = new_plan((16,))
    sampler(plan, plan.embed(np.zeros((2, 4), dtype=np.uint8)))
    assert refusal(plan, CELLS) == "Executor(): the sampler's cells must be (height, width), not (16)"


def test_the_cells_of_a_sampler_are_indices_for_all():
    plan = new_plan((4, 4))
    dense(plan, inputs=16)
    sampler(plan, step_network(plan))
    assert refusal(plan, CELLS) == "Executor(): step 0 (dense): the input must not be indices"


def test_a_sampler_has_no_result_but_its_cells():
    plan = new_plan((4, 4))
    sampler(plan, step_network(plan))
    assert refusal(plan, 1) == "Executor(): the sampler's results are its cells alone, not 'result'"


@pytest.mark.parametrize("sign", [-1, 1])
def test_scores_leave_room_for_noise(sign):
    """The weights are 4 ones: the greatest sum is 1020 above a bias, the least none below it."""
    most = 2**31 - 1 - 2**24
    bias = most - 1020 if sign > 0 else -most
    plan = new_plan((4, 4))
    sampler(plan, step_network(plan, bias=bias))
    plan.output("result", CELLS)
    _core.Executor(plan)
    plan = new_plan((4, 4))
    sampler(plan, step_network(plan, bias=bias + sign))
    assert refusal(plan, CELLS) == "Executor(): the sampler's scores and noise could leave int32 together"


# --- The builder ---


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
            lambda p: p.embed(np.zeros(8, dtype=np.uint8)),
            "embed(): table must be a C-contiguous array of uint8 (any, any), not uint8 (8)",
        ),
        (
            [],
            lambda p: p.embed_cells(MAP, np.zeros((2, 8), dtype=np.uint8)),
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
            lambda p: (p.lookup(MAP, BYTES), p.given((4,))),
            "given(): what is given comes before the first step",
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
