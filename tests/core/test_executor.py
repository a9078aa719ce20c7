import numpy as np
import pytest

from tilewright import _core, seeds

from .small_plan import KINDS, LATENTS, OUTPUTS, build_plan


def assert_same(left, right):
    assert left.keys() == right.keys() == OUTPUTS.keys()
    for name in left:
        assert np.array_equal(left[name], right[name]), name


def test_outputs_have_a_row_per_tile(executor):
    results = executor.run(7, 0, None, None, 3)
    assert {name: (array.shape, array.dtype) for name, array in results.items()} == {
        name: ((3, *shape), np.dtype(np.uint8)) for name, shape in OUTPUTS.items()
    }
    assert len(np.unique(results["indices"], axis=0)) == 3


@pytest.mark.parametrize("backend", _core.backends())
def test_a_tile_does_not_depend_on_its_block(backend):
    executor = _core.Executor(build_plan(), backend)
    singles = [executor.run(7, i, None, None, 1) for i in range(64)]
    for count in (*range(1, 21), 64):
        expected = {name: np.concatenate([one[name] for one in singles[:count]]) for name in OUTPUTS}
        assert_same(executor.run(7, 0, None, None, count), expected)


def test_every_backend_makes_the_same_tiles():
    expected = _core.Executor(build_plan(), "scalar").run(9, 4, None, None, 33)
    for backend in _core.backends():
        assert_same(_core.Executor(build_plan(), backend).run(9, 4, None, None, 33, 2), expected)


@pytest.mark.parametrize("count", [9, 10, 17])
@pytest.mark.parametrize("threads", [0, 1, 2, 3, 16, 64])
def test_a_tile_does_not_depend_on_the_number_of_threads(executor, threads, count):
    singles = [executor.run(7, 3 + i, None, None, 1) for i in range(count)]
    expected = {name: np.concatenate([single[name] for single in singles]) for name in singles[0]}
    assert_same(executor.run(7, 3, None, None, count, threads), expected)


@pytest.mark.parametrize("start", [0, 5, 2**32 - 4, 2**64 - 4])
def test_a_tile_does_not_depend_on_batch_or_start(executor, start):
    together = executor.run(7, start, None, None, 9)
    one_by_one = [executor.run(7, (start + i) % 2**64, None, None, 1) for i in range(9)]
    assert_same(together, {name: np.concatenate([one[name] for one in one_by_one]) for name in OUTPUTS})
    backwards = [executor.run(7, (start + i) % 2**64, None, None, 1) for i in reversed(range(9))]
    assert_same(one_by_one[0], backwards[-1])


def test_drawn_latents_and_kinds_are_those_of_the_seed():
    plan = _core.PlanBuilder(KINDS, seeds.LATENT_TABLE)
    plan.output("latents", plan.input("latents", (LATENTS,)))
    kind = plan.input("kind")
    plan.output("row", plan.embed(kind, np.arange(KINDS, dtype=np.uint8).reshape(KINDS, 1)))
    plan.output("kind", kind)
    results = _core.Executor(plan).run(2**64 - 1, 2**64 - 2, None, None, 6)
    latents = seeds.draw_latents(2**64 - 1, 2**64 - 2, 6, LATENTS).astype(np.int16) + 128
    assert np.array_equal(results["latents"], latents)
    kinds = seeds.draw_kinds(2**64 - 1, 2**64 - 2, 6, KINDS)
    assert np.array_equal(results["row"][:, 0], kinds)
    assert results["kind"].dtype == np.int32
    assert np.array_equal(results["kind"], kinds)


def test_given_values_share_the_latents():
    plan = _core.PlanBuilder(1, seeds.LATENT_TABLE)
    for name, shape in {"a": (2, 3, 5), "b": (7,), "c": (1, 2)}.items():
        plan.output(name, plan.input("latents", shape))
    latents = np.arange(-50, 28, dtype=np.int8).reshape(2, 39)
    results = _core.Executor(plan).run(0, 0, None, latents, 2)
    joined = np.concatenate([results[name].reshape(2, -1) for name in "abc"], axis=1)
    assert np.array_equal(joined, latents.astype(np.int16) + 128)


def test_given_latents_and_kinds_replace_the_drawn_ones(executor):
    rng = np.random.default_rng(3)
    latents = rng.integers(-128, 127, (4, LATENTS), dtype=np.int8, endpoint=True)
    kinds = np.array([4, 0, 4, 2], dtype=np.int32)
    results = executor.run(1, 2, kinds, latents, 4)
    assert_same(results, executor.run(99, 98, kinds, latents, 4, 2))
    assert (results["indices"][0] != executor.run(1, 2, kinds[::-1].copy(), latents, 4)["indices"][0]).any()


