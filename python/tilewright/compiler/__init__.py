"""From a pack's ONNX graph to a Plan: onnx_reader -> Graph -> passes -> lowering -> memory."""

from tilewright.compiler.graph import Graph
from tilewright.compiler.lowering import lower
from tilewright.compiler.onnx_reader import MAX_FILE_BYTES, OnnxFile
from tilewright.compiler.passes import run_passes
from tilewright.compiler.sampling import METHODS, Sampling
from tilewright.plan import Plan

__all__ = ["MAX_FILE_BYTES", "METHODS", "OnnxFile", "Sampling", "compile_graph"]


def compile_graph(graph: Graph, sampling: Sampling | None = None) -> Plan:
    """A checked graph -> Plan; with `sampling` it is a step network's. PackError for what cannot be run."""
    return lower(run_passes(graph), sampling)
