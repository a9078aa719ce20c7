"""Time the bundled packs: the core against ONNX Runtime (if installed) on the same file, A B A B, medians.

    python benchmarks/packs.py [--threads 1] [--batch 128] [--rounds 7]

Prints a table of tiles a second. The core draws its latents within the call, the rival is given them.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

import tilewright as tw
from tilewright.engine import Engine
from tilewright.pack import PackFile, open_pack
from tilewright.seeds import draw_kinds, draw_latents

SEED = 7


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    print(f"{'pack':<14}{'runner':<16}{'tiles/s':>10}{'least':>10}{'most':>10}")
    for name in tw.packs():
        pack = open_pack(name)
        runners = {"core": core(pack, options.batch, options.threads)}
        if rival := onnxruntime(pack, options.batch, options.threads):
            runners["onnxruntime"] = rival
        for runner, speeds in measure(runners, options.batch, options.rounds).items():
            print(
                f"{name:<14}{runner:<16}{statistics.median(speeds):>10,.0f}"
                f"{min(speeds):>10,.0f}{max(speeds):>10,.0f}"
            )


def measure(runners: dict[str, Callable[[], object]], batch: int, rounds: int) -> dict[str, list[float]]:
    """Tiles a second of each runner, one after the other in every round, after one unmeasured call."""
    speeds: dict[str, list[float]] = {name: [] for name in runners}
    for run in runners.values():
        run()
    for _ in range(rounds):
        for name, run in runners.items():
            began = time.perf_counter()
            run()
            speeds[name].append(batch / (time.perf_counter() - began))
    return speeds


def core(pack: PackFile, batch: int, threads: int) -> Callable[[], object]:
    """One call of the C++ core."""
    engine = Engine(pack.plan)
    return lambda: engine.run(batch, seed=SEED, threads=threads)


def onnxruntime(pack: PackFile, batch: int, threads: int) -> Callable[[], object] | None:
    """One call of ONNX Runtime on the CPU, or None where it is not installed."""
    try:
        import onnxruntime as ort
    except ImportError:
        return None
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(pack.content, options, providers=["CPUExecutionProvider"])
    kinds = draw_kinds(SEED, 0, batch, len(pack.kinds)).astype(np.int64)
    feed = {"latent": draw_latents(SEED, 0, batch, pack.latent_size), "kind": kinds}
    return lambda: session.run(None, feed)


if __name__ == "__main__":
    main()
