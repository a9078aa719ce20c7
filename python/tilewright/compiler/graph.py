"""Graph: the representation of a pack's network between the ONNX file and the Plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tilewright.errors import PackError

MAX_FILE_BYTES = 64 << 20
MAX_OBJECTS = 1 << 18  # limit for the fields of a file and the numbers in its lists
MAX_NODES = 4096
MAX_TENSORS = 16384
MAX_RANK = 8
MAX_INPUT = 1 << 15  # largest axis of an input, such as the latents
Array = npt.NDArray[np.generic]

LATENT = "latent"  # the input of a generator
CELLS, LOGITS = "cells", "logits"  # input and output of a step network
KIND, KIND_MAP, WORDS = "kind", "kind_map", "words"  # optional inputs of both
NEIGHBOURS, SCORE = "neighbours", "score"  # another input and the output of a critic, which has cells too
SAME_BATCH = (0, -1)  # the first entries of a Reshape's shape that keep the batch


@dataclass(frozen=True)
class Node:
    """One operation with one output, as in the file: `op` and `attributes` have ONNX's names. fused.py has ours."""

    op: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """Nodes in topological order, and constants by name.

    inputs: name -> (dtype, shape without the batch). outputs: names of node outputs. types: name of a value
    in the file -> its dtype.
    """

    nodes: tuple[Node, ...]
    constants: Mapping[str, Array]
    inputs: Mapping[str, tuple[str, tuple[int, ...]]]
    outputs: tuple[str, ...]
    types: Mapping[str, str]

    def producers(self) -> dict[str, Node]:
        """Map each value to the node that computes it."""
        return {node.output: node for node in self.nodes}

    def consumers(self) -> dict[str, list[Node]]:
        """Map each value to the nodes that read it."""
        readers: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in node.inputs:
                readers.setdefault(name, []).append(node)
        return readers

    def constant(self, name: str, what: str) -> Array:
        """Return the constant `name`. Raises PackError, which states its purpose `what`, if it is not a constant."""
        if name not in self.constants:
            raise PackError(f"the pack's {what} ({name!r:.60}) is not a constant: export it again")
        return self.constants[name]

    def live(self) -> "Graph":
        """Return the graph without dead nodes."""
        wanted = set(self.outputs)
        live = []
        for node in reversed(self.nodes):
            if node.output in wanted:
                wanted.update(node.inputs)
                live.append(node)
        return replace(self, nodes=tuple(reversed(live)))
