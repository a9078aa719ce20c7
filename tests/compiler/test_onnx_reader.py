"""Untrusted packs: every fault is one PackError, raised before anything large is allocated."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tilewright.compiler import lowering
from tilewright.engine import Engine
from tilewright.errors import PackError
from tilewright.generator import Pack
from tilewright.pack import FORMAT_VERSION, METADATA_KEY, check_pack
from tilewright.seeds import LATENT_SCALE, draw_latents
from tilewright_training.export.onnx_builder import OnnxBuilder, Scale

from ..networks import metadata, palette_pack

PATH = Path("stranger.onnx")


def damaged(change: Callable[[onnx.ModelProto], object]) -> bytes:
    model = onnx.ModelProto.FromString(palette_pack())
    change(model)
    return model.SerializeToString()


def node(model: onnx.ModelProto, op: str) -> onnx.NodeProto:
    return next(n for n in model.graph.node if n.op_type == op)


def set_constant(model: onnx.ModelProto, name: str, array: np.ndarray) -> None:
    tensor = next(t for t in model.graph.initializer if t.name == name)
    tensor.CopyFrom(numpy_helper.from_array(array, name))


def largest_weights(model: onnx.ModelProto) -> onnx.TensorProto:
    return max(model.graph.initializer, key=lambda t: len(t.raw_data))


def external(model: onnx.ModelProto) -> None:
    tensor = largest_weights(model)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def huge(model: onnx.ModelProto) -> None:
    del largest_weights(model).dims[:]
    largest_weights(model).dims.extend([1 << 20, 1 << 20])


def short(model: onnx.ModelProto) -> None:
    tensor = largest_weights(model)
    tensor.raw_data = tensor.raw_data[:-1]


def subgraph(model: onnx.ModelProto) -> None:
    body = helper.make_graph([], "body", [], [])
    node(model, "Conv").attribute.append(helper.make_attribute("body", body))


def scale_is_nan(model: onnx.ModelProto) -> None:
    set_constant(model, node(model, "QuantizeLinear").input[1], np.array(np.nan, np.float32))


def scale_is_negative(model: onnx.ModelProto) -> None:
    set_constant(model, node(model, "QuantizeLinear").input[1], np.array(-1, np.float32))


def bias_overflows(model: onnx.ModelProto) -> None:
    bias = next(t for t in model.graph.initializer if t.data_type == TensorProto.INT32)
    bias.CopyFrom(numpy_helper.from_array(np.full(bias.dims, 2**31 - 1, np.int32), bias.name))


def stride(model: onnx.ModelProto) -> None:
    node(model, "Conv").attribute.append(helper.make_attribute("strides", [2, 2]))


def unknown_op(model: onnx.ModelProto) -> None:
    node(model, "LeakyRelu").op_type = "Elu"


def custom_domain(model: onnx.ModelProto) -> None:
    node(model, "LeakyRelu").domain = "com.stranger"


def reads_the_future(model: onnx.ModelProto) -> None:
    model.graph.node[0].input[0] = model.graph.node[-1].output[0]


def no_outputs(model: onnx.ModelProto) -> None:
    del model.graph.output[:]


def other_output(model: onnx.ModelProto) -> None:
    model.graph.output[0].name = "picture"


def no_metadata(model: onnx.ModelProto) -> None:
    del model.metadata_props[:]


def other_format(model: onnx.ModelProto) -> None:
    text = model.metadata_props[0].value
    model.metadata_props[0].value = text.replace('"format": 1', '"format": 99')


def metadata_is_a_list(model: onnx.ModelProto) -> None:
    model.metadata_props[0].value = "[1]"


def other_size(model: onnx.ModelProto) -> None:
    text = model.metadata_props[0].value
    model.metadata_props[0].value = text.replace('"tile_size": 16', '"tile_size": 32')


def small_palette(model: onnx.ModelProto) -> None:
    text = model.metadata_props[0].value
    model.metadata_props[0].value = text.replace('"palette": ["0030ffff", ', '"palette": [')


def scale_is_tiny(model: onnx.ModelProto) -> None:
    set_constant(model, node(model, "QuantizeLinear").input[1], np.array(1e-44, np.float32))


def metadata_is_deep(model: onnx.ModelProto) -> None:
    model.metadata_props[0].value = "[" * 200_000


def kinds_twice(model: onnx.ModelProto) -> None:
    text = model.metadata_props[0].value
    model.metadata_props[0].value = text.replace('["floor", "wall", "water"]', '["wall", "wall", "wall"]')


def truth_is_text(model: onnx.ModelProto) -> None:
    text = model.metadata_props[0].value
    model.metadata_props[0].value = text.replace('"wrap": false', '"wrap": "no"')


def output_is_signed(model: onnx.ModelProto) -> None:
    model.graph.output[0].type.tensor_type.elem_type = TensorProto.INT8


def control_characters(model: onnx.ModelProto) -> None:
    text = model.metadata_props[0].value
    model.metadata_props[0].value = text.replace('"name": "random"', '"name": "\\u001b[2J"')


CASES = {
    external: "the pack keeps data in other files: export it as one file",
    huge: "claims an impossible size",
    short: "is damaged",
    subgraph: "the pack's node Conv holds a subgraph",
    scale_is_nan: "holds numbers that are not finite",
    scale_is_negative: "an activation's scale must be one positive float32",
    bias_overflows: "the pack's sums do not fit 32 bits: its weights or biases are too large",
    stride: "the pack's node Conv has strides (2, 2), which tilewright does not run; it runs (1, 1)",
    unknown_op: "the pack uses the operator Elu, which tilewright does not run; it runs Add, ArgMax, ArgMin",
    custom_domain: "the pack uses the operator com.stranger.LeakyRelu, which tilewright does not run",
    reads_the_future: "before anything makes it",
    no_outputs: "a pack's outputs are indices (and perhaps palette), or rgba",
    other_output: "the pack names an output that nothing makes",
    no_metadata: "stranger.onnx is not a pack: an ONNX model without tilewright's metadata",
    other_format: "stranger.onnx has pack format 99; this tilewright reads the formats 1 to 3",
    metadata_is_a_list: "stranger.onnx has damaged metadata",
    other_size: "stranger.onnx: the metadata's tile_size does not fit the network",
    small_palette: "stranger.onnx: the metadata's palette does not fit the network",
    scale_is_tiny: "the pack's scales are too far apart",
    metadata_is_deep: "stranger.onnx has damaged metadata",
    kinds_twice: "stranger.onnx: the metadata's kinds does not fit the network",
    truth_is_text: "stranger.onnx has damaged metadata",
    output_is_signed: "a pack's outputs must be uint8",
    control_characters: "stranger.onnx has damaged metadata",
}


@pytest.mark.parametrize("change", CASES, ids=lambda change: change.__name__)
def test_refuses(change: Callable[[onnx.ModelProto], object]) -> None:
    with pytest.raises(PackError) as error:
        Pack(check_pack(damaged(change), PATH))
    assert CASES[change] in str(error.value)


def pack_with_a_gemm_on_a_map(read: str) -> bytes:
    """A Gemm that reads the "map" itself, or the "features" that are reshaped to it."""
    rng = np.random.default_rng(0)
    byte = Scale(1.0, 128)
    builder = OnnxBuilder(20, LATENT_SCALE)
    features = builder.dense(builder.latent, rng.normal(size=(96, 20)), np.zeros(96), Scale(1 / 32, 120))
    x = builder.to_map(features, 4, 4)
    source = features if read == "features" else x
    palette = builder.dense(source, rng.normal(size=(15, 96)), np.zeros(15), byte)
    weights = rng.integers(-128, 128, (5, 6, 1, 1), dtype=np.int8)
    builder.argmax_of(x, weights, np.zeros(5, np.int32), 1.0, False, "indices")
    builder.output(palette, "palette", 2)
    facts = metadata(4, None, 20, False, False) | {"palette_size": 5}
    text = json.dumps({"format": FORMAT_VERSION, **facts})
    return builder.finish("random", {METADATA_KEY: text}).SerializeToString()


@pytest.mark.parametrize("read", ["features", "map"])
@pytest.mark.parametrize("gemm_first", [False, True])
def test_refuses_a_gemm_on_a_map(read: str, gemm_first: bool) -> None:
    """The core stores a dense layer that becomes a map channels-last, which differs from the Gemm's order."""
    model = onnx.ModelProto.FromString(pack_with_a_gemm_on_a_map(read))
    if gemm_first and read == "features":
        nodes = model.graph.node
        reshape = node(model, "Reshape")
        nodes.remove(reshape)
        nodes.insert(max(i for i, n in enumerate(nodes) if n.op_type == "Gemm") + 1, reshape)
    text = "read features, not a map" if read == "map" else "not read features that a Reshape makes a map"
    with pytest.raises(PackError, match=f"^a Gemm must {text}$"):
        check_pack(model.SerializeToString(), PATH)


