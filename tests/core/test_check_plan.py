"""Every plan that would read or write where it must not is refused, with a text that says why."""

import numpy as np
import pytest

from tilewright import _core

TABLE = np.zeros(256, dtype=np.int8)
BYTES = np.zeros(256, dtype=np.uint8)
MAP = (0, (4, 4, 4))  # the latents: 64 bytes that are always written
FREE = (64, (4, 4, 4))


def new_plan(arena_bytes=4096, latent_size=64, latent_offset=0, kinds=2):
    return _core.PlanBuilder(arena_bytes, latent_size, latent_offset, kinds, TABLE)


def ones(*shape, dtype=np.int8):
    return np.ones(shape, dtype=dtype)


def dense(plan, x=MAP, y=(64, (3,)), outputs=3, inputs=64, **changes):
    arguments = {
        "weights": ones(outputs, inputs),
        "bias": ones(outputs, dtype=np.int32),
        "multiplier": ones(outputs, dtype=np.float32),
        "zero_out": 0,
    }
    plan.dense(x, y, **(arguments | changes))


def conv2d(plan, x=MAP, y=FREE, kernel=3, **changes):
    arguments = {
        "weights": ones(4, kernel, kernel, 4),
        "bias": ones(4, dtype=np.int32),
        "multiplier": ones(4, dtype=np.float32),
        "zero_in": 0,
        "zero_out": 0,
        "wrap": False,
    }
    plan.conv2d(x, y, **(arguments | changes))


def conv_transpose2d(plan, x=MAP, y=(64, (8, 8, 4)), **changes):
    arguments = {
        "weights": ones(4, 4, 4, 4),
        "bias": ones(4, 4, dtype=np.int32),
        "multiplier": ones(4, dtype=np.float32),
        "zero_in": 0,
        "zero_out": 0,
        "wrap": False,
    }
    plan.conv_transpose2d(x, y, **(arguments | changes))


def scores(plan, x=MAP, y=(256, (4, 4, 5)), **changes):
    arguments = {
        "weights": ones(5, 1, 1, 4),
        "bias": ones(5, dtype=np.int32),
        "zero_in": 0,
        "wrap": False,
    }
    plan.scores(x, y, **(arguments | changes))


def add(plan, y=FREE, scale_a=1.0, b=MAP):
    plan.add(MAP, b, y, scale_a, 1.0, 0, 0, 0)


