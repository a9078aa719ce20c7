"""Passes: Graph -> Graph, until every node is one of our ops on quantised values.

A float op stands between DequantizeLinear and QuantizeLinear; `fuse` replaces the three by one node that knows the
quantisations on both sides.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from tilewright.compiler.graph import CELLS, LOGITS, Graph, Node
from tilewright.compiler.quantised import Quantisation, quantisation
from tilewright.errors import PackError

POINTWISE = frozenset({"LeakyRelu", "Relu", "Sigmoid", "Tanh"})
WEIGHTED = frozenset({"Conv", "ConvTranspose", "Gemm"})


def run_passes(graph: Graph) -> Graph:
    """All passes in order."""
    for one_pass in PASSES:
        graph = one_pass(graph)
    return graph


def drop_identities(graph: Graph) -> Graph:
    """Identity, and the Cast of indices to uint8 (they already are). An output keeps its name."""
    renamed: dict[str, str] = {}
    kept = []
    for node in graph.nodes:
        source = renamed.get(node.inputs[0], node.inputs[0]) if node.inputs else ""
        if node.op not in ("Identity", "Cast"):
            kept.append(node)
        elif node.output in graph.outputs and source not in graph.outputs:
            renamed[source] = node.output
        else:
            renamed[node.output] = source
    return replace(graph, nodes=tuple(_rename(node, renamed) for node in kept))


def _rename(node: Node, names: Mapping[str, str]) -> Node:
    inputs = tuple(names.get(name, name) for name in node.inputs)
    return replace(node, inputs=inputs, output=names.get(node.output, node.output))


def fuse_cells(graph: Graph) -> Graph:
    """Transpose(Gather(table, cells + entries * kind)) -> embed_cells; without kind, the cells alone pick the row."""
    producers = graph.producers()
    nodes, used = [], set()
    for node in graph.nodes:
        if node.op == "Transpose":
            node, inner = _embedding(graph, node, producers)
            used |= inner
        nodes.append(node)
    return replace(graph, nodes=tuple(node for node in nodes if node.output not in used))


def _embedding(graph: Graph, transpose: Node, producers: dict[str, Node]) -> tuple[Node, set[str]]:
    """The fused node, and the names of the values inside it."""
    gather = _producer(transpose.inputs[0], "Gather", producers)
    table, row = gather.inputs
    used, entries = {gather.output}, None
    if row != CELLS:
        total = _producer(row, "Add", producers)
        if total.inputs[0] != CELLS:
            raise PackError("a Gather must pick its rows by cells + entries * kind")
        product = _producer(total.inputs[1], "Mul", producers)
        kinds = _producer(product.inputs[0], "Unsqueeze", producers)
        axes = [int(a) for a in graph.constant(kinds.inputs[1], "axes").flatten()]
        factor = graph.constant(product.inputs[1], "number of entries")
        if kinds.inputs[0] != "kind" or axes != [1, 2] or factor.size != 1 or factor.dtype != np.int64:
            raise PackError("a Gather must pick its rows by cells + entries * kind")
        used |= {total.output, product.output, kinds.output}
        entries = int(factor.item())
    if list(transpose.attributes.get("perm", ())) != [0, 3, 1, 2] or gather.attributes.get("axis", 0) != 0:
        raise PackError("a Gather of rows by cells must be transposed to (n, channels, height, width)")
    return Node("embed_cells", (table, CELLS), transpose.output, {"entries": entries}), used


def absorb_relu(graph: Graph) -> Graph:
    """Relu after a weighted op whose QuantizeLinear has its zero point at the bottom: the clamp does its work."""
    producers, consumers = graph.producers(), graph.consumers()
    renamed: dict[str, str] = {}
    for node in graph.nodes:
        before = producers.get(node.inputs[0]) if node.inputs else None
        readers = consumers.get(node.output, [])
        if node.op != "Relu" or before is None or before.op not in WEIGHTED:
            continue
        if len(readers) != 1 or readers[0].op != "QuantizeLinear" or _target(graph, readers[0]).zero != 0:
            raise PackError("a Relu must be followed by a QuantizeLinear whose zero point is the least value")
        renamed[node.output] = node.inputs[0]
    nodes = tuple(_rename(node, renamed) for node in graph.nodes if node.output not in renamed)
    return replace(graph, nodes=nodes)


def fold_wrap(graph: Graph) -> Graph:
    """Pad(mode=wrap) before a convolution -> wrap=True on the convolution, its padding counted in pixels."""
    producers = graph.producers()
    nodes = []
    for node in graph.nodes:
        if node.op in ("Conv", "ConvTranspose"):
            node = _with_padding(graph, node, producers)
        nodes.append(node)
    kept = [n for n in nodes if n.op != "Pad" or n.attributes.get("mode") != "wrap"]
    return replace(graph, nodes=tuple(kept))


def _with_padding(graph: Graph, conv: Node, producers: dict[str, Node]) -> Node:
    view = producers.get(conv.inputs[0])
    source = producers.get(view.inputs[0]) if view is not None else None
    if conv.attributes.get("auto_pad", "NOTSET") != "NOTSET":
        raise PackError("a convolution's auto_pad is not supported: give pads")
    pads = [int(p) for p in conv.attributes.get("pads", (0, 0, 0, 0))]
    attributes, wrap = {**conv.attributes, "pads": pads}, 0
    if view is not None and source is not None and source.op == "Pad":
        amounts = [int(v) for v in graph.constant(source.inputs[1], "padding").flatten()]
        if source.attributes.get("mode") != "wrap" or amounts[:2] + amounts[4:6] != [0] * 4:
            raise PackError("a Pad must wrap around height and width")
        wrap = amounts[2]
        if amounts[2:4] + amounts[6:8] != [wrap] * 4:
            raise PackError("a Pad must be the same on all four sides")
        attributes["unpadded"] = source.inputs[0]
    return replace(conv, attributes={**attributes, "wrap": wrap})


def fuse_nearest(graph: Graph) -> Graph:
    """ArgMin over the squared distances from each pixel to the entries of a palette -> nearest.

    The distances are ReduceSum(Mul(d, d)) of d = Sub(Unsqueeze(pixels), Reshape(palette)), both dequantised with
    one zero point, so that only differences of integers take part.
    """
    producers = graph.producers()
    nodes = [_nearest(graph, node, producers) if node.op == "ArgMin" else node for node in graph.nodes]
    replaced = ("Sub", "Mul", "ReduceSum", "Unsqueeze")
    palettes = {node.inputs[1] for node in nodes if node.op == "nearest"}
    kept = [n for n in nodes if n.op not in replaced and not (n.op == "Reshape" and n.inputs[0] in palettes)]
    return replace(graph, nodes=tuple(kept))


def _nearest(graph: Graph, node: Node, producers: dict[str, Node]) -> Node:
    chain = [node]
    for op in ("ReduceSum", "Mul", "Sub"):
        chain.append(_producer(chain[-1].inputs[0], op, producers))
    _, total, square, difference = chain
    pixels = _producer(difference.inputs[0], "Unsqueeze", producers)
    (x, source), (entries, target) = (
        _view(graph, name, producers) for name in (pixels.inputs[0], difference.inputs[1])
    )
    reshape = _producer(entries, "Reshape", producers)
    shape = [int(d) for d in graph.constant(reshape.inputs[1], "shape").flatten()]
    axes = [[int(a) for a in graph.constant(n.inputs[1], "axes").flatten()] for n in (pixels, total)]
    choice = (node.attributes.get("axis", 0), node.attributes.get("keepdims", 1))
    first = node.attributes.get("select_last_index", 0) == 0
    if (
        square.inputs != (difference.output, difference.output)
        or (source.scale, source.zero) != (target.scale, target.zero)
        or axes != [[1], [2]]
        or total.attributes.get("keepdims", 1) != 0
        or (choice, first) != ((1, 0), True)
        or len(shape) != 5
        or shape[3:] != [1, 1]
    ):
        raise PackError("an ArgMin must be over the squared distances to the entries of a palette")
    return Node("nearest", (x, reshape.inputs[0]), node.output, {"entries": (shape[1], shape[2])})


def _producer(name: str, op: str, producers: dict[str, Node]) -> Node:
    node = producers.get(name)
    if node is None or node.op != op:
        raise PackError(f"the value {name!r} must come from a {op}")
    return node


def fuse(graph: Graph) -> Graph:
    """DequantizeLinear .. op .. QuantizeLinear -> one node of ours with `source`, `target` and its constants."""
    producers, consumers = graph.producers(), graph.consumers()
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.op in WEIGHTED:
            nodes.append(_fuse_weighted(graph, node, producers, consumers))
        elif node.op in POINTWISE:
            value, source = _view(graph, node.inputs[0], producers)
            after, target = _quantised(graph, node, consumers)
            attributes = {"function": node.op, "alpha": node.attributes.get("alpha", 0.01)}
            nodes.append(Node("lookup", (value,), after, {**attributes, "source": source, "target": target}))
        elif node.op == "Add":
            (a, source_a), (b, source_b) = (_view(graph, name, producers) for name in node.inputs)
            after, target = _quantised(graph, node, consumers)
            nodes.append(
                Node("add", (a, b), after, {"source": source_a, "source_b": source_b, "target": target})
            )
        elif node.op == "ArgMax":
            nodes.append(Node("argmax", node.inputs, node.output, node.attributes))
        elif node.op in ("nearest", "embed_cells"):
            nodes.append(node)
        elif node.op == "Slice":
            nodes.append(_slice(graph, node))
        elif node.op in _RENAMED:
            nodes.append(replace(node, op=_RENAMED[node.op]))
        elif node.op not in ("DequantizeLinear", "QuantizeLinear"):
            raise PackError(f"the pack's node {node.op} stands where tilewright does not run it")
    return replace(graph, nodes=tuple(nodes))


_RENAMED = {"Gather": "embed", "Concat": "concat", "Reshape": "reshape"}


def _slice(graph: Graph, node: Node) -> Node:
    if len(node.inputs) not in (4, 5):
        raise PackError("a Slice must have starts, ends and axes")
    first, end, axis, *step = (
        [int(v) for v in graph.constant(name, what).flatten()]
        for name, what in zip(node.inputs[1:], ("start", "end", "axis", "step"), strict=False)
    )
    if axis != [1] or len(first) != 1 or len(end) != 1 or step not in ([], [[1]]):
        raise PackError(
            "a Slice must take features that lie side by side: axes [1], one start, one end, no step"
        )
    return Node("slice", node.inputs[:1], node.output, {"first": first[0], "end": end[0]})


def _fuse_weighted(
    graph: Graph, node: Node, producers: dict[str, Node], consumers: dict[str, list[Node]]
) -> Node:
    value, source = _view(graph, node.inputs[0], producers)
    value = node.attributes.get("unpadded", value)
    weights = producers.get(node.inputs[1])
    if weights is None or weights.op != "DequantizeLinear":
        raise PackError(f"the weights of a {node.op} must come through DequantizeLinear")
    if len(weights.inputs) > 2 and graph.constant(weights.inputs[2], "zero point").any():
        raise PackError(f"the weights of a {node.op} must have the zero point 0")
    attributes = {
        **{k: v for k, v in node.attributes.items() if k != "unpadded"},
        "source": source,
        "weights": graph.constant(weights.inputs[0], "weights"),
        "weight_scale": graph.constant(weights.inputs[1], "scale"),
        "weight_axis": int(weights.attributes.get("axis", 1)),
    }
    if len(node.inputs) > 2:
        bias = producers.get(node.inputs[2])
        if bias is None or bias.op != "DequantizeLinear":
            raise PackError(f"the bias of a {node.op} must come through DequantizeLinear")
        attributes["bias"] = graph.constant(bias.inputs[0], "bias")
        attributes["bias_scale"] = graph.constant(bias.inputs[1], "scale")
    readers = consumers.get(node.output, [])
    compared = [reader.op for reader in readers] == ["ArgMax"]
    if node.op == "Conv" and (compared or (not readers and node.output == LOGITS)):
        return Node("scores", (value,), node.output, attributes)
    after, target = _quantised(graph, node, consumers)
    name = {"Conv": "conv2d", "ConvTranspose": "conv_transpose2d", "Gemm": "dense"}[node.op]
    return Node(name, (value,), after, {**attributes, "target": target})


def _view(graph: Graph, name: str, producers: dict[str, Node]) -> tuple[str, Quantisation]:
    """The quantised value behind a float one, and what its numbers stand for."""
    node = producers.get(name)
    if node is None or node.op != "DequantizeLinear":
        raise PackError(f"the float value {name!r} must come through DequantizeLinear")
    return node.inputs[0], _target(graph, node)


def _quantised(graph: Graph, node: Node, consumers: dict[str, list[Node]]) -> tuple[str, Quantisation]:
    """Name and quantisation of a float op's result."""
    readers = consumers.get(node.output, [])
    if len(readers) != 1 or readers[0].op != "QuantizeLinear":
        raise PackError(f"the result of a {node.op} must go to one QuantizeLinear")
    return readers[0].output, _target(graph, readers[0])


def _target(graph: Graph, node: Node) -> Quantisation:
    scale = graph.constant(node.inputs[1], "scale")
    zero = graph.constant(node.inputs[2], "zero point") if len(node.inputs) > 2 else None
    return quantisation(scale, zero)


PASSES: tuple[Callable[[Graph], Graph], ...] = (
    drop_identities,
    fuse_cells,
    absorb_relu,
    fold_wrap,
    fuse_nearest,
    fuse,
)
