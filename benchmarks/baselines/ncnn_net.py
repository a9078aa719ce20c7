"""ncnn, with its own files converted from the float graph. It has no batches, so tiles run one by one."""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

from ..ncnn_graph import NcnnGraph
from .baseline import Baseline

CALIBRATION = 16
"""Tiles that determine the int8 scales by their largest values."""


class NcnnFp32(Baseline):
    """float32 throughout. Ops outside of the network (kinds, argmax) are not timed."""

    name, package, precision = "ncnn fp32", "ncnn", "fp32"
    variants = ("as it is", "phases", "wide", "resize")

    def __init__(self, model: onnx.ModelProto, feed: Mapping[str, np.ndarray], threads: int) -> None:
        import ncnn

        self._model = onnx.shape_inference.infer_shapes(model)
        self._graph = NcnnGraph(model)
        self._net = _load(self._graph, threads)
        head = _part(self._model, [value.name for value in model.graph.input], self._graph.sources)
        given = zip(*ReferenceEvaluator(head).run(self._graph.sources, dict(feed)), strict=True)
        self._arrays = [[np.ascontiguousarray(array) for array in tile] for tile in given]
        self._tiles = [[ncnn.Mat(array) for array in tile] for tile in self._arrays]

    def run(self) -> object:
        blobs = [self._graph.blob(name) for name in self._graph.results]
        return [self._values(tile, blobs) for tile in self._tiles]

    def outputs(self) -> dict[str, np.ndarray]:
        names = [value.name for value in self._model.graph.output]
        blobs = [self._graph.blob(name) for name in self._graph.results]
        made = zip(*([np.array(v) for v in self._values(tile, blobs)] for tile in self._tiles), strict=True)
        values = {name: np.stack(tiles) for name, tiles in zip(self._graph.results, made, strict=True)}
        tail = _part(self._model, list(values), names)
        return dict(zip(names, ReferenceEvaluator(tail).run(names, values), strict=True))

    def _values(self, tile: list[Any], blobs: Iterable[str]) -> list[Any]:
        extractor = self._net.create_extractor()
        for name, mat in zip(self._graph.sources, tile, strict=True):
            extractor.input(name, mat)
        return [extractor.extract(blob)[1] for blob in blobs]


class NcnnInt8(NcnnFp32):
    """ncnn's int8, which computes other numbers; the agreement measures the difference."""

    name, precision = "ncnn int8", "int8"

    @classmethod
    def quantised(cls) -> bool:
        return False

    def __init__(self, model: onnx.ModelProto, feed: Mapping[str, np.ndarray], threads: int) -> None:
        super().__init__(model, feed, threads)
        read = list(dict.fromkeys(self._graph.weighted))
        largest = np.full(len(read), 1e-8)
        for tile in self._tiles[:CALIBRATION]:
            reached = [float(np.abs(np.array(value)).max()) for value in self._values(tile, read)]
            largest = np.maximum(largest, reached)
        self._graph = NcnnGraph(model, dict(zip(read, 127 / largest, strict=True)))
        self._net = _load(self._graph, threads)


def _load(graph: NcnnGraph, threads: int) -> Any:
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = threads
    for storage in ("bf16_storage", "bf16_packed", "fp16_storage", "fp16_packed", "fp16_arithmetic"):
        setattr(net.opt, f"use_{storage}", False)
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.bin"
        weights.write_bytes(graph.weights)
        if net.load_param_mem(graph.param) or net.load_model(str(weights)):
            raise RuntimeError("ncnn does not load the network")
    return net


def _part(model: onnx.ModelProto, inputs: list[str], outputs: list[str]) -> onnx.ModelProto:
    return onnx.utils.Extractor(model).extract_model(inputs, outputs)
