"""Make invalid packs: change a valid model, or write a network node by node."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tilewright.errors import PackError
from tilewright.generator import Pack
from tilewright.pack import FORMAT_VERSION, METADATA_KEY, check_pack

from ..networks import metadata, palette_pack

PATH = Path("stranger.onnx")
Change = Callable[[onnx.ModelProto], object]


def changed(change: Change, content: bytes | None = None) -> bytes:
    """Return the bytes of a pack after a change to its model."""
    model = onnx.ModelProto.FromString(palette_pack() if content is None else content)
    change(model)
    return bytes(model.SerializeToString())


def refusal(content: bytes) -> str:
    """Return the text of the PackError. Any other exception fails the test."""
    with pytest.raises(PackError) as error:
        Pack(check_pack(content, PATH))
    return str(error.value)


def loads(content: bytes) -> bool:
    """Whether the pack loads. Any exception other than a PackError fails the test."""
    try:
        Pack(check_pack(content, PATH))
    except PackError:
        return False
    return True


def node(model: onnx.ModelProto, op: str, number: int = 0) -> onnx.NodeProto:
    """Return one of the nodes of an operator."""
    return [n for n in model.graph.node if n.op_type == op][number]


def constant(model: onnx.ModelProto, name: str, array: np.ndarray) -> str:
    """Add a constant or replace the one of that name. Returns the name."""
    for tensor in model.graph.initializer:
        if tensor.name == name:
            model.graph.initializer.remove(tensor)
            break
    model.graph.initializer.append(numpy_helper.from_array(array, name))
    return name


def set_attribute(target: onnx.NodeProto, name: str, value: object) -> None:
    """Set an attribute of a node, replacing one of that name."""
    for attribute in target.attribute:
        if attribute.name == name:
            target.attribute.remove(attribute)
            break
    target.attribute.append(
        helper.make_attribute(name, value, attr_type=onnx.AttributeProto.INTS if value == [] else None)
    )


def set_facts(model: onnx.ModelProto, **facts: object) -> None:
    """Change fields of the metadata."""
    entry = model.metadata_props[0]
    entry.value = json.dumps(json.loads(entry.value) | facts)


def network(
    nodes: list[onnx.NodeProto],
    constants: Mapping[str, np.ndarray],
    outputs: Mapping[str, int],
    latent: int = 4,
    **facts: object,
) -> bytes:
    """Build a pack with one kind around these nodes. outputs: name -> rank."""
    graph = helper.make_graph(
        nodes,
        "stranger",
        [helper.make_tensor_value_info("latent", TensorProto.INT8, ["n", latent])],
        [
            helper.make_tensor_value_info(name, TensorProto.UINT8, ["n", *"abcd"[: rank - 1]])
            for name, rank in outputs.items()
        ],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    said = metadata(2, ["000000ff"] * 3, latent, False, False) | {"kinds": ["only"], "format": FORMAT_VERSION}
    helper.set_model_props(model, {METADATA_KEY: json.dumps(said | facts)})
    return bytes(model.SerializeToString())
