"""Checks of packs: a file loads or is rejected in one short line, and loaded packs generate the reference's
tiles.
"""

import time
import warnings
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from unittest import mock

import numpy as np

from tilewright import _core, engine
from tilewright.compiler import reference
from tilewright.compiler.sampling import MASKED
from tilewright.compiler.sampling_options import ORDERS, read_options
from tilewright.errors import PackError, TilewrightError
from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright.plan import CELLS, KIND_MAP, WORDS, Plan, Step
from tilewright.seeds import scaled_latents
from tilewright.texture import FEATURES, PARTS, distances, features

from . import meaning

try:
    from tilewright import _simt
except ImportError:  # a build without TILEWRIGHT_SIMT
    _simt = None  # type: ignore[assignment]

PATH = Path("fuzz.onnx")
MOST_CHARACTERS = 600
T = TypeVar("T")
MOST_SECONDS = 1.0
MOST_MULTIPLY_ADDS = 20_000_000  # per case; the reference computes 10^8 to 10^9 per second
MOST_BYTES = 1 << 20  # of a tile
MOST_PADDED_BYTES = 1 << 26  # of the largest map of all tiles, in the reference


class FindingError(Exception):
    """A case violated a requirement."""


def one_line(error: TilewrightError) -> None:
    """Raise FindingError unless the error's text is one short printable line."""
    text = str(error)
    if not text.isprintable() or not 0 < len(text) < MOST_CHARACTERS:
        raise FindingError(f"a text of {len(text)} characters, or not of printable ones: {text[:200]!r}")


def opened(read: Callable[[], T], *errors: type[TilewrightError], most: float = MOST_SECONDS) -> T | None:
    """Call `read` and return its result, or None if it raises one of `errors` with one printable line.

    most: seconds of CPU time, after which it raises FindingError.
    """
    started = time.process_time()
    try:
        return read()
    except errors as error:
        one_line(error)
        return None
    finally:
        seconds = time.process_time() - started
        if seconds > most:
            raise FindingError(f"reading takes {seconds:.1f} s")


def check(content: bytes) -> Counter[str]:
    """Check the bytes of a pack and count the outcomes. Raises FindingError. One case in sixteen runs on all
    backends.
    """
    return _check(content, zlib.crc32(content) % 16 == 0)


def check_everywhere(content: bytes) -> Counter[str]:
    """Like `check`, but run every pack that loads on all backends."""
    return _check(content, True)


