"""Lower a Graph to a Plan: inputs, output shapes, and the limits on steps. steps.py lowers each op."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod

import numpy as np

from tilewright.compiler.fused import Convolution, Layer, Lookup, Nearest, Reshape
from tilewright.compiler.graph import (
    CELLS,
    KIND,
    KIND_MAP,
    LATENT,
    LOGITS,
    NEIGHBOURS,
    SAME_BATCH,
    SCORE,
    WORDS,
    Graph,
    Node,
)
from tilewright.compiler.ops import OPS, Shape
from tilewright.compiler.sampling import Sampling, compile_sampler
from tilewright.compiler.steps import LOWER
from tilewright.errors import PackError
from tilewright.plan import LATENTS, Buffer, Input, Plan, Step

MAX_CHANNELS = 4096
MAX_EDGE = 512
MAX_VALUE_BYTES = 256 << 20
MAX_WEIGHT_BYTES = 128 << 20
MAX_SLOW_TABLES = 64
CRITIC_CELLS = range(2, 257)  # rows of a critic's table of cells
NEIGHBOUR_KINDS = 16  # and of its table of neighbours
OUTPUTS = ({"indices"}, {"indices", "palette"}, {"rgba"})


def lower(graph: Graph, sampling: Sampling | None = None, is_critic: bool = False) -> Plan:
    """Return the plan of a graph after the passes: of a generator, a step network with its sampler, or a critic."""
    inputs, given = _inputs_of_critic(graph) if is_critic else _inputs_of(graph, sampling)
    steps: list[Step] = []
    buffers = {buffer.name: buffer for buffer in given}
    layouts, maps = _maps_of_features(graph)
    palettes = {node.inputs[1]: node.entries for node in graph.nodes if isinstance(node, Nearest)}
    kinds_of_tables = set()
    _check_tables(graph)
    value_bytes, weight_bytes = sum(buffer.nbytes for buffer in given), 0
    for node in graph.nodes:
        if isinstance(node, Reshape):
            continue
        reads = _inputs(node, buffers, layouts, maps)
        # One constant may feed many layers: what they hold is counted before another copy is made.
        if isinstance(node, Layer):
            _check_weight_bytes(weight_bytes + node.weights.numbers.nbytes)
        step = LOWER[node.op](replace(node, inputs=reads), buffers)
        if KIND in step.inputs:
            kinds_of_tables.add(step.arguments["table"].shape[0])
        elif KIND_MAP in step.inputs:
            kinds_of_tables.add(step.arguments["table"].shape[1])
        shapes = [buffers[name].shape for name in step.inputs]
        op = OPS[step.op]
        shape = op.shape(shapes, step.arguments)
        if node.output in maps:
            step, shape = _as_map(step, maps[node.output])
        elif node.output in palettes and (prod(palettes[node.output]),) == shape:
            shape = palettes[node.output]
        _check_shape(shape, step)
        if is_critic and step.op == "embed_cells":
            step = _for_any_cell(step)
        buffer = buffers[step.output] = Buffer(step.output, shape, "int32" if op.int32 else "uint8")
        value_bytes += buffer.nbytes
        weight_bytes += step.weight_bytes
        if value_bytes > MAX_VALUE_BYTES:
            raise PackError(f"the pack needs more than {MAX_VALUE_BYTES} bytes a tile")
        _check_weight_bytes(weight_bytes)
        steps.append(replace(step, multiply_adds=op.multiply_adds(shape, step.arguments)))
    if len(kinds_of_tables) > 1:
        raise PackError("the pack's tables must have rows for one number of kinds")
    if is_critic:
        outputs = {SCORE: _score(graph, steps, buffers)}
        return Plan(inputs, tuple(steps), buffers, outputs, NEIGHBOUR_KINDS)
    sampler = None
    if sampling is not None:
        sampler = compile_sampler(sampling, steps, buffers, _logit_scale(graph))
        outputs = {"indices": sampler.cells}
    else:
        outputs = _outputs(graph, steps, buffers, layouts, maps)
    if KIND_MAP in buffers:
        picture = buffers[outputs.get("indices") or outputs["rgba"]].shape[:2]
        if buffers[KIND_MAP].shape != picture:
            height, width = picture
            raise PackError(f"a pack's kind_map must be (n, {height}, {width}), a kind for each cell")
    kinds = next(iter(kinds_of_tables), 1)
    return Plan(inputs, tuple(steps), buffers, {**outputs, KIND: KIND}, kinds, sampler)


def _inputs_of(graph: Graph, sampling: Sampling | None) -> tuple[tuple[Input, ...], list[Buffer]]:
    """Return the inputs of the plan, and their buffers: the latent of a generator or the cells of a step
    network, the kind, and the conditions that the file has.
    """
    name, dtype = (LATENT, "int8") if sampling is None else (CELLS, "uint8")
    types = {name: dtype, KIND: "int64", KIND_MAP: "uint8", WORDS: "uint8"}
    if name not in graph.inputs or any(types.get(key) != found for key, (found, _) in graph.inputs.items()):
        whose = "a pack's" if sampling is None else "a step network's"
        raise PackError(
            f"{whose} inputs are {name} ({dtype}), and perhaps kind (int64) or kind_map (uint8), and words (uint8)"
        )
    if KIND in graph.inputs and KIND_MAP in graph.inputs:
        raise PackError("a pack has the input kind or the input kind_map, not both")
    shapes = {key: shape for key, (_, shape) in graph.inputs.items()}
    if shapes.get(KIND):
        raise PackError("a pack's kind must be (n), a number for each picture")
    if sampling is None and len(shapes[name]) != 1:
        raise PackError("a pack's latent must be (n, numbers)")
    if sampling is not None and (len(shapes[name]) != 2 or max(shapes[name]) > MAX_EDGE):
        raise PackError(
            f"a step network's cells must be (n, height, width), at most {MAX_EDGE} along an edge"
        )
    if len(shapes.get(WORDS, (1,))) != 1:
        raise PackError("a pack's words must be (n, words), a number for each word")
    inputs = [Input(LATENTS if sampling is None else CELLS, name), Input(KIND, KIND)]
    buffers = [Buffer(name, shapes[name]), Buffer(KIND, (), "int32")]
    for key in (KIND_MAP, WORDS):
        if key in shapes:
            inputs.append(Input(key, key))
            buffers.append(Buffer(key, shapes[key]))
    return tuple(inputs), buffers


def _inputs_of_critic(graph: Graph) -> tuple[tuple[Input, ...], list[Buffer]]:
    """Return the inputs of a critic's plan, and their buffers: the cells, and the neighbours as a map of kinds."""
    types = {name: dtype for name, (dtype, _) in graph.inputs.items()}
    if types != {CELLS: "uint8", NEIGHBOURS: "uint8"}:
        raise PackError(f"a critic's inputs are {CELLS} (uint8) and {NEIGHBOURS} (uint8)")
    shape = graph.inputs[CELLS][1]
    if shape != graph.inputs[NEIGHBOURS][1] or len(shape) != 2 or max(shape) > MAX_EDGE:
        raise PackError(
            f"a critic's inputs must be (n, height, width) of one size, at most {MAX_EDGE} along an edge"
        )
    inputs = Input(CELLS, CELLS), Input(KIND_MAP, NEIGHBOURS)
    return inputs, [Buffer(CELLS, shape), Buffer(NEIGHBOURS, shape)]


