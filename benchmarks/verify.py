"""Compare every backend with the reference byte for byte on many random tiles, and with ONNX Runtime.

  python -m tilewright_benchmarks.verify [--tiles 10000] [--reference 10000] [--pack NAME ...]

Prints a table and writes benchmarks/results/verify.json. All tiles are generated on every backend and must be equal;
the reference generates `--reference` of them. It is NumPy, for samplers the fast reference
(compiler/fast_reference.py). Ten thousand tiles of all packs take some minutes. By default, iterative packs use
fewer tiles: masked ones 1 in 2.5 times their evaluations (1 in 40 for g4), autoregressive ones 1 in 5. Packs
that take words get random ones, a random kind per cell, given cells and allowed entries.

ONNX Runtime runs the same file: packs of one pass on the same latents, whose equal pixels count; step networks in the
same loop of a few tiles, masked ones in the order halton with refinement, whose equal scores count. Where it computes
a layer in float32, bytes may differ (docs/numerics.md).
"""

import argparse
import json
from typing import Any

import numpy as np

import tilewright as tw
from tilewright.compiler import fast_reference
from tilewright.compiler.draws import Draws
from tilewright.compiler.sampling import MASKED
from tilewright.compiler.sampling_options import read_options
from tilewright.compiler.wavefronts import wavefronts
from tilewright.engine import Engine, backends, default_floats
from tilewright.files import write_atomically
from tilewright.pack import PackFile, open_pack
from tilewright.plan import KIND_MAP, WORDS, Plan
from tilewright.seeds import draw_kinds, draw_latents, tile_numbers

from .machine import describe, results_folder
from .subject import CONDITIONED, DRAWN, open_subject

SEED = 20_000
TILES = 10_000
CHUNK = 200
LOOP_TILES = 20  # that ONNX Runtime samples in the loop of a step network
REFINED = "halton", 4  # order, and rounds of refinement, of a masked sampler in that loop
SHARE_OF_EVALUATIONS = 2.5  # divisor of the number of tiles per evaluation that a tile costs
USUAL_CELLS = 576  # of a tile; larger ones, such as painted maps, count as several
CAUSAL_EVALUATIONS = 2  # cost of an autoregressive tile: each cell of each map is computed about twice