BAD_STEPS = [
    # where buffers lie
    (
        lambda p: p.lookup((32, (32,)), (64, (32,)), BYTES),
        "lookup): the input starts at byte 32, not at a multiple of 64",
    ),
    (
        lambda p: p.lookup(MAP, (65, (64,)), BYTES),
        "lookup): the output starts at byte 65, not at a multiple of 64",
    ),
    (lambda p: p.lookup(MAP, (4096, (64,)), BYTES), "lookup): the output ends past the arena of 4096 bytes"),
    (lambda p: p.lookup(MAP, (2**63, (64,)), BYTES), "lookup): the output ends past the arena of 4096 bytes"),
    (lambda p: p.lookup((4032, (65,)), FREE, BYTES), "lookup): the input ends past the arena of 4096 bytes"),
    (
        lambda p: p.lookup(MAP, (64, (2**40, 2**40)), BYTES),
        "lookup): the output (1099511627776, 1099511627776) is too large",
    ),
    (lambda p: p.lookup(MAP, (64, (8, 0)), BYTES), "lookup): the output (8, 0) has an axis shorter than 1"),
    (
        lambda p: p.lookup(MAP, (64, (-8, -8)), BYTES),
        "lookup): the output (-8, -8) has an axis shorter than 1",
    ),
    (
        lambda p: p.lookup(FREE, (128, (64,)), BYTES),
        "lookup): the input reads bytes that no earlier step wrote as uint8",
    ),
    (
        lambda p: p.lookup((0, (65,)), (128, (65,)), BYTES),
        "lookup): the input reads bytes that no earlier step wrote as uint8",
    ),
    (lambda p: p.argmax(MAP, (0, (4, 4)), "uint8"), "argmax): the output overlaps the input"),
    (lambda p: conv2d(p, y=MAP), "conv2d): the output overlaps the input"),
    (lambda p: p.nearest(MAP, (0, (1, 4)), (0, (4, 4))), "nearest): the output overlaps input 0"),
    # what buffers hold
    (
        lambda p: p.argmax(MAP, (64, (4, 4)), "int32"),
        "argmax): the input reads bytes that no earlier step wrote as int32",
    ),
    (lambda p: p.lookup(MAP, (64, (63,)), BYTES), "lookup): the output must hold 64 elements, not 63"),
    (lambda p: add(p, y=(64, (63,))), "add): input 0 must hold 63 elements, not 64"),
    (lambda p: add(p, b=(0, (63,))), "add): input 1 must hold 64 elements, not 63"),
    (lambda p: p.argmax(MAP, (64, (4, 3)), "uint8"), "argmax): the input must hold 48 elements, not 64"),
    (lambda p: p.nearest(MAP, (0, (1, 3)), (64, (4, 4))), "nearest): input 0 must hold 48 elements, not 64"),
    (lambda p: p.concat([MAP, MAP], (64, (127,))), "concat): the output must hold 128 elements, not 127"),
    (lambda p: p.concat([], FREE), "concat): the number of inputs must be 1 to 16, not 0"),
    (lambda p: p.concat([MAP] * 17, (64, (1088,))), "concat): the number of inputs must be 1 to 16, not 17"),
    (
        lambda p: p.embed(FREE, np.zeros((2, 63), dtype=np.uint8)),
        "embed): the output must hold 63 elements, not 64",
    ),
    (
        lambda p: p.embed(FREE, np.zeros((1, 64), dtype=np.uint8)),
        "embed): the number of rows in table must be 2 to 2147483647, not 1",
    ),
    (lambda p: dense(p, inputs=63), "dense): the input must hold 63 elements, not 64"),
    (lambda p: dense(p, y=(64, (4,))), "dense): the output must hold 3 elements, not 4"),
    (lambda p: conv2d(p, y=(64, (4, 4, 3))), "conv2d): the output must be (4, 4, 4), not (4, 4, 3)"),
    (lambda p: conv2d(p, x=(0, (4, 8, 2))), "conv2d): the input must be (4, 8, 4), not (4, 8, 2)"),
    (
        lambda p: conv_transpose2d(p, y=(64, (4, 4, 4))),
        "conv_transpose2d): the output must be (8, 8, 4), not (4, 4, 4)",
    ),
    (lambda p: scores(p, y=(256, (4, 5, 4))), "scores): the output must be (4, 4, 5), not (4, 5, 4)"),
    (lambda p: scores(p, y=(3840, (4, 4, 5))), "scores): the output ends past the arena of 4096 bytes"),
    # attributes
    (lambda p: conv2d(p, kernel=2), "conv2d): the kernel must be odd, not 2"),
    (lambda p: conv2d(p, kernel=33), "conv2d): the kernel must be 1 to 31, not 33"),
    (lambda p: conv2d(p, dilation=0), "conv2d): dilation must be 1 to 1024, not 0"),
    (lambda p: conv2d(p, dilation=1025), "conv2d): dilation must be 1 to 1024, not 1025"),
    (lambda p: conv2d(p, bias=ones(3, dtype=np.int32)), "conv2d): bias must hold 4 values, not 3"),
    (
        lambda p: conv2d(p, multiplier=ones(5, dtype=np.float32)),
        "conv2d): multiplier must hold 4 values, not 5",
    ),
    (lambda p: dense(p, multiplier=np.float32([1, np.nan, 1])), "dense): multiplier must be finite"),
    (lambda p: dense(p, multiplier=np.float32([1, 1, np.inf])), "dense): multiplier must be finite"),
    (lambda p: add(p, scale_a=1e38), "add): the scales must be finite, and 255 times them too"),
    (lambda p: add(p, scale_a=float("nan")), "add): the scales must be finite, and 255 times them too"),
    (
        lambda p: dense(p, bias=np.int32([0, 2**31 - 1, 0])),
        "dense): the sum of output 1 could leave int32",
    ),
    (
        lambda p: conv_transpose2d(p, bias=np.full((4, 4), 2**31 - 5, dtype=np.int32)),
        "conv_transpose2d): the sum of output 0 could leave int32",
    ),
    (
        lambda p: scores(p, bias=np.int32([0, 0, 0, 0, -(2**31)])),
        "scores): the sum of output 4 could leave int32",
    ),
    (
        lambda p: p.argmax((0, (1, 1, 0)), (64, (1,)), "uint8"),
        "argmax): the input (1, 1, 0) has an axis shorter than 1",
    ),
]


@pytest.mark.parametrize(("add_step", "text"), BAD_STEPS, ids=[text for _, text in BAD_STEPS])
def test_a_bad_step_is_refused(add_step, text):
    plan = new_plan()
    add_step(plan)
    plan.output("latents", 0, 64)
    with pytest.raises(ValueError) as caught:
        _core.Executor(plan)
    assert str(caught.value) == f"Executor(): step 0 ({text}"


def test_the_step_is_named_by_its_number():
    plan = new_plan()
    plan.lookup(MAP, FREE, BYTES)
    dense(plan, inputs=1)
    plan.output("latents", 0, 64)
    with pytest.raises(ValueError, match=r"^Executor\(\): step 1 \(dense\): "):
        _core.Executor(plan)


