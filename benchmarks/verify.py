"""Compare every backend with the reference byte for byte on many random tiles, and ONNX Runtime by pixels.

  python -m tilewright_benchmarks.verify [--tiles 10000] [--pack NAME ...]

Prints a table and writes benchmarks/results/verify.json. The reference is NumPy, for samplers the fast
reference (compiler/fast_reference.py). Ten thousand tiles of all packs take some minutes. Iterative packs use
fewer tiles: masked ones 1 in 2.5 times their evaluations (1 in 40 for g4), autoregressive ones 1 in 5. Packs
that take words get random ones, a random kind per cell, given cells and allowed entries. ONNX Runtime runs the
same file on the same latents. Where it computes a layer in float32, bytes may differ (docs/numerics.md).
"""

import argparse
import json
from typing import Any

import numpy as np

import tilewright as tw
from tilewright.compiler import fast_reference
from tilewright.compiler.sampling import MASKED
from tilewright.engine import Engine, backends
from tilewright.files import write_atomically
from tilewright.pack import PackFile
from tilewright.plan import KIND_MAP, WORDS, Plan
from tilewright.seeds import draw_kinds, draw_latents

from .machine import describe, results_folder
from .subject import open_subject

SEED = 20_000
CHUNK = 200
SHARE_OF_EVALUATIONS = 2.5  # divisor of the number of tiles per evaluation that a tile costs
CAUSAL_EVALUATIONS = 2  # cost of an autoregressive tile: each cell of each map is computed about twice


def main() -> None:
    """Parse, compare, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiles", type=int, default=10_000)
    parser.add_argument("--pack", action="append")
    options = parser.parse_args()
    names = options.pack or ["g1", "g2", "g3", "g4", "g5", *tw.packs()]
    rows = []
    print(
        f"{'pack':<18}{'tiles':>8}  backends with all bytes equal to the reference; equal pixels of ONNX Runtime"
    )
    for name in names:
        file = open_subject(name, 1).file
        tiles, sampler = options.tiles, file.plan.sampler
        if sampler is not None:
            evaluations = sampler.steps if sampler.method == MASKED else CAUSAL_EVALUATIONS
            tiles = max(1, int(tiles / (SHARE_OF_EVALUATIONS * evaluations)))
        rows.append({"pack": name, "tiles": tiles, **verify(file, tiles)})
        print(
            f"{name:<18}{tiles:>8}  {rows[-1]['equal_bytes']}  {rows[-1]['onnxruntime_pixels']}", flush=True
        )
    path = results_folder() / "verify.json"
    content = json.dumps({**describe(), "seed": SEED, "packs": rows}, indent=1) + "\n"
    write_atomically(path, content.encode())
    print(f"written: {path}")


def verify(file: PackFile, tiles: int) -> dict[str, object]:
    """Return the share of equal bytes per backend (1.0 is all), and ONNX Runtime's share of equal pixels."""
    engines = {name: Engine(file.plan, name) for name in backends()}
    equal = dict.fromkeys(engines, 0)
    total, same_pixels, pixels = 0, 0, 0
    session = None if file.plan.sampler is not None else onnxruntime_session(file)
    for start in range(0, tiles, CHUNK):
        count = min(CHUNK, tiles - start)
        given = conditions(file.plan, count, start)
        expected = fast_reference.run(file.plan, count, seed=SEED, start=start, **given)
        for name, engine in engines.items():
            made = engine.run(count, seed=SEED, start=start, **given)
            equal[name] += sum(int((made[key] == expected[key]).sum()) for key in expected)
        total += sum(value.size for value in expected.values())
        if session is not None:
            theirs = onnxruntime_tiles(session, file, count, start)
            ours = expected["indices"] if "indices" in expected else expected["rgba"]
            same = theirs == ours if ours.ndim == 3 else (theirs == ours).all(axis=-1)
            same_pixels, pixels = same_pixels + int(same.sum()), pixels + same.size
    shares = {name: number / total for name, number in equal.items()}
    return {"equal_bytes": shares, "onnxruntime_pixels": same_pixels / pixels if pixels else None}


def conditions(plan: Plan, count: int, seed: int) -> dict[str, Any]:
    """Return random conditions of `count` tiles as arguments of `Engine.run`, for a step network with words."""
    words, kind_map, sampler = plan.input_shape(WORDS), plan.input_shape(KIND_MAP), plan.sampler
    if words is None or kind_map is None or sampler is None:
        return {}
    rng, colours = np.random.default_rng(seed), sampler.colours
    shape = count, sampler.height, sampler.width
    known = rng.random(shape) < 0.5 * rng.random((count, 1, 1))
    allowed = rng.random((count, colours)) < 0.8
    allowed[np.arange(count), rng.integers(0, colours, count)] = True
    return {
        "words": rng.integers(0, 2, (count, *words), np.uint8),
        "kind_maps": rng.integers(0, plan.kinds, (count, *kind_map)).astype(np.uint8),
        "cells": np.where(known, rng.integers(0, colours, shape), colours).astype(np.uint8),
        "allowed": allowed,
    }


def onnxruntime_session(file: PackFile):  # type: ignore[no-untyped-def]
    """Create an ONNX Runtime session of the unmodified file on the CPU."""
    import onnxruntime

    return onnxruntime.InferenceSession(file.content, providers=["CPUExecutionProvider"])


def onnxruntime_tiles(session, file: PackFile, count: int, start: int) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Return indices (N, H, W) or colours (N, H, W, C) of the tiles start .. start + count - 1."""
    feed = {
        "latent": draw_latents(SEED, start, count, file.latent_size),
        "kind": draw_kinds(SEED, start, count, len(file.kinds)).astype(np.int64),
    }
    names = [output.name for output in session.get_outputs()]
    wanted = "indices" if "indices" in names else "rgba"
    (made,) = session.run([wanted], {value.name: feed[value.name] for value in session.get_inputs()})
    return made if wanted == "indices" else made.transpose(0, 2, 3, 1)


if __name__ == "__main__":
    main()