def pack_with_a_slice(bounds: Mapping[str, Sequence[int]], of_a_map: bool = False) -> bytes:
    """The latent's features 4 .. 19 as a map of one channel. bounds: other starts, ends, axes or steps."""
    builder = OnnxBuilder(20, LATENT_SCALE)
    source = builder.latent
    if of_a_map:
        source = builder.to_map(builder.slice(source, 0, 16), 4, 4)
    x = builder.to_map(builder.slice(source, 4, 20), 4, 4)
    weights = np.array([[[[1]]], [[[-1]]]], np.int8)
    builder.argmax_of(x, weights, np.zeros(2, np.int32), 1.0, False, "indices")
    facts = metadata(4, ["000000ff", "ffffffff"], 20, False, False) | {"kinds": ["only"]}
    text = json.dumps({"format": FORMAT_VERSION, **facts})
    model = builder.finish("random", {METADATA_KEY: text})
    taken = [n for n in model.graph.node if n.op_type == "Slice"][-1]
    for i, (what, values) in enumerate({"starts": [4], "ends": [20], "axes": [1], **bounds}.items()):
        model.graph.initializer.append(numpy_helper.from_array(np.array(values, np.int64), what))
        taken.input[i + 1 :] = [what, *taken.input[i + 2 :]]
    return bytes(model.SerializeToString())