def test_no_tiles_are_an_empty_array(executor):
    assert {name: array.shape for name, array in executor.run(0, 0, None, None, 0, 4).items()} == {
        name: (0, *shape) for name, shape in OUTPUTS.items()
    }


def test_trace_returns_what_each_step_wrote(executor):
    steps = executor.trace(7, 5)
    assert [array.size for array in steps] == [7, 27, 24, 192, 192, 640, 1536, 1536, 1536, 9216, 256]
    results = executor.run(7, 5, None, None, 1)
    assert np.array_equal(steps[-1], results["indices"][0].ravel())
    assert np.array_equal(steps[2], results["palette"][0].ravel())
    sums = steps[-2].view(np.int32).reshape(256, 9)
    assert np.array_equal(sums.argmax(axis=1), steps[-1])


def test_trace_takes_a_kind_and_latents(executor):
    latents = np.arange(LATENTS, dtype=np.int8)
    steps = executor.trace(0, 0, 3, latents)
    assert np.array_equal(steps[1][:LATENTS], latents.astype(np.uint8) + 128)
    results = executor.run(0, 0, np.array([3], dtype=np.int32), latents[None], 1)
    assert np.array_equal(steps[-1], results["indices"][0].ravel())


def test_an_executor_keeps_a_plan_of_its_own():
    plan = build_plan()
    executor = _core.Executor(plan)
    plan.output("more", 0)
    del plan
    assert executor.run(0, 0, None, None, 1).keys() == OUTPUTS.keys()


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("backend", _core.backends())
def test_multiplications_by_the_border_are_not_counted(backend, wrap):
    """Three rows of taps over five rows of cells meet the map 13 times; two by two phases over five meet it
    18 times.
    """
    rng = np.random.default_rng(5)

    def weights(*shape):
        return rng.integers(-128, 128, shape, dtype=np.int8)

    common = {"multiplier": np.ones(6, dtype=np.float32), "zero_in": 1, "zero_out": 2, "wrap": wrap}
    bias = np.zeros(6, dtype=np.int32)
    plan = _core.PlanBuilder(1, np.zeros(256, dtype=np.int8))
    x = plan.input("latents", (5, 5, 3))
    y = plan.conv2d(x, weights(6, 3, 3, 3), bias, **common)
    z = plan.conv_transpose2d(y, weights(6, 4, 4, 6), np.zeros((4, 6), dtype=np.int32), **common)
    plan.output("z", z)
    expected = (15 * 15 if wrap else 13 * 13) * 3 * 6 + (20 * 20 if wrap else 18 * 18) * 6 * 6
    assert _core.Executor(plan, backend).multiply_adds == expected


def test_every_backend_counts_the_same_multiplications():
    assert len({_core.Executor(build_plan(), backend).multiply_adds for backend in _core.backends()}) == 1


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {"kinds": np.array([0, 5], dtype=np.int32)},
            "Executor.run(): kind 5 of tile 1 is not below 5",
        ),
        (
            {"kinds": np.array([-1, 0], dtype=np.int32)},
            "Executor.run(): kind -1 of tile 0 is not below 5",
        ),
        (
            {"kinds": np.array([0], dtype=np.int32)},
            "Executor.run(): kinds must be a C-contiguous array of int32 (2), not int32 (1)",
        ),
        (
            {"kinds": np.array([0, 1], dtype=np.int64)},
            "Executor.run(): kinds must be a C-contiguous array of int32 (2), not int64 (2)",
        ),
        (
            {"kinds": np.zeros(4, dtype=np.int32)[::2]},
            "Executor.run(): kinds must be a C-contiguous array of int32 (2), "
            "not int32 (2) with gaps or in another order",
        ),
        (
            {"latents": np.zeros((2, 19), dtype=np.int8)},
            "Executor.run(): latents must be a C-contiguous array of int8 (2, 20), not int8 (2, 19)",
        ),
        ({"threads": -1}, "Executor.run(): threads must be 0 or more, not -1"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(executor, arguments, text):
    everything = {"kinds": None, "latents": None, "threads": 1} | arguments
    with pytest.raises(ValueError) as caught:
        executor.run(0, 0, everything["kinds"], everything["latents"], 2, everything["threads"])
    assert str(caught.value) == text
