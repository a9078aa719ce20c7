"""The files for ncnn, tested without ncnn: layers, blobs and the bytes of the weights."""

from collections.abc import Callable

import numpy as np
import onnx
import pytest

from tilewright_benchmarks.float_graph import float_graph
from tilewright_benchmarks.ncnn_graph import FLOAT, INT8, MAGIC, WEIGHTED, NcnnGraph
from tilewright_benchmarks.variants import phases

from ..networks import dcgan_pack, drawn_palette_pack, family_pack, palette_pack


def model(content: bytes) -> onnx.ModelProto:
    return float_graph(onnx.load_from_string(content))


def layers(graph: NcnnGraph) -> list[list[str]]:
    """Return the words of each layer: kind, name, numbers of inputs and outputs, their names, settings."""
    magic, counts, *lines = graph.param.splitlines()
    words = [line.split() for line in lines]
    blobs = [blob for line in words for blob in made(line)]
    assert (magic, counts) == (MAGIC, f"{len(lines)} {len(blobs)}")
    assert len(set(blobs)) == len(blobs)
    return words


def read(line: list[str]) -> list[str]:
    return line[4 : 4 + int(line[2])]


def made(line: list[str]) -> list[str]:
    return line[4 + int(line[2]) : 4 + int(line[2]) + int(line[3])]


PACKS: dict[str, Callable[[], bytes]] = {
    "palette": palette_pack,
    "dcgan": dcgan_pack,
    "drawn": lambda: drawn_palette_pack(nearest=False),
    "vae": lambda: family_pack("vae"),
}


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("rewrite", [lambda model: model, phases])
def test_every_blob_has_one_reader(pack: str, rewrite: object) -> None:
    assert callable(rewrite)
    graph = NcnnGraph(float_graph(rewrite(onnx.load_from_string(PACKS[pack]()))))
    known: list[str] = []
    taken: list[str] = []
    for line in layers(graph):
        assert set(read(line)) <= set(known), "a layer reads what is made later"
        taken += read(line)
        known += made(line)
    results = {graph.blob(name) for name in graph.results}
    assert len(set(taken)) == len(taken)
    assert set(known) - set(taken) == results


def test_layers_of_a_dcgan() -> None:
    kinds = [line[0] for line in layers(NcnnGraph(model(dcgan_pack())))]
    assert kinds[:4] == ["Input", "InnerProduct", "ReLU", "Reshape"]
    assert kinds[-2:] == ["Deconvolution", "TanH"]


def test_weights() -> None:
    network = model(dcgan_pack())
    arrays = {c.name: onnx.numpy_helper.to_array(c) for c in network.graph.initializer}
    expected = 0
    for node in network.graph.node:
        if node.op_type in WEIGHTED:
            expected += len(FLOAT) + sum(arrays[name].nbytes for name in node.input[1:])
    weights = NcnnGraph(network).weights
    assert (len(weights), weights[:4]) == (expected, FLOAT)


def test_int8_layers_carry_their_scales() -> None:
    network = model(palette_pack(size=8))
    graph = NcnnGraph(network)
    eights = NcnnGraph(network, dict.fromkeys(graph.weighted, 2.5))
    assert INT8 in eights.weights and len(eights.weights) < len(graph.weights)
    for line in layers(eights):
        assert ("8=1" in line) == (line[0] in ("InnerProduct", "Convolution"))
    assert eights.weights.endswith(np.float32(2.5).tobytes())


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(ValueError, match="ncnn has no layer for what "):
        NcnnGraph(model(palette_pack(wrap=True)))