def main() -> None:
    """Parse, compare, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tiles", type=int, help="of each pack; default: 10,000, fewer of iterative packs")
    parser.add_argument("--reference", type=int, help="of them, that the reference generates; default: all")
    parser.add_argument("--pack", action="append", help="a name or a file; default: the known ones")
    options = parser.parse_args()
    rows = []
    for name in options.pack or ["g1", "g2", "g3", "g4", "g5", *tw.packs()]:
        for title, file in networks(name).items():
            tiles = options.tiles or default_tiles(file.plan)
            checked = tiles if options.reference is None else min(tiles, options.reference)
            rows.append(
                {"pack": title, "tiles": tiles, "reference_tiles": checked, **verify(file, tiles, checked)}
            )
            print("  ".join(f"{key}: {value}" for key, value in rows[-1].items()), flush=True)
    path = results_folder() / "verify.json"
    content = json.dumps({**describe(), "seed": SEED, "packs": rows}, indent=1) + "\n"
    write_atomically(path, content.encode())
    print(f"written: {path}")


def networks(name: str) -> dict[str, PackFile]:
    """Return the networks of a pack by what the results call them: the first one, and the upsampler if it has one."""
    found = {name: open_subject(name, 1).file}
    other = None if name in DRAWN | CONDITIONED else open_pack(name).upsampler
    return found if other is None else {**found, f"{name} (upsampler)": other}


def default_tiles(plan: Plan) -> int:
    """Return a number of tiles that takes some minutes."""
    if plan.sampler is None:
        return TILES
    evaluations = plan.sampler.steps if plan.sampler.method == MASKED else CAUSAL_EVALUATIONS
    size = max(1.0, plan.sampler.height * plan.sampler.width / USUAL_CELLS)
    return max(1, int(TILES / (SHARE_OF_EVALUATIONS * evaluations * size)))


def verify(file: PackFile, tiles: int, checked: int) -> dict[str, object]:
    """Return the share of equal bytes per backend (1.0 is all), and what ONNX Runtime has equal.

    All tiles of a backend are compared with those of the first one, and `checked` of them with the reference.
    """
    engines = {name: Engine(file.plan, name) for name in backends()}
    equal = dict.fromkeys(engines, 0)
    total, done = 0, 0
    for start in range(0, tiles, CHUNK):
        count = min(CHUNK, tiles - start)
        given = conditions(file.plan, count, start)
        made = {name: engine.run(count, seed=SEED, start=start, **given) for name, engine in engines.items()}
        expected = {key: value.copy() for key, value in made[backends()[0]].items()}
        some = checked * (start + count) // tiles - done
        if some:
            part = {name: value[:some] for name, value in given.items()}
            for key, value in fast_reference.run(file.plan, some, seed=SEED, start=start, **part).items():
                expected[key][:some] = value
        done += some
        for name in engines:
            equal[name] += sum(int((made[name][key] == expected[key]).sum()) for key in expected)
        total += sum(value.size for value in expected.values())
    shares = {name: number / total for name, number in equal.items()}
    if file.plan.sampler is None:
        return {"equal_bytes": shares, "onnxruntime_pixels": same_pixels(file, checked)}
    return {"equal_bytes": shares, "onnxruntime_scores": same_scores(file, min(checked, LOOP_TILES))}


def same_pixels(file: PackFile, tiles: int) -> float:
    """Return the share of pixels of a one-pass pack that are equal in ONNX Runtime and the reference."""
    session, same, pixels = onnxruntime_session(file), 0, 0
    for start in range(0, tiles, CHUNK):
        count = min(CHUNK, tiles - start)
        expected = fast_reference.run(file.plan, count, seed=SEED, start=start)
        ours = expected["indices"] if "indices" in expected else expected["rgba"]
        equal = onnxruntime_tiles(session, file, count, start) == ours
        equal = equal if ours.ndim == 3 else equal.all(axis=-1)
        same, pixels = same + int(equal.sum()), pixels + equal.size
    return same / max(1, pixels)


def same_scores(file: PackFile, tiles: int) -> float:
    """Return the share of scores that are equal in the reference and in ONNX Runtime, which samples the tiles in the
    same loop: all scores of the cells that each evaluation fixes.
    """
    plan, session = file.plan, onnxruntime_session(file)
    sampler = plan.sampler
    assert sampler is not None
    masked, kinds = sampler.method == MASKED, draw_kinds(SEED, 0, tiles, plan.kinds)
    given = conditions(plan, tiles, 0)
    allowed = given.pop("allowed", None)
    unknown = np.full((tiles, sampler.height, sampler.width), sampler.colours, np.uint8)
    cells = given.pop("cells", unknown)
    flat = cells.reshape(tiles, -1)  # a view
    feed = {"kind": kinds.astype(np.int64), "kind_map": given.get("kind_maps"), "words": given.get("words")}
    feed = {value.name: feed[value.name] for value in session.get_inputs() if value.name != "cells"}
    with default_floats():
        options = (
            read_options(plan, *REFINED, None, None, name=file.name, caller="verify") if masked else None
        )
    draws = Draws(sampler, SEED, tile_numbers(0, tiles), allowed, options)
    noise = draws.noise()
    same = total = 0
    for turn in draws.turns(flat == sampler.colours, [] if masked else wavefronts(plan)):
        if turn.refinement:
            flat[turn.fixed] = sampler.colours
            noise = draws.noise(turn.refinement)
        (logits,) = session.run(["logits"], {"cells": cells, **feed})
        theirs = np.rint(logits.reshape(tiles, sampler.colours, -1).swapaxes(1, 2) / sampler.scale).astype(
            np.int32
        )
        ours = fast_reference.scores(plan, kinds, cells, **given).reshape(theirs.shape)
        same += int((ours == theirs)[turn.fixed].sum())
        total += theirs[turn.fixed].size
        flat[turn.fixed] = draws.choose(turn.fixed, theirs[turn.fixed] + noise[turn.fixed])
    return same / max(1, total)


def conditions(plan: Plan, count: int, seed: int) -> dict[str, Any]:
    """Return random conditions of `count` tiles as arguments of `Engine.run`, for a step network with maps of kinds."""
    words, kind_map, sampler = plan.input_shape(WORDS), plan.input_shape(KIND_MAP), plan.sampler
    if kind_map is None or sampler is None:
        return {}
    rng, colours = np.random.default_rng(seed), sampler.colours
    shape = count, sampler.height, sampler.width
    known = rng.random(shape) < 0.5 * rng.random((count, 1, 1))
    allowed = rng.random((count, colours)) < 0.8
    allowed[np.arange(count), rng.integers(0, colours, count)] = True
    return {
        **({} if words is None else {"words": rng.integers(0, 2, (count, *words), np.uint8)}),
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
