"""Invalid packs: each is one PackError, never another exception or a guess."""

import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from ..networks import drawn_palette_pack, palette_pack
from ..step_networks import masked_pack
from .hostile import Change, changed, constant, loads, network, node, refusal, set_attribute, set_facts


def as_output(op: str, source: str | None, **attributes: object) -> Change:
    """Make the output from one node that reads the latent or the picture's source, twice if it takes two
    inputs.
    """

    def change(model: onnx.ModelProto) -> None:
        last = next(n for n in model.graph.node if n.output[0] == "indices")
        last.output[0] = "before"
        inputs = [source or "before"] * (2 if op in ("Mul", "Sub", "Add") else 1)
        if op in ("Unsqueeze", "Pad"):
            inputs.append(constant(model, "amounts", np.zeros(1, np.int64)))
        model.graph.node.append(helper.make_node(op, inputs, ["indices"], **attributes))

    return change


@pytest.mark.parametrize("source", [None, "latent", "kind"])
@pytest.mark.parametrize(
    ("op", "attributes"),
    [
        ("Identity", {}),
        ("Mul", {}),
        ("Sub", {}),
        ("Add", {}),
        ("Unsqueeze", {}),
        ("Pad", {"mode": "wrap"}),
        ("Cast", {"to": TensorProto.UINT8}),
        ("ArgMax", {"axis": 1, "keepdims": 0}),
        ("ReduceSum", {"keepdims": 0}),
        ("Concat", {"axis": 1}),
        ("Relu", {}),
        ("Gemm", {"transB": 1}),
    ],
)
def test_an_output_of_one_node(op: str, attributes: dict[str, object], source: str | None) -> None:
    content = changed(as_output(op, source, **attributes))
    if source is None and op in ("Identity", "Cast"):
        assert loads(content)
    else:
        assert "damaged" not in refusal(content)


def bytes_of(size: int) -> dict[str, np.ndarray]:
    """Scale, zero point and weights of a Gemm from 4 features."""
    return {
        "s": np.array(0.01, np.float32),
        "z": np.array(7, np.uint8),
        "one": np.array(1, np.float32),
        "lz": np.array(0, np.int8),
        "w": np.arange(4 * size, dtype=np.int8).reshape(size, 4),
    }


def gemm(name: str) -> list[onnx.NodeProto]:
    """latent -> Gemm -> `name`."""
    return [
        helper.make_node("DequantizeLinear", ["latent", "one", "lz"], [f"{name}_l"]),
        helper.make_node("DequantizeLinear", ["w", "one"], [f"{name}_w"]),
        helper.make_node("Gemm", [f"{name}_l", f"{name}_w"], [f"{name}_y"], transB=1),
        helper.make_node("QuantizeLinear", [f"{name}_y", "s", "z"], [name]),
    ]


def chosen(map_name: str) -> list[onnx.NodeProto]:
    """The output: the channel of a map with the largest byte."""
    return [
        helper.make_node("ArgMax", [map_name], ["best"], axis=1, keepdims=0),
        helper.make_node("Cast", ["best"], ["indices"], to=TensorProto.UINT8),
    ]


def reshaped(x: str, y: str, shape: str = "shape") -> onnx.NodeProto:
    return helper.make_node("Reshape", [x, shape], [y])


SHAPE = {"shape": np.array([0, 3, 2, 2], np.int64)}


def test_the_small_network_is_sound() -> None:
    content = network(
        [*gemm("x"), reshaped("x", "map"), *chosen("map")], bytes_of(12) | SHAPE, {"indices": 3}
    )
    assert loads(content)


