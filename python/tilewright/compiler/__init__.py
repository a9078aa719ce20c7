"""Compile a pack's ONNX graph to a Plan: onnx_reader -> Graph -> passes -> lowering."""

from typing import TYPE_CHECKING

from tilewright.compiler.graph import MAX_FILE_BYTES, Graph
from tilewright.compiler.lowering import lower
from tilewright.compiler.passes import run_passes
from tilewright.compiler.sampling import METHODS, Sampling
from tilewright.plan import Plan

if TYPE_CHECKING:
    from tilewright.compiler.onnx_reader import OnnxFile

__all__ = ["MAX_FILE_BYTES", "METHODS", "Sampling", "compile_graph", "read_onnx"]


def read_onnx(content: bytes, name: str) -> "OnnxFile":
    """Parse the bytes of a file. Raises PackError, which names the file `name`, if they are no ONNX model."""
    from tilewright.compiler.onnx_reader import OnnxFile

    return OnnxFile(content, name)


def compile_graph(graph: Graph, sampling: Sampling | None = None) -> Plan:
    """A checked graph -> Plan; with `sampling` it is a step network's. PackError for what cannot be run."""
    return lower(run_passes(graph), sampling)
