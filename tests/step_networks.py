"""Small iterative packs with random weights: a step network and a sampler, written with the exporter's
OnnxBuilder.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from tilewright.pack import FORMAT_VERSION, METADATA_KEY
from tilewright_training.export.onnx_builder import OnnxBuilder, Scale

from .networks import KINDS, metadata

STREAM = Scale(1 / 32, 121)
SIGNED = Scale(1 / 32, 121 - 128, np.int8)  # the same values as int8
HIDDEN = Scale(1 / 40, 60)
LOGIT = 0.006


@cache
def masked_pack(
    size: int = 8,
    steps: int = 6,
    kinds: int = 3,
    colours: int = 5,
    wrap: bool = False,
    temperature: float = 0.8,
) -> bytes:
    """Two residual blocks, the second one dilated. With one kind, there is no input; wrapping ones have an
    int8 table.
    """
    content = _step_network(kinds, (size, size), colours, wrap, causal=False)
    return _pack(content, size, kinds, colours, wrap, ("masked", steps, temperature))


@cache
def autoregressive_pack(size: int = 6, causal: bool = True, colours: int = 9) -> bytes:
    """The same network. causal: the first layer excludes the centre, the others only later positions."""
    content = _step_network(2, (size, size), colours, False, causal)
    return _pack(content, size, 2, colours, False, ("autoregressive", size * size, 1.0))


ALPHABET = ["", *"aeioubdklmnrst'", "ü"]


@cache
def tokens_pack(length: int = 9, alphabet: tuple[str, ...] = tuple(ALPHABET), upright: bool = False) -> bytes:
    """Texts of two kinds, letter by letter. upright: the grid is a column, not a row."""
    content = _step_network(2, (length, 1) if upright else (1, length), len(alphabet), False, causal=True)
    head = {"head": "tokens", "length": length, "alphabet": alphabet}
    return _pack(content, 0, 2, len(alphabet), False, ("autoregressive", length, 1.0), head)


@cache
def row_tokens_pack(length: int = 40) -> bytes:
    """Texts by a network whose kernels are 1x5, dilated along the text only."""
    content = _step_network(2, (1, length), len(ALPHABET), False, True, (1, 5))
    head = {"head": "tokens", "length": length, "alphabet": ALPHABET}
    return _pack(content, 0, 2, len(ALPHABET), False, ("autoregressive", length, 1.0), head)


@cache
def grid_tokens_pack(
    edges: tuple[int, int] = (3, 8), alphabet: tuple[str, ...] = ("-", ".", "60", "62", "64"), kinds: int = 2
) -> bytes:
    """Grids of several rows of tokens, several cells at a time."""
    content = _step_network(kinds, edges, len(alphabet), False, False)
    head = {"head": "tokens", "rows": edges[0], "length": edges[1], "alphabet": alphabet}
    return _pack(content, 0, kinds, len(alphabet), False, ("masked", 6, 0.8), head)


@cache
def frames_pack(
    frame: tuple[int, int] = (6, 4),
    sheet: tuple[int, int] = (2, 3),
    colours: int = 5,
    wrap: bool = False,
    kernel: tuple[int, int] = (3, 3),
) -> bytes:
    """Sheets of two kinds, several cells at a time."""
    edges = frame[0] * sheet[0], frame[1] * sheet[1]
    content = _step_network(2, edges, colours, wrap, False, kernel)
    head = {"head": "frames", "frame_size": frame, "sheet": sheet}
    return _pack(content, 0, 2, colours, wrap, ("masked", 6, 0.8), head)


@cache
def walk_pack(
    frame: int = 4,
    sheet: tuple[int, int] = (3, 2),
    copies: tuple[tuple[int, int, bool], ...] = (),
    column: bool = False,
) -> bytes:
    """Animation sheets: a kind for each frame, in order, and words. copies, column: as in the metadata. Columns are
    drawn cell by cell.
    """
    kinds = sheet[0] * sheet[1]
    edges = (frame * (kinds - len(copies)), frame) if column else (frame * sheet[0], frame * sheet[1])
    content = _step_network(kinds, edges, 5, False, causal=column, words=len(WORDS))
    head = {"head": "frames", "frame_size": (frame, frame), "sheet": sheet}
    facts = {**head, "kind_map": True, "cell": frame, "words": WORDS}
    facts |= {"copies": copies} if copies else {}
    facts |= {"column": True} if column else {}
    facts["kinds"] = [f"{row}-{1 + column}" for row in "abc"[: sheet[0]] for column in range(sheet[1])]
    sampler = ("autoregressive", edges[0] * edges[1], 0.8) if column else ("masked", 6, 0.8)
    return _pack(content, 0, kinds, 5, False, sampler, facts)


WORDS = ("red", "blue", "dragon", "big", "small", "crowned", "grün")


@cache
def conditioned_pack(
    method: str = "masked",
    edges: tuple[int, int] = (6, 6),
    kinds: int = 3,
    wrap: bool = False,
    cell: int = 1,
    texture: tuple[tuple[int, ...], ...] = (),
) -> bytes:
    """A kind per cell of `cell` pixels and words. texture: as in the metadata. Pictures that are not square are
    sheets of one frame.
    """
    causal = method == "autoregressive"
    content = _step_network(kinds, edges, 5, wrap, causal, words=len(WORDS))
    square = edges[0] == edges[1]
    head = {} if square else {"head": "frames", "frame_size": edges, "sheet": (1, 1)}
    steps = edges[0] * edges[1] if causal else 6
    facts = {**head, "kind_map": True, "words": WORDS} | ({"cell": cell} if cell != 1 else {})
    facts |= {"texture": texture} if texture else {}
    return _pack(content, edges[0], kinds, 5, wrap, (method, steps, 0.8), facts)


@cache
def upsampler_pack(size: int = 12, colours: int = 9) -> bytes:
    """Pictures of `size` pixels, twice that of `autoregressive_pack` and in its palette."""
    kinds = 4 * colours
    content = _step_network(kinds, (size, size), colours, False, causal=True, kind_map=True)
    facts = {"kind_map": True, "kinds": [f"entry-{i}" for i in range(kinds)]}
    return _pack(content, size, kinds, colours, False, ("autoregressive", size * size, 1.0), facts)


def _step_network(
    kinds: int,
    edges: tuple[int, int],
    colours: int,
    wrap: bool,
    causal: bool,
    kernel: tuple[int, int] = (3, 3),
    words: int = 0,
    kind_map: bool = False,
) -> OnnxBuilder:
    """An axis along which the kernel has one cell is not dilated. kind_map: each cell has a kind; also with words."""
    kind_map = kind_map or words > 0
    taps = kernel[0] * kernel[1]
    rng = np.random.default_rng([kinds, edges[1], colours])

    def random(outputs: int, inputs: int, kernel: tuple[int, int], kept: int) -> np.ndarray:
        """Return normal weights; causal networks keep the first `kept` taps in reading order."""
        taps = kernel[0] * kernel[1]
        weights = rng.normal(0, (inputs * taps) ** -0.5, (outputs, inputs, taps))
        if causal:
            weights[:, :, kept:] = 0
            weights *= np.sqrt(2)
        return weights.reshape(outputs, inputs, *kernel).astype(np.float32)

    builder = OnnxBuilder()
    table = rng.integers(28, 228, (1 if kind_map else kinds, colours + 1, 10), dtype=np.uint8)
    if wrap:
        x = builder.embed_cells((table ^ 128).view(np.int8), SIGNED, *edges)
    else:
        x = builder.embed_cells(table, STREAM, *edges)
    if causal:
        x = builder.conv2d(x, random(10, 10, kernel, taps // 2), rng.normal(0, 0.1, 10), STREAM, wrap)
    if kind_map:
        kinds_of_cells = rng.integers(28, 228, (kinds, 10), dtype=np.uint8)
        terrain = builder.embed_kinds(kinds_of_cells, STREAM, *edges)
        around = rng.normal(0, 0.1, (10, 10, 3, 3)).astype(np.float32)
        terrain = builder.conv2d(terrain, around, np.zeros(10), STREAM, wrap)
        x = builder.add(x, terrain, STREAM)
    if words:
        vectors = rng.normal(0, 1, (10, words)).astype(np.float32)
        vector = builder.to_map(builder.dense(builder.words(words), vectors, np.zeros(10), STREAM), 1, 1)
        x = builder.add(vector, x, STREAM)
    for dilation in (1, 2):
        dilations = dilation if kernel[0] > 1 else 1, dilation if kernel[1] > 1 else 1
        y = builder.conv2d(
            x, random(13, 10, kernel, taps // 2 + 1), rng.normal(0, 0.1, 13), HIDDEN, wrap, dilations
        )
        y = builder.pointwise(y, "LeakyRelu", HIDDEN, alpha=0.2)
        x = builder.add(x, builder.conv2d(y, random(10, 13, (1, 1), 1), np.zeros(10), STREAM, wrap), STREAM)
    weights = rng.integers(-128, 128, (colours, 10, 1, 1), dtype=np.int8)
    builder.logits(x, weights, rng.integers(-3000, 3000, colours, dtype=np.int32), LOGIT, wrap)
    return builder


def _pack(
    builder: OnnxBuilder,
    size: int,
    kinds: int,
    colours: int,
    wrap: bool,
    sampler: tuple[str, int, float],
    head: Mapping[str, Any] | None = None,
) -> bytes:
    """head: fields of another head than pixels."""
    palette = [f"{8 * i % 256:02x}30{255 - i:02x}ff" for i in range(colours)]
    facts: Mapping[str, Any] = metadata(size, palette, 0, False, wrap) | {
        "kinds": KINDS[:kinds],
        "sampler": dict(zip(("method", "steps", "temperature"), sampler, strict=True)),
        **(head or {}),
    }
    text = json.dumps({"format": FORMAT_VERSION, **facts})
    return bytes(builder.finish("random", {METADATA_KEY: text}).SerializeToString(deterministic=True))


PACKS = {
    "masked": masked_pack,
    "masked-wrap": lambda: masked_pack(wrap=True, steps=64),
    "masked-one-kind": lambda: masked_pack(size=5, steps=1, kinds=1, colours=17),
    "masked-two-colours": lambda: masked_pack(size=16, steps=7, kinds=2, colours=2, temperature=0.0),
    "masked-255-colours": lambda: masked_pack(size=4, steps=3, colours=255, temperature=2.5),
    "autoregressive": autoregressive_pack,
    "autoregressive-not-causal": lambda: autoregressive_pack(causal=False),
    "tokens": tokens_pack,
    "tokens-upright": lambda: tokens_pack(70, upright=True),
    "tokens-wide": lambda: tokens_pack(70),
    "tokens-row-kernels": row_tokens_pack,
    "frames": frames_pack,
    "walk": walk_pack,
    "frames-wrap-column-kernels": lambda: frames_pack((3, 5), (3, 1), wrap=True, kernel=(5, 1)),
    "conditioned": conditioned_pack,
    "conditioned-autoregressive": lambda: conditioned_pack("autoregressive", (5, 7)),
    "conditioned-wrap": lambda: conditioned_pack(edges=(4, 8), wrap=True),
}
"""Packs by name, as functions that return the bytes."""