@pytest.mark.parametrize(
    ("nodes", "constants", "outputs", "text"),
    [
        ([*gemm("x"), *chosen("x")], {}, ["indices"], "an ArgMax must be over the channels of a map"),
        (
            [*gemm("x"), reshaped("x", "map"), *chosen("map"), helper.make_node("Identity", ["x"], ["palette"])],
            SHAPE,
            ["indices", "palette"],
            "the pack's output palette must be the result of a step of its own",
        ),
        (
            [*gemm("x"), reshaped("x", "map"), *chosen("map"), helper.make_node("Identity", ["map"], ["palette"])],
            SHAPE,
            ["indices", "palette"],
            "a pack's palette must be features",
        ),
        (
            [*gemm("x"), reshaped("x", "map"), reshaped("x", "other", "tall"), *chosen("other"),
             helper.make_node("Identity", ["map"], ["palette"])],
            SHAPE | {"tall": np.array([0, 6, 2, 1], np.int64)},
            ["indices", "palette"],
            "features must not be reshaped to two maps",
        ),
        (
            [*gemm("x"), reshaped("x", "map"), *chosen("map")],
            {"shape": np.array([7, 3, 2, 2], np.int64)},
            ["indices"],
            "a Reshape must be to (0, channels, height, width), not to [7, 3, 2, 2]",
        ),
        (
            [*gemm("x"), reshaped("x", "map"), *chosen("map"), helper.make_node("Identity", ["map"], ["rgba"])],
            SHAPE,
            ["indices", "rgba"],
            "a pack's outputs are indices (and perhaps palette), or rgba",
        ),
        (
            [*gemm("x"), reshaped("x", "map"), helper.make_node("Identity", ["map"], ["indices"])],
            SHAPE,
            ["indices"],
            "a pack's indices must come from an ArgMax or an ArgMin",
        ),
        (
            [*gemm("x"), reshaped("x", "map"), helper.make_node("DequantizeLinear", ["map", "s", "z"], ["r"]),
             helper.make_node("QuantizeLinear", ["r", "one", "z"], ["q"]), *chosen("q")],
            SHAPE,
            ["indices"],
            "the pack's node DequantizeLinear stands where tilewright does not run it",
        ),
        (
            [reshaped("latent", "map"), *chosen("map")],
            {"shape": np.array([0, 1, 2, 2], np.int64)},
            ["indices"],
            "a Reshape must follow a Gemm or a Slice",
        ),
    ],
)  # fmt: skip
def test_values_that_no_step_makes_and_shapes_that_do_not_fit(
    nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray], outputs: list[str], text: str
) -> None:
    ranks = {"indices": 3, "palette": 2, "rgba": 4}
    content = network(nodes, bytes_of(12) | constants, {name: ranks[name] for name in outputs})
    assert refusal(content).startswith(text)


def test_one_value_under_two_names() -> None:
    def change(model: onnx.ModelProto) -> None:
        model.graph.node.append(helper.make_node("Identity", ["indices"], ["palette"]))
        model.graph.output.append(helper.make_tensor_value_info("palette", TensorProto.UINT8, ["n", 4]))

    assert refusal(changed(change)) == "the pack's output 'palette' is the same value as another output"


def test_a_pattern_that_something_else_reads_is_not_dropped() -> None:
    """The Sub within an ArgMin's distances is also read by a second output."""

    def change(model: onnx.ModelProto) -> None:
        quantised = node(model, "QuantizeLinear").input
        model.graph.node.append(
            helper.make_node("QuantizeLinear", [node(model, "Sub").output[0], *quantised[1:]], ["rgba"])
        )
        model.graph.output[1].name = "rgba"

    text = "a Reshape must be to (0, channels, height, width), not to [0, 5, 3, 1, 1]"
    assert refusal(changed(change, drawn_palette_pack())) == text


@pytest.mark.parametrize("colours", [5, 7])
def test_a_palette_of_its_own_beside_a_drawn_one(colours: int) -> None:
    def change(model: onnx.ModelProto) -> None:
        set_facts(model, palette=["000000ff"] * colours, palette_size=colours)

    text = "stranger.onnx: the metadata's palette does not fit the network"
    assert refusal(changed(change, drawn_palette_pack())) == text


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"palette": {"000000ff": 1}}, "not a list"),
        ({"palette": ["0000 0ff"] * 7}, "the palette must be 1 to 256 colours as rrggbbaa"),
        ({"kinds": "abc"}, "not a list: 'abc'"),
        ({"sources": [["name", "licence"]]}, "not an object"),
        ({"data": [["a", 1]]}, "not an object"),
        ({"format": "A" * 10_000}, "this tilewright reads the formats 1 to 3"),
        ({"tile_size": "A" * 10_000}, "not an integer: 'AAAA"),
        ({"palette_size": 10**5000}, "Exceeds the limit"),
        ({"data": {"x": "A" * (4 << 20)}}, "has metadata of more than 4194304 characters"),
    ],
)
def test_metadata(facts: dict[str, object], text: str) -> None:
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)  # to write the number down
    try:
        content = changed(lambda model: set_facts(model, **facts))
    finally:
        sys.set_int_max_str_digits(limit)
    said = refusal(content)
    assert text in said and len(said) < 400


