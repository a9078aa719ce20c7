"""Graph: a pack's network between the ONNX file and the Plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tilewright.errors import PackError

MAX_FILE_BYTES = 64 << 20
MAX_OBJECTS = 1 << 18  # fields of a file, and numbers in its lists
MAX_NODES = 4096
MAX_TENSORS = 16384
MAX_RANK = 8
MAX_INPUT = 1 << 15  # numbers along an axis of an input: latents, for one
Array = npt.NDArray[np.generic]

LATENT = "latent"  # what a generator reads
CELLS, LOGITS = "cells", "logits"  # what a step network reads and writes
KIND = "kind"  # an input that both may have
SAME_BATCH = (0, -1)  # the first number of a Reshape's shape that leaves the batch as it is


@dataclass(frozen=True)
class Node:
    """One operation with one output, as in the file: `op` and `attributes` have ONNX's names. fused.py has ours."""

    op: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """Nodes in an order that can be executed, constants by name.

    inputs: name -> (dtype, shape without the batch); outputs: names of node outputs; types: name of a value in the
    file -> its dtype.
    """

    nodes: tuple[Node, ...]
    constants: Mapping[str, Array]
    inputs: Mapping[str, tuple[str, tuple[int, ...]]]
    outputs: tuple[str, ...]
    types: Mapping[str, str]

    def producers(self) -> dict[str, Node]:
        """Value name -> the node that makes it."""
        return {node.output: node for node in self.nodes}

    def consumers(self) -> dict[str, list[Node]]:
        """Value name -> the nodes that read it."""
        readers: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in node.inputs:
                readers.setdefault(name, []).append(node)
        return readers

    def constant(self, name: str, what: str) -> Array:
        """The constant `name`; PackError, which says `what` it should have been, if it is none."""
        if name not in self.constants:
            raise PackError(f"the pack's {what} ({name!r:.60}) is not a constant: export it again")
        return self.constants[name]

    def live(self) -> "Graph":
        """The graph with only the nodes that some output depends on."""
        wanted = set(self.outputs)
        live = []
        for node in reversed(self.nodes):
            if node.output in wanted:
                wanted.update(node.inputs)
                live.append(node)
        return replace(self, nodes=tuple(reversed(live)))