def _check(content: bytes, compares: bool) -> Counter[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pack = opened(lambda: Pack(check_pack(content, PATH)), PackError)
        if pack is None:
            return Counter(refused=1)
        plan, rng = pack.plan, Random(zlib.crc32(content))
        cost = plan.multiply_adds * plan.evaluations
        if is_heavy(plan):
            return Counter({"loaded": 1, "too heavy to run": 1})
        for count in (0, 1):
            _check_batch(pack, count, rng)
        if pack.file.texture:
            _check_texture(pack, rng)
        if not compares:
            return Counter(loaded=1)
        count = min(rng.choice((2, 3, 5, 8, 17, 40)), MOST_MULTIPLY_ADDS // (cost + 1))
        count = min(count, 1 + MOST_PADDED_BYTES // _padded_bytes(plan))
        otherwise = meaning.differs(pack.file, rng.getrandbits(32))
        if otherwise:
            raise FindingError(otherwise)
        counts = Counter(loaded=1, compared=1, texture=int(bool(pack.file.texture)))
        return counts + compare(plan, count, rng)


def is_heavy(plan: Plan) -> bool:
    """Whether the reference would take too long for one tile."""
    cost = plan.multiply_adds * plan.evaluations
    return cost > MOST_MULTIPLY_ADDS or sum(b.nbytes for b in plan.buffers.values()) > MOST_BYTES


def _padded_bytes(plan: Plan) -> int:
    """Return the bytes of a tile's largest map, including the reference's padding."""
    most = 1
    for step in plan.steps:
        if step.op in ("conv2d", "scores", "conv_transpose2d"):
            height, width, channels = plan.buffers[step.inputs[0]].shape
            rows, columns = (
                (edge - 1) * dilation
                for edge, dilation in zip(
                    step.arguments["weights"].shape[1:3], step.arguments.get("dilations", (1, 1)), strict=True
                )
            )
            most = max(most, (height + rows) * (width + columns) * channels)
    return most


def _check_batch(pack: Pack, count: int, rng: Random) -> None:
    words = rng.choice(pack.words) if pack.words and rng.random() < 0.5 else None
    kind = None
    if pack.has_kind_map and rng.random() < 0.5:
        kind = conditions(pack.plan, 1, rng)["kind_maps"][0]
    seed = rng.getrandbits(64)
    rgba = pack.generate(count, kind=kind, words=words, seed=seed, device="cpu", threads=1).rgba
    edge = pack.tile_size
    if rgba.shape != (count, edge, edge, 4) or not np.isin(rgba[..., 3], (0, 255)).all():
        raise FindingError(
            f"generate({count}).rgba has the shape {rgba.shape}, or an alpha between 0 and 255"
        )


def _check_texture(pack: Pack, rng: Random) -> None:
    """Raise FindingError unless the distance from the texture is that of a count, pixel by pixel."""
    numbers = np.random.default_rng(rng.getrandbits(64))
    cells = numbers.integers(0, 3, (1, 4, 5), np.uint8)
    kinds = numbers.integers(0, len(pack.kinds), cells.shape, np.uint8)
    whole = slice(None), slice(None)
    counts = features(cells).reshape(-1, FEATURES).tolist()
    rows = [pack.file.texture[kind] for kind in kinds.reshape(-1).tolist()]
    expected = sum(abs(sum(PARTS * c[i] for c in counts) - sum(r[i] for r in rows)) for i in range(FEATURES))
    (found,) = distances(cells, kinds, pack.file.texture, whole).tolist()
    if found != expected:
        raise FindingError(f"the distance from the texture is {found}, not {expected}")


def conditions(plan: Plan, count: int, rng: Random) -> dict[str, np.ndarray]:
    """Return what plans take of these: a random kind for each cell, random words, and cells that no sampler draws."""
    given = {}
    sources = ((KIND_MAP, "kind_maps", plan.kinds), (WORDS, "words", 2), (CELLS, "cells", 256))
    for source, name, values in sources:
        shape = plan.input_shape(source)
        if shape is not None and not (source == CELLS and plan.sampler):
            drawn = np.random.default_rng(rng.getrandbits(64)).integers(0, values, (count, *shape))
            given[name] = drawn.astype(np.uint8)
    return given


def choices(plan: Plan, count: int, rng: Random) -> dict[str, np.ndarray]:
    """Return random numbers of `count` tiles and, for plans with a sampler, given cells and allowed entries; some
    of them.
    """
    generator = np.random.default_rng(rng.getrandbits(64))
    given = {"tile_numbers": generator.integers(0, 2**64, count, np.uint64)}
    if plan.sampler is not None:
        colours = plan.sampler.colours
        cells = generator.integers(0, colours, (count, plan.sampler.height, plan.sampler.width), np.uint8)
        unknown = generator.choice((0, 0.3, 0.9, 1), (count, 1, 1))
        given["cells"] = np.where(generator.random(cells.shape) < unknown, np.uint8(colours), cells)
        given["allowed"] = generator.random((count, colours)) < 0.5
        given["allowed"][np.arange(count), generator.integers(0, colours, count)] = True
    return {name: array for name, array in given.items() if rng.random() < 0.5}


def sampling(plan: Plan, rng: Random) -> dict[str, Any]:
    """Return random options for plans with a sampler, a table for plans with latents, or none."""
    if plan.latent_size > 0 and rng.random() < 0.3:
        return {"latent_table": scaled_latents(rng.choice((0, 100, 256, 300, 1 << 15)))}
    if plan.sampler is None or rng.random() < 0.5:
        return {}
    temperature = rng.choice((None, 0, 0.5, 1.0, 1e9))
    order, refine, begin = None, None, None
    if plan.sampler.method == MASKED:
        order, refine, begin = (
            rng.choice((None, *ORDERS)),
            rng.choice((None, 0, 1, 2, 5)),
            rng.choice((None, 0.3, 1)),
        )
    return {"sampling": read_options(plan, order, refine, begin, temperature, name="the plan", caller="fuzz")}


def compare(plan: Plan, count: int, rng: Random) -> Counter[str]:
    """Compare all backends, and the GPU stand-in with both arenas, with the reference byte for byte.

    Returns the coverage.
    """
    seed, start = rng.getrandbits(64), rng.choice((0, 7, 2**64 - 2, rng.getrandbits(64)))
    given = conditions(plan, count, rng) | choices(plan, count, rng)
    if rng.random() < 0.2:
        given = {name: array for name, array in given.items() if name == "cells" and plan.sampler is None}
    shared = set(given) - {"tile_numbers"} if rng.random() < 0.2 else set()  # the same for all tiles
    given = {name: array[0].copy() if name in shared else array for name, array in given.items()}
    given, shared = given | sampling(plan, rng), shared | {"sampling", "latent_table"}
    expected = reference.run(plan, count, seed=seed, start=start, **given)
    steps, one = None, {name: array[0] for name, array in conditions(plan, 1, rng).items()}
    if rng.random() < 0.1:
        values = reference.trace(plan, 1, seed=seed, start=start, **one)
        steps = [values[step.output][0].tobytes() for step in plan.steps]
    counts = _describe(plan) + Counter(f"given {name}" for name in given)
    for backend in _core.backends():
        made = engine.Engine(plan, backend)
        got = made.run(count, seed=seed, start=start, threads=rng.choice((1, 1, 1, 2)), **given)  # type: ignore[arg-type]
        _equal(got, expected, backend)
        if steps is not None:
            traced = made.trace(seed, start, None, one.get("kind_maps"), one.get("words"), one.get("cells"))
            if [step.tobytes() for step in traced] != steps:
                raise FindingError(f"{backend}: the trace is not the reference's")
        counts[f"on {backend}"] += 1
    if _simt is not None and rng.random() < 0.15:  # slow: the threads of the GPU run one after another
        arena = rng.choice(("shared", "global"))
        _simt.configure(shared_bytes=(227 << 10) if arena == "shared" else 0)
        with mock.patch.object(engine, "_core", _simt):
            device = engine.DeviceEngine(plan)
            few = min(count, 2)
            some = {name: array if name in shared else array[:few] for name, array in given.items()}
            made_there = device.run(few, seed=seed, start=start, **some)  # type: ignore[arg-type]
        _equal(made_there, {name: array[:few] for name, array in expected.items()}, f"simt, {arena}")
        counts[f"on simt, {arena}"] += 1
    return counts


def _equal(got: dict[str, np.ndarray], expected: dict[str, np.ndarray], who: str) -> None:
    if got.keys() != expected.keys():
        raise FindingError(f"{who}: the results {sorted(got)}, not {sorted(expected)}")
    for name, array in expected.items():
        if not np.array_equal(got[name], array):
            raise FindingError(
                f"{who}: {np.count_nonzero(got[name] != array)} of {array.size} bytes of {name} differ"
            )


def _describe(plan: Plan) -> Counter[str]:
    """Return the coverage of the case: ops, fusion, kinds of layers, results, the sampler."""
    seen = {f"op {step.op}" for step in plan.steps}
    seen |= {f"stage {name}" for name, _, _ in engine.Engine(plan, "scalar").time_stages(1) if "+" in name}
    seen |= {
        f"layer {_layer(plan, step)}"
        for step in plan.steps
        if "weights" in step.arguments and step.op != "dense"
    }
    seen.add(f"outputs {', '.join(sorted(plan.outputs))}")
    seen |= {f"input {given.source}" for given in plan.inputs}
    adds = [[plan.buffers[name].shape for name in step.inputs] for step in plan.steps if step.op == "add"]
    seen |= {"addition of one cell" for a, b in adds if a != b}
    if plan.sampler is not None:
        seen.add(f"sampler {plan.sampler.method}")
    return Counter(seen)


def _layer(plan: Plan, step: Step) -> str:
    """Return the kind of layer on 16-bit backends, like the functions `suits` in csrc/cpu/."""
    height, width, channels = plan.buffers[step.inputs[0]].shape
    weights = step.arguments["weights"]
    if plan.sampler is not None:
        return "of a sampler"
    plain = weights.shape[1:3] == (3, 3) and step.arguments.get("dilations") == (1, 1)
    suits = plain and step.op == "conv2d"
    if (
        (suits or step.op == "conv_transpose2d")
        and min(channels, len(weights)) >= 16
        and height % 2 == width % 2 == 0
    ):
        in_fours = height % 4 == width % 4 == 0 and height * width >= 64
        return "by Winograd's algorithm, 4x4 outputs" if in_fours else "by Winograd's algorithm"
    return "with pixels in the lanes" if step.op == "scores" and width % 16 == 0 else "direct"