def _for_any_cell(step: Step) -> Step:
    """Return an embedding of a critic with a row for each value that the core allows in the map that it reads.

    The core knows no limit of cells that a caller gives, so their last row is repeated.
    """
    table = step.arguments["table"]
    rows = table.shape[1]
    if step.inputs == (NEIGHBOURS,):
        if rows != NEIGHBOUR_KINDS:
            raise PackError(f"a critic's table of {NEIGHBOURS} must have {NEIGHBOUR_KINDS} rows, not {rows}")
        return step
    if rows not in CRITIC_CELLS:
        least, most = CRITIC_CELLS[0], CRITIC_CELLS[-1]
        raise PackError(f"a critic's table of {CELLS} must have {least} to {most} rows, not {rows}")
    padded = np.pad(table, ((0, 0), (0, CRITIC_CELLS[-1] - rows), (0, 0)), mode="edge")
    return replace(step, arguments={"table": padded})


def _inputs(
    node: Node, buffers: Mapping[str, Buffer], layouts: Mapping[str, str], maps: Mapping[str, Shape]
) -> tuple[str, ...]:
    """Return the values that a node reads. Raises PackError if no step computes one of them."""
    if node.op not in LOWER:
        raise PackError(f"the pack's node {node.op} stands where tilewright does not run it")
    for name in node.inputs:
        if name in maps:
            raise PackError(f"a {_onnx_name(node)} must not read features that a Reshape makes a map")
        if name in (KIND, KIND_MAP, NEIGHBOURS) and node.op not in ("embed", "embed_cells"):
            raise PackError(f"a {_onnx_name(node)} must not read the {name}: only a Gather may")
        if layouts.get(name, name) not in buffers:
            raise PackError(f"the pack's {_onnx_name(node)} reads {name!r:.60}, which no step makes")
    return tuple(layouts.get(name, name) for name in node.inputs)


def _onnx_name(node: Node) -> str:
    return OPS[node.op].onnx.split(",")[0]


