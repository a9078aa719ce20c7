"""The semantics of a pack: ONNX Runtime accepts the packs that tilewright accepts, with nearly equal results."""

import numpy as np
import onnx
import onnxruntime
from google.protobuf.message import DecodeError

from tilewright.compiler import reference
from tilewright.pack import PackFile
from tilewright.plan import KIND_MAP, WORDS, Plan
from tilewright.seeds import draw_kinds, draw_latents

TILES = 4
MOST_APART = 0.2  # share of differing numbers: float32 rounds differently at times, and differences propagate
LEAST_NUMBERS = 8
TIE = 1e-4  # relative difference below which scores are ties, because float32 may select either
SCALES = (1e-9, 1e9)  # outside of this range, float32 over- or underflows where integers do not

_CONDITIONS = {"kind_maps": KIND_MAP, "words": WORDS}

_OPTIONS = onnxruntime.SessionOptions()
_OPTIONS.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
_OPTIONS.intra_op_num_threads = _OPTIONS.inter_op_num_threads = 1
_OPTIONS.log_severity_level = 4


def differs(pack: PackFile, seed: int) -> str:
    """Describe the differences to ONNX Runtime, or return ""."""
    try:
        model = _live(pack.content)
    except DecodeError:
        return ""  # parts that tilewright does not read are damaged
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), _OPTIONS, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # arbitrary exception types
        return f"ONNX Runtime refuses it: {error}"
    if not _is_ordinary(model):
        return ""
    plan = pack.plan
    kinds = draw_kinds(seed, 0, TILES, plan.kinds)
    rng = np.random.default_rng(seed)
    shapes = {name: plan.input_shape(source) or (1,) for name, source in _CONDITIONS.items()}
    conditions = {
        "kind_maps": rng.integers(0, plan.kinds, (TILES, *shapes["kind_maps"])).astype(np.uint8),
        "words": rng.integers(0, 2, (TILES, *shapes["words"]), np.uint8),
    }
    given, expected, scores = _expected(plan, kinds, conditions, seed)
    feed = {"kind": kinds.astype(np.int64), **given}
    feed |= {_CONDITIONS[name]: array for name, array in conditions.items()}
    try:
        results = session.run(
            list(expected), {value.name: feed[value.name] for value in session.get_inputs()}
        )
    except Exception as error:
        return f"ONNX Runtime cannot run it: {error}"
    named = dict(zip(expected, results, strict=True))
    for name, ours in expected.items():
        theirs = named[name]
        found = theirs.argmax(axis=1) if name == "logits" else theirs
        if found.size != ours.size:
            return f"{name} is {ours.shape} here, {found.shape} in ONNX Runtime"
        apart = np.count_nonzero(ours.reshape(-1) != found.reshape(-1))
        if scores is not None and name != "palette":
            best = np.take_along_axis(scores, found.astype(np.int64)[..., None], axis=-1)[..., 0]
            lost = best < scores.max(axis=-1) - TIE * np.abs(scores).max()
            if "palette" in named:  # one colour that rounds otherwise changes all pixels of its tile
                equal = named["palette"].reshape(TILES, -1) == expected["palette"].reshape(TILES, -1)
                lost = lost[equal.all(axis=1)]
            apart = np.count_nonzero(lost)
        if apart > max(LEAST_NUMBERS, MOST_APART * ours.size):
            return f"{apart} of {ours.size} numbers of {name} are others in ONNX Runtime"
    return ""


Arrays = dict[str, np.ndarray]


def _expected(
    plan: Plan, kinds: np.ndarray, conditions: Arrays, seed: int
) -> tuple[Arrays, Arrays, np.ndarray | None]:
    """Return inputs, outputs in ONNX order, and the scores whose maximum is the output, if any.

    For a step network: the best colours, for random cells.
    """
    if plan.sampler is None:
        values = reference.trace(plan, TILES, seed=seed, kinds=kinds, **conditions)
        outputs = {
            name: np.asarray(values[buffer]) for name, buffer in plan.outputs.items() if name != "kind"
        }
        if "rgba" in outputs:
            outputs["rgba"] = outputs["rgba"].transpose(0, 3, 1, 2)
        last = next((s for s in plan.steps if s.output == plan.outputs.get("indices")), None)
        scores = (
            None if last is None else _scores(last.op, [np.asarray(values[name]) for name in last.inputs])
        )
        return {"latent": draw_latents(seed, 0, TILES, plan.latent_size)}, outputs, scores
    sampler = plan.sampler
    shape = (TILES, sampler.height, sampler.width)
    cells = np.random.default_rng(seed).integers(0, sampler.colours, shape, np.uint8, endpoint=True)
    values = reference.trace(plan, TILES, kinds=kinds, cells=cells, **conditions)
    scores = np.asarray(values[sampler.scores])
    return {"cells": cells}, {"logits": scores.argmax(axis=-1)}, scores


def _scores(op: str, inputs: list[np.ndarray]) -> np.ndarray | None:
    """The scores (N, H, W, K) whose largest the op selects; None for scores of 8 bits, which have exact ties only."""
    if op == "nearest":
        pixels, entries = (array.astype(np.int64) for array in inputs)
        return -np.square(pixels[:, :, :, None] - entries[:, None, None]).sum(axis=-1)
    return inputs[0] if inputs[0].dtype == np.int32 else None


def _live(content: bytes) -> onnx.ModelProto:
    """Return the model without dead nodes, which may be invalid in ONNX Runtime."""
    model = onnx.ModelProto.FromString(content)
    wanted = {value.name for value in model.graph.output}
    live = []
    for node in reversed(model.graph.node):
        if wanted & set(node.output):
            live.append(node)
            wanted.update(node.input)
    kept = [onnx.NodeProto.FromString(node.SerializeToString()) for node in reversed(live)]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    return model


def _is_ordinary(model: onnx.ModelProto) -> bool:
    tensors = model.graph.initializer
    floats = [np.frombuffer(t.raw_data, np.float32) for t in tensors if t.data_type == onnx.TensorProto.FLOAT]
    return all(((SCALES[0] < array) & (array < SCALES[1])).all() for array in floats)
