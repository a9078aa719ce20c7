"""Passes that transform a Graph until every node is one of our ops on quantised values.

A float op is preceded by DequantizeLinear and followed by QuantizeLinear. `fuse` replaces the three by one
node with both quantisations.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from tilewright.compiler.fused import (
    Add,
    Constant,
    Convolution,
    Dense,
    Embed,
    EmbedCells,
    Lookup,
    Mean,
    Nearest,
    RequantisedConvolution,
    Reshape,
    Slice,
)
from tilewright.compiler.graph import (
    CELLS,
    KIND,
    KIND_MAP,
    LOGITS,
    MAX_RANK,
    NEIGHBOURS,
    SAME_BATCH,
    Graph,
    Node,
)
from tilewright.compiler.quantised import Quantisation, quantisation
from tilewright.errors import PackError

POINTWISE = frozenset({"LeakyRelu", "Relu", "Sigmoid", "Tanh"})
WEIGHTED = frozenset({"Conv", "ConvTranspose", "Gemm"})


def run_passes(graph: Graph) -> Graph:
    """Run all passes in order, with dead-node elimination after each."""
    graph = graph.live()
    for one_pass in PASSES:
        graph = one_pass(graph).live()
    return graph


def drop_identities(graph: Graph) -> Graph:
    """Remove Identity, and Cast if it changes no value. Outputs keep their names."""
    producers = graph.producers()
    source: dict[str, str] = {}
    for node in graph.nodes:
        if node.op in ("Identity", "Cast"):
            name = source[node.output] = source.get(node.inputs[0], node.inputs[0])
            if node.op == "Cast":
                _check_cast(graph, node, name, producers.get(name))
    names: dict[str, str] = {}
    for output in graph.outputs:
        made = source.get(output, output)
        if made not in producers:
            raise PackError(
                f"the pack's output {output!r:.60} is a constant or an input, no result of a step"
            )
        if output != made and (made in names or made in graph.outputs):
            raise PackError(f"the pack's output {output!r:.60} is the same value as another output")
        names[made] = output
    renamed = {name: names.get(made, made) for name, made in source.items()} | names
    kept = [node for node in graph.nodes if node.output not in source]
    return replace(graph, nodes=tuple(_rename(node, renamed) for node in kept))


def _check_cast(graph: Graph, cast: Node, name: str, made_by: Node | None) -> None:
    """Allow Cast of an input of cells to int64 and of an index to uint8, which preserve the values."""
    before, after = graph.types[cast.inputs[0]], graph.types[cast.output]
    index = made_by is not None and made_by.op in ("ArgMax", "ArgMin") and after == "uint8"
    cells = name in (CELLS, KIND_MAP, NEIGHBOURS) and name in graph.inputs and after == "int64"
    if before != after and not index and not cells:
        raise PackError(
            "a Cast must be of cells, kind_map or neighbours to int64, or of an index to uint8, "
            f"not of {name!r:.60} to {after}"
        )


def _rename(node: Node, names: Mapping[str, str]) -> Node:
    inputs = tuple(names.get(name, name) for name in node.inputs)
    return replace(node, inputs=inputs, output=names.get(node.output, node.output))


def fuse_cells(graph: Graph) -> Graph:
    """Fuse Transpose(Gather(table, index)) to embed_cells.

    The index is cells, kind_map, neighbours or cells + entries * kind.
    """
    producers = graph.producers()
    nodes = [_embedding(graph, node, producers) if node.op == "Transpose" else node for node in graph.nodes]
    return replace(graph, nodes=tuple(nodes))


def _embedding(graph: Graph, transpose: Node, producers: dict[str, Node]) -> Node:
    gather = _producer(transpose.inputs[0], "Gather", producers)
    table, row = gather.inputs
    rows = graph.constant(table, "table of cells")
    if row in (KIND_MAP, NEIGHBOURS) and row in graph.inputs:
        return EmbedCells("embed_cells", (row,), transpose.output, table=rows, entries=None)
    entries = None
    if row != CELLS:
        total = _producer(row, "Add", producers)
        product = _producer(total.inputs[1], "Mul", producers)
        kinds = _producer(product.inputs[0], "Unsqueeze", producers)
        axes = _numbers(graph, kinds.inputs[1], "axes")
        factor = graph.constant(product.inputs[1], "number of entries")
        if (total.inputs[0], kinds.inputs[0], axes) != (CELLS, KIND, [1, 2]) or factor.shape not in (
            (),
            (1,),
        ):
            raise PackError("a Gather must pick its rows by cells + entries * kind")
        entries = int(factor.item())
    if CELLS not in graph.inputs or (KIND in graph.inputs) != (entries is not None):
        raise PackError("a table of cells must have rows for each kind where there is an input kind")
    names = (CELLS,) if entries is None else (KIND, CELLS)
    return EmbedCells("embed_cells", names, transpose.output, table=rows, entries=entries)


def absorb_relu(graph: Graph) -> Graph:
    """Remove a Relu between a weighted op and a QuantizeLinear whose zero point is the smallest value of its type.

    The clamp of the QuantizeLinear then has the same effect.
    """
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


def fuse_nearest(graph: Graph) -> Graph:
    """Fuse the ArgMin over squared distances from each pixel to the entries of a palette to nearest.

    The distances are ReduceSum(Mul(d, d)) of d = Sub(Unsqueeze(pixels), Reshape(palette)). Both are
    dequantised with one zero point, so the differences are integers.
    """
    producers = graph.producers()
    nodes = [_nearest(graph, node, producers) if node.op == "ArgMin" else node for node in graph.nodes]
    return replace(graph, nodes=tuple(nodes))


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
    batch, *shape = _numbers(graph, reshape.inputs[1], "shape")
    axes = [_numbers(graph, n.inputs[1], "axes") for n in (pixels, total)]
    if (
        square.inputs != (difference.output, difference.output)
        or (source.scale, source.zero) != (target.scale, target.zero)
        or axes != [[1], [2]]
        or batch not in SAME_BATCH
        or len(shape) != 4
        or shape[2:] != [1, 1]
    ):
        raise PackError("an ArgMin must be over the squared distances to the entries of a palette")
    return Nearest("nearest", (x, reshape.inputs[0]), node.output, entries=(shape[0], shape[1]))


def _numbers(graph: Graph, name: str, what: str) -> list[int]:
    """Return a short list of integers from a constant."""
    array = graph.constant(name, what)
    if array.ndim != 1 or array.size > MAX_RANK:
        raise PackError(f"the pack's {what} ({name!r:.60}) must be a list of at most {MAX_RANK} numbers")
    return [int(v) for v in array]


def _producer(name: str, op: str, producers: dict[str, Node]) -> Node:
    node = producers.get(name)
    if node is None or node.op != op:
        raise PackError(f"the value {name!r:.60} must come from a {op}")
    return node


def fuse(graph: Graph) -> Graph:
    """Fuse DequantizeLinear .. op .. QuantizeLinear to one node of fused.py.

    Other nodes remain, and lowering rejects them if an output depends on them.
    """
    producers, consumers = graph.producers(), graph.consumers()
    nodes: dict[str, Node] = {}  # by output, so that a fused op replaces the QuantizeLinear
    for node in graph.nodes:
        fused = _fused(graph, node, producers, consumers)
        nodes.setdefault(fused.output, fused)
    return replace(graph, nodes=tuple(nodes.values()))


def _fused(graph: Graph, node: Node, producers: dict[str, Node], consumers: dict[str, list[Node]]) -> Node:
    if node.op in WEIGHTED:
        return _fuse_weighted(graph, node, producers, consumers)
    if node.op in POINTWISE:
        value, source = _view(graph, node.inputs[0], producers)
        after, target = _quantised(graph, node, consumers)
        alpha = node.attributes.get("alpha", 0.0)
        return Lookup("lookup", (value,), after, function=node.op, alpha=alpha, source=source, target=target)
    if node.op == "Add":
        (a, source_a), (b, source_b) = (_view(graph, name, producers) for name in node.inputs)
        after, target = _quantised(graph, node, consumers)
        return Add("add", (a, b), after, source_a=source_a, source_b=source_b, target=target)
    if node.op == "ReduceMean":
        if _numbers(graph, node.inputs[1], "axes") != [2, 3]:
            raise PackError("a ReduceMean must be over height and width: axes [2, 3]")
        value, source = _view(graph, node.inputs[0], producers)
        after, target = _quantised(graph, node, consumers)
        return Mean("mean", (value,), after, source=source, target=target)
    if node.op == "Gather":
        if node.inputs[1] != KIND or KIND not in graph.inputs:
            raise PackError("a Gather must pick rows of an int8 table by the input kind")
        table = graph.constant(node.inputs[0], "table of kinds")
        return Embed("embed", (KIND,), node.output, table=table)
    if node.op == "Reshape":
        shape = tuple(_numbers(graph, node.inputs[1], "shape"))
        return Reshape("reshape", node.inputs[:1], node.output, shape=shape)
    if node.op == "Slice":
        return _slice(graph, node)
    return replace(node, op=_RENAMED.get(node.op, node.op))


_RENAMED = {"ArgMax": "argmax", "Concat": "concat", "MaxPool": "max_pool"}


def _slice(graph: Graph, node: Node) -> Node:
    first, end, axis, *step = (
        _numbers(graph, name, what)
        for name, what in zip(node.inputs[1:], ("start", "end", "axis", "step"), strict=False)
    )
    if axis != [1] or len(first) != 1 or len(end) != 1 or step not in ([], [[1]]):
        raise PackError(
            "a Slice must take features that lie side by side: axes [1], one start, one end, no step"
        )
    return Slice("slice", node.inputs[:1], node.output, first=first[0], end=end[0])


def _fuse_weighted(
    graph: Graph, node: Node, producers: dict[str, Node], consumers: dict[str, list[Node]]
) -> Node:
    value, source = _view(graph, node.inputs[0], producers)
    weights = _dequantised(graph, node, 1, "weights", producers)
    bias = _dequantised(graph, node, 2, "bias", producers) if len(node.inputs) > 2 else None
    if node.op == "Gemm":
        after, target = _quantised(graph, node, consumers)
        return Dense("dense", (value,), after, source=source, weights=weights, bias=bias, target=target)
    value, wrap = _unpadded(graph, value, producers)
    geometry = {name: node.attributes[name] for name in ("pads", "dilations", "kernel_shape")}
    layer = Convolution(
        "scores", (value,), node.output, source=source, weights=weights, bias=bias, wrap=wrap, **geometry
    )
    readers = consumers.get(node.output, [])
    compared = [reader.op for reader in readers] == ["ArgMax"]
    if node.op == "Conv" and (compared or (not readers and node.output == LOGITS)):
        return layer
    after, target = _quantised(graph, node, consumers)
    name = {"Conv": "conv2d", "ConvTranspose": "conv_transpose2d"}[node.op]
    return RequantisedConvolution(**{**vars(layer), "op": name, "output": after}, target=target)


def _unpadded(graph: Graph, value: str, producers: dict[str, Node]) -> tuple[str, tuple[int, int]]:
    """Return the input of the Pad(mode=wrap) that computes `value`, and the rows and columns that it adds on each side.

    Returns `value` itself, and zeros, if no Pad computes it.
    """
    pad = producers.get(value)
    if pad is None or pad.op != "Pad":
        return value, (0, 0)
    amounts = _numbers(graph, pad.inputs[1], "padding")
    if len(amounts) != 8 or amounts[:2] + amounts[4:6] != [0] * 4:
        raise PackError("a Pad must wrap around height and width")
    if amounts[2:4] != amounts[6:8]:
        raise PackError("a Pad must be the same on opposite sides")
    return pad.inputs[0], (amounts[2], amounts[3])


def _dequantised(graph: Graph, node: Node, number: int, what: str, producers: dict[str, Node]) -> Constant:
    view = producers.get(node.inputs[number])
    if view is None or view.op != "DequantizeLinear":
        raise PackError(f"the {what} of a {node.op} must come through DequantizeLinear")
    scale = graph.constant(view.inputs[1], "scale")
    if len(view.inputs) > 2:
        zero = graph.constant(view.inputs[2], "zero point")
        if zero.any() or zero.shape != scale.shape:
            raise PackError(f"the {what} of a {node.op} must have the zero point 0, one for each scale")
    return Constant(graph.constant(view.inputs[0], what), scale, view.attributes["axis"])


def _view(graph: Graph, name: str, producers: dict[str, Node]) -> tuple[str, Quantisation]:
    """Return the quantised value behind a float value, and its quantisation."""
    node = producers.get(name)
    if node is None or node.op != "DequantizeLinear":
        raise PackError(f"the float value {name!r:.60} must come through DequantizeLinear")
    return node.inputs[0], _target(graph, node)


def _quantised(graph: Graph, node: Node, consumers: dict[str, list[Node]]) -> tuple[str, Quantisation]:
    """Return the name and quantisation of a float op's result."""
    readers = consumers.get(node.output, [])
    if len(readers) != 1 or readers[0].op != "QuantizeLinear":
        raise PackError(f"the result of a {node.op} must go to one QuantizeLinear")
    return readers[0].output, _target(graph, readers[0])


def _target(graph: Graph, node: Node) -> Quantisation:
    scale = graph.constant(node.inputs[1], "scale")
    if len(node.inputs) > 2:
        return quantisation(scale, graph.constant(node.inputs[2], "zero point"))
    dtype = graph.types[node.inputs[0] if node.op == "DequantizeLinear" else node.output]
    return quantisation(scale, np.zeros((), dtype))


PASSES: tuple[Callable[[Graph], Graph], ...] = (
    drop_identities,
    fuse_cells,
    absorb_relu,
    fuse_nearest,
    fuse,
)
