"""Compile a pack's ONNX graph to a Plan: onnx_reader -> Graph -> passes -> lowering."""

from typing import TYPE_CHECKING

from tilewright.compiler.graph import MAX_FILE_BYTES, Graph
from tilewright.compiler.lowering import lower
from tilewright.compiler.passes import run_passes
from tilewright.compiler.sampling import METHODS, Sampling
from tilewright.plan import Plan

if TYPE_CHECKING:
    from tilewright.compiler.onnx_reader import OnnxFile

__all__ = ["MAX_FILE_BYTES", "METHODS", "Sampling", "compile_critic", "compile_graph", "read_onnx"]


def read_onnx(content: bytes, name: str) -> "OnnxFile":
    """Parse the bytes of a file. Raises PackError, which names the file `name`, unless they are an ONNX model."""
    from tilewright.compiler.onnx_reader import OnnxFile

    return OnnxFile(content, name)


def compile_graph(graph: Graph, sampling: Sampling | None = None) -> Plan:
    """Compile a checked graph to a plan: of a step network if `sampling` is given, else of a generator.

    Raises PackError for a graph that tilewright cannot execute.
    """
    return lower(run_passes(graph), sampling)


def compile_critic(graph: Graph) -> Plan:
    """Compile a checked graph to the plan of a critic, which judges pictures: output "score", uint8 (kinds,).

    The caller of the plan gives `cells` uint8 (H, W) and `kind_maps`, the neighbours uint8 (H, W), each less than 16.
    Raises PackError for a graph that tilewright cannot execute.
    """
    return lower(run_passes(graph), is_critic=True)