def test_a_slice_of_the_latent_becomes_a_map() -> None:
    pack = check_pack(pack_with_a_slice({}), PATH)
    assert [step.op for step in pack.plan.steps] == ["slice", "scores", "argmax"]
    latents = draw_latents(5, 0, 3, 20)
    indices = Engine(pack.plan).run(3, seed=5)["indices"]
    np.testing.assert_array_equal(indices, latents[:, 4:].reshape(3, 4, 4) < 0)


@pytest.mark.parametrize(
    ("bounds", "of_a_map", "text"),
    [
        ({"starts": [-1]}, False, "a Slice from -1 to 20 does not fit an input of (20,)"),
        ({"starts": [20]}, False, "a Slice from 20 to 20 does not fit an input of (20,)"),
        ({"ends": [2**63 - 1]}, False, f"a Slice from 4 to {2**63 - 1} does not fit an input of (20,)"),
        ({}, True, "a Slice from 4 to 20 does not fit an input of (4, 4, 1)"),
        ({"axes": [0]}, False, "a Slice must take features that lie side by side"),
        ({"starts": [4, 0], "ends": [20, 1], "axes": [1, 0]}, False, "a Slice must take features"),
        ({"steps": [2]}, False, "a Slice must take features that lie side by side"),
        ({"starts": [5]}, False, "a Reshape to [1, 4, 4] does not fit 15 features"),
    ],
)
def test_refuses_a_slice_that_does_not_fit(
    bounds: Mapping[str, Sequence[int]], of_a_map: bool, text: str
) -> None:
    with pytest.raises(PackError) as error:
        check_pack(pack_with_a_slice(bounds, of_a_map), PATH)
    assert text in str(error.value)


def test_the_undamaged_pack_is_accepted() -> None:
    assert check_pack(damaged(lambda model: None), PATH).name == "random"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a model", b"\x89PNG\r\n", bytes(1000)])
def test_refuses_other_files(content: bytes) -> None:
    with pytest.raises(PackError, match=r"^stranger\.onnx is not a pack: not an ONNX file"):
        check_pack(content, PATH)


def test_survives_flipped_bytes() -> None:
    """Damaged bytes cause a PackError or a pack that loads."""
    content = palette_pack()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(150):
        broken = bytearray(content)
        for at in rng.integers(0, len(content), rng.integers(1, 4)):
            broken[at] ^= 1 << int(rng.integers(8))
        try:
            Pack(check_pack(bytes(broken), PATH)).generate(1)
        except PackError:
            refused += 1
    assert refused > 0


def test_survives_truncation() -> None:
    content = palette_pack()
    for end in range(0, len(content), len(content) // 60):
        with pytest.raises(PackError):
            check_pack(content[:end], PATH)


def test_layers_may_not_hold_more_than_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """One constant can feed many layers, so the file size does not bound the memory."""
    monkeypatch.setattr(lowering, "MAX_WEIGHT_BYTES", 1000)
    with pytest.raises(PackError, match=r"^the pack's layers hold more than 1000 bytes$"):
        check_pack(palette_pack(), Path("pack.onnx"))