def _outputs(
    graph: Graph,
    steps: Sequence[Step],
    buffers: Mapping[str, Buffer],
    layouts: Mapping[str, str],
    maps: Mapping[str, Shape],
) -> dict[str, str]:
    """Map a generator's outputs to their buffers, each computed by a step and with the rank stated in the
    file.
    """
    if set(graph.outputs) not in OUTPUTS:
        raise PackError("a pack's outputs are indices (and perhaps palette), or rgba")
    outputs = {name: layouts.get(name, name) for name in graph.outputs}
    made = {step.output: step.op for step in steps}
    for name, buffer in outputs.items():
        if buffer not in made or name in maps:
            raise PackError(f"the pack's output {name} must be the result of a step of its own")
    if "indices" in outputs and made[outputs["indices"]] not in ("argmax", "nearest"):
        raise PackError("a pack's indices must come from an ArgMax or an ArgMin")
    if "rgba" in outputs and buffers[outputs["rgba"]].shape[2:] not in ((3,), (4,)):
        raise PackError("a pack's rgba must be a map of 3 or 4 channels")
    if "palette" in outputs and (
        made[outputs["palette"]] in ("argmax", "nearest") or len(buffers[outputs["palette"]].shape) > 2
    ):
        raise PackError("a pack's palette must be features, 3 or 4 numbers for each colour")
    return outputs


def _score(graph: Graph, steps: Sequence[Step], buffers: Mapping[str, Buffer]) -> str:
    """Return the buffer of a critic's output."""
    made = {step.output: step.op for step in steps}
    if graph.outputs != (SCORE,) or made.get(SCORE) != "dense" or len(buffers[SCORE].shape) != 1:
        raise PackError(f"a critic's one output is {SCORE}, numbers straight from a Gemm")
    return SCORE


def _logit_scale(graph: Graph) -> np.float32:
    """Return the logit that corresponds to one unit of the int32 sums."""
    node = graph.producers().get(LOGITS)
    if graph.outputs != (LOGITS,) or not isinstance(node, Convolution) or node.op != "scores":
        raise PackError("a step network's one output is logits, straight from a Conv")
    with np.errstate(over="ignore"):
        return np.float32(node.source.scale * node.weights.scale.reshape(-1)[0])


def _check_weight_bytes(count: int) -> None:
    if count > MAX_WEIGHT_BYTES:
        raise PackError(f"the pack's layers hold more than {MAX_WEIGHT_BYTES} bytes")


def _check_tables(graph: Graph) -> None:
    """Raise PackError for too many Sigmoid and Tanh: a table of one takes milliseconds to compute."""
    slow = [n for n in graph.nodes if isinstance(n, Lookup) and n.function in ("Sigmoid", "Tanh")]
    if len(slow) > MAX_SLOW_TABLES:
        raise PackError(f"the pack has more than {MAX_SLOW_TABLES} nodes Sigmoid and Tanh")


def _check_shape(shape: Shape, step: Step) -> None:
    if (len(shape) >= 2 and max(shape[:2]) > MAX_EDGE) or (len(shape) == 3 and shape[2] > MAX_CHANNELS):
        raise PackError(f"the pack's {step.op} makes a map of {shape}, which is too large")


# A value that is reshaped to (C, H, W) is stored as (H, W, C) directly, by permuting the rows of the dense
# layer.


def _maps_of_features(graph: Graph) -> tuple[dict[str, str], dict[str, Shape]]:
    """Return (reshaped value -> its source, a dense layer or slice) and (source -> (C, H, W))."""
    producers = graph.producers()
    layouts: dict[str, str] = {}
    maps: dict[str, Shape] = {}
    for node in graph.nodes:
        if isinstance(node, Reshape):
            source = producers.get(node.inputs[0])
            if source is None or source.op not in ("dense", "slice"):
                raise PackError("a Reshape must follow a Gemm or a Slice")
            batch, *target = node.shape
            if batch not in SAME_BATCH or len(target) != 3 or min(target) < 1:
                raise PackError(
                    f"a Reshape must be to (0, channels, height, width), not to {[batch, *target]}"
                )
            if maps.setdefault(source.output, tuple(target)) != tuple(target):
                raise PackError("features must not be reshaped to two maps")
            layouts[node.output] = source.output
    return layouts, maps


def _as_map(step: Step, target: Shape) -> tuple[Step, Shape]:
    rows = prod(step.arguments["shape"]) if step.op == "slice" else len(step.arguments["weights"])
    if prod(target) != rows:
        raise PackError(f"a Reshape to {list(target)} does not fit {rows} features")
    channels, height, width = target
    if step.op == "slice":
        shape = height, width, channels
        return replace(step, arguments={**step.arguments, "shape": shape}), shape
    order = np.arange(rows).reshape(channels, height, width).transpose(1, 2, 0).reshape(-1)
    arguments = {k: v[order] if isinstance(v, np.ndarray) else v for k, v in step.arguments.items()}
    return replace(step, arguments=arguments), (height, width, channels)