def test_scores_are_no_bytes_until_something_writes_bytes_there():
    plan = new_plan()
    scores(plan)
    plan.output("sums", 256, 320)
    with pytest.raises(ValueError, match=r"output 'sums' reads bytes that no step wrote as uint8"):
        _core.Executor(plan)
    plan.argmax((256, (4, 4, 5)), (64, (4, 4)), "int32")
    plan.lookup(MAP, (256, (64,)), BYTES)
    plan.argmax((256, (4, 4, 5)), (64, (4, 4)), "int32")
    with pytest.raises(ValueError, match=r"step 3 \(argmax\): .* wrote as int32"):
        _core.Executor(plan)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"arena_bytes": 2**30 + 1}, "Executor(): the arena must be 2^30 bytes or less, not 1073741825"),
        ({"kinds": 0}, "Executor(): kinds must be 1 or more, not 0"),
        ({"latent_offset": 63}, "Executor(): the latents start at byte 63, not at a multiple of 64"),
        ({"latent_size": 4097}, "Executor(): the latents end past the arena of 4096 bytes"),
        (
            {"latent_offset": 2**64 - 64, "latent_size": 128},
            "Executor(): the latents end past the arena of 4096 bytes",
        ),
    ],
)
def test_a_bad_frame_is_refused(change, text):
    plan = new_plan(**change)
    plan.output("latents", 0, 64)
    with pytest.raises(ValueError) as caught:
        _core.Executor(plan)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("outputs", "text"),
    [
        ([], "Executor(): the plan has no output"),
        ([("a", 0, 64), ("a", 0, 1)], "Executor(): output 'a' is named twice"),
        ([("a", 0, 65)], "Executor(): output 'a' reads bytes that no step wrote as uint8"),
        ([("a", 4095, 2)], "Executor(): output 'a' ends past the arena of 4096 bytes"),
        ([("a", 8, 2**64 - 8)], "Executor(): output 'a' ends past the arena of 4096 bytes"),
    ],
)
def test_a_bad_output_is_refused(outputs, text):
    plan = new_plan()
    for output in outputs:
        plan.output(*output)
    with pytest.raises(ValueError) as caught:
        _core.Executor(plan)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("add_step", "text"),
    [
        (
            lambda p: dense(p, weights=ones(3, 64, dtype=np.int16)),
            "PlanBuilder.dense(): weights must be a C-contiguous array of int8 (any, any), not int16 (3, 64)",
        ),
        (
            lambda p: dense(p, bias=ones(3, dtype=np.int64)),
            "PlanBuilder.dense(): bias must be a C-contiguous array of int32 (any), not int64 (3)",
        ),
        (
            lambda p: dense(p, weights=ones(64, 3).T),
            "PlanBuilder.dense(): weights must be a C-contiguous array of int8 (any, any), "
            "not int8 (3, 64) with gaps or in another order",
        ),
        (
            lambda p: conv2d(p, weights=ones(4, 3, 1, 4)),
            "PlanBuilder.conv2d(): weights must be a C-contiguous array of int8 (any, 3, 3, any), "
            "not int8 (4, 3, 1, 4)",
        ),
        (
            lambda p: conv2d(p, x=(0, (16, 4))),
            "PlanBuilder.conv2d(): x must have 3 axes, not 2",
        ),
        (
            lambda p: conv_transpose2d(p, weights=ones(4, 2, 8, 4)),
            "PlanBuilder.conv_transpose2d(): weights must be a C-contiguous array of int8 (any, 4, 4, any), "
            "not int8 (4, 2, 8, 4)",
        ),
        (
            lambda p: conv_transpose2d(p, bias=ones(4, dtype=np.int32)),
            "PlanBuilder.conv_transpose2d(): bias must be a C-contiguous array of int32 (4, 4), "
            "not int32 (4)",
        ),
        (
            lambda p: p.lookup(MAP, FREE, np.zeros(255, dtype=np.uint8)),
            "PlanBuilder.lookup(): table must be a C-contiguous array of uint8 (256), not uint8 (255)",
        ),
        (
            lambda p: p.argmax(MAP, FREE, "float32"),
            "PlanBuilder.argmax(): dtype must be 'int32' or 'uint8', not 'float32'",
        ),
        (
            lambda p: p.nearest(MAP, (0, (64,)), (64, (4, 4))),
            "PlanBuilder.nearest(): palette must have 2 axes, not 1",
        ),
    ],
)
def test_arrays_of_the_wrong_form_are_refused(add_step, text):
    with pytest.raises(ValueError) as caught:
        add_step(new_plan())
    assert str(caught.value) == text