@pytest.mark.parametrize("alpha", [float("nan"), float("inf"), -float("inf"), "nan", 1, [0.2]])
def test_an_alpha_is_one_finite_number(alpha: object) -> None:
    said = refusal(changed(lambda model: set_attribute(node(model, "LeakyRelu"), "alpha", alpha)))
    assert said.startswith("the pack's node LeakyRelu has ") and "alpha" in said


SCALES = [3e38, 1e-30, 1e-44]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", ["palette", "drawn", "masked"])
def test_scales_that_leave_float32(name: str, scale: float) -> None:
    """Scales give finite results or a PackError. pytest turns NumPy's warnings into errors."""
    content = {"palette": palette_pack, "drawn": drawn_palette_pack, "masked": masked_pack}[name]()
    count = sum(n.op_type in ("QuantizeLinear", "DequantizeLinear") for n in model_of(content).graph.node)
    refused = 0
    for number in range(count):

        def change(model: onnx.ModelProto, number: int = number) -> None:
            at = [n for n in model.graph.node if n.op_type in ("QuantizeLinear", "DequantizeLinear")][number]
            at.input[1] = constant(model, "extreme", np.array(scale, np.float32))

        refused += not loads(changed(change, content))
    assert refused > 0


def model_of(content: bytes) -> onnx.ModelProto:
    return onnx.ModelProto.FromString(content)


def test_a_table_of_infinite_products_is_refused() -> None:
    """alpha = 0 with a scale of 3e38: inf * 0."""

    def change(model: onnx.ModelProto) -> None:
        leaky = node(model, "LeakyRelu")
        set_attribute(leaky, "alpha", 0.0)
        for n in model.graph.node:
            if n.op_type == "DequantizeLinear" and n.output[0] == leaky.input[0]:
                n.input[1] = constant(model, "extreme", np.array(3e38, np.float32))

    assert refusal(changed(change)) == "the pack's scales are too far apart: each must be in 2^-60 to 2^40"


ESCAPES = "\x1b]0;pwned\x07\x1b[31mEVIL\nsecond line"


def named(kind: str, name: str) -> Change:
    def change(model: onnx.ModelProto) -> None:
        if kind == "operator":
            model.graph.node.append(helper.make_node(name, ["latent"], ["zz"]))
        elif kind == "domain":
            model.graph.node.append(helper.make_node("Relu", ["latent"], ["zz"], domain=name))
        elif kind == "attribute":
            set_attribute(node(model, "Conv"), name, 1)
        elif kind == "tensor":
            model.graph.initializer.append(onnx.TensorProto(name=name, dims=[1 << 40]))
            model.graph.initializer[-1].data_type = TensorProto.INT8
        elif kind == "input":
            model.graph.input[0].name = name
            node(model, "Concat").input[0] = name
        elif kind == "value":
            node(model, "Conv").input[0] = name
        elif kind == "kind":
            set_facts(model, kinds=[name, "b", "c"])
        else:
            node(model, "Pad").attribute[0].s = name.encode()

    return change


@pytest.mark.parametrize(
    "kind", ["operator", "domain", "attribute", "tensor", "input", "value", "kind", "mode"]
)
@pytest.mark.parametrize("name", [ESCAPES, "A" * 2_000_000], ids=["escapes", "long"])
def test_what_a_stranger_wrote_is_short_and_printable(kind: str, name: str) -> None:
    said = refusal(changed(named(kind, name), palette_pack(wrap=True)))
    assert said.isprintable() and len(said) <= 500


@pytest.mark.parametrize(
    "op", ["ArgMax", "Relu", "Conv", "Gather", "Slice", "Pad", "Transpose", "QuantizeLinear"]
)
def test_a_node_without_inputs(op: str) -> None:
    def change(model: onnx.ModelProto) -> None:
        model.graph.node.append(helper.make_node(op, [], ["zz"]))

    assert refusal(changed(change)).startswith(f"the pack's node {op} ")
