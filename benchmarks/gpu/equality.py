"""Verification in a separate process: tiles generated on the device equal the CPU's byte for byte.

  python -m tilewright_benchmarks.gpu.equality PACK [--tiles 10000] [--device cuda]

Prints a line of JSON. Exit code 1 if a byte differs. `--device cpu` compares the CPU backend with itself.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence

import numpy as np

from tilewright.generator import Pack
from tilewright.pack import PackFile

from ..subject import open_subject
from .core_runner import generate, results

SEED = 20_000
TILES = 10_000
STEP_SHARE = 10
"""Divisor for the tiles of iterative packs, whose batches have at most STEP_COUNT tiles."""
STEP_COUNT = 1_023
COUNTS = (1, 7, 1_023, 4_097)
STARTS = (0, 2**32 - 5, 2**63 + 11, 2**64 - 3)
"""Starts at which the low word of the index, or the index itself, overflows within a batch."""


def main() -> None:
    """Parse, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack")
    parser.add_argument("--tiles", type=int, default=TILES)
    parser.add_argument("--device", default="cuda")
    options = parser.parse_args()
    found = compare(open_subject(options.pack, 1).file, options.tiles, options.device)
    print(json.dumps(found))
    raise SystemExit(0 if found["equal"] else 1)


def compare(file: PackFile, tiles: int, device: str) -> dict[str, object]:
    """Return the number of tiles, a digest of both sides' bytes, and the position of the first difference."""
    pack = Pack(file)
    sides = {device: hashlib.sha256(), "cpu, to compare": hashlib.sha256()}
    made, stayed, differs = 0, 0, ""
    for count, kind, seed, start in calls(pack, tiles):
        own = results(generate(pack, count, device, False, seed, start, kind))
        by_cpu = pack.generate(count, kind=kind, seed=seed, start=start, device="cpu", gate=False)
        expected = results(by_cpu)
        for digest, arrays in zip(sides.values(), (own, expected), strict=True):
            for array in arrays:
                digest.update(np.ascontiguousarray(array).data)
        call = f"count={count}, kind={kind!r}, seed={seed}, start={start}"
        differs = differs or _first_difference(own, expected, call)
        made += count
        if count in COUNTS:
            left = generate(pack, count, device, True, seed, start, kind)
            taken = [_taken(array) for array in (*results(left), left.rgba)]
            expected = [*expected, by_cpu.rgba]
            differs = differs or _first_difference(taken, expected, f"{call}, kept on the device")
            stayed += count
    return {
        "pack": file.path.stem,
        "tiles": made,
        "tiles_through_dlpack": stayed,
        "equal": not differs,
        "first_difference": differs,
        "sha256": {side: digest.hexdigest() for side, digest in sides.items()},
    }


def calls(pack: Pack, tiles: int) -> Iterator[tuple[int, str | None, int, int]]:
    """Yield counts, kinds, seeds and starts: odd counts at critical indices, then `tiles` divided among the
    kinds.
    """
    iterative = pack.plan.sampler is not None
    for number, count in enumerate(COUNTS):
        if count <= min(tiles, STEP_COUNT if iterative else tiles):
            yield count, None, SEED + number, STARTS[number]
    kinds = (None, *pack.kinds)
    each = -(-tiles // (len(kinds) * (STEP_SHARE if iterative else 1)))
    for number, kind in enumerate(kinds):
        yield each, kind, SEED + 100 + number, number * each


def _first_difference(own: Sequence[object], expected: Sequence[object], call: str) -> str:
    for number, arrays in enumerate(zip(own, expected, strict=True)):
        a, b = map(np.asarray, arrays)
        if a.shape[1:] != b.shape[1:] or len(a) not in (1, len(b)):  # one palette may serve all tiles
            return f"{call}: result {number} has shape {a.shape} instead of {b.shape}"
        wrong = np.argwhere(a != b)
        if len(wrong):
            place = tuple(int(i) for i in wrong[0])
            value = np.broadcast_to(a, b.shape)[place]
            return f"{call}: {len(wrong)} bytes of result {number}, the first at {place}: {value}, not {b[place]}"
    return ""


def _taken(array: object) -> np.ndarray:
    """Read through DLPack into PyTorch and, on a GPU, also through `__cuda_array_interface__`; both must
    agree.
    """
    import torch

    if isinstance(array, np.ndarray):
        array = array.copy()  # PyTorch rejects read-only arrays, such as the pack's palette
    taken: np.ndarray = torch.utils.dlpack.from_dlpack(array).cpu().numpy()
    if hasattr(array, "__cuda_array_interface__"):
        other = torch.as_tensor(array, device="cuda").cpu().numpy()
        assert np.array_equal(other, taken), "DLPack and __cuda_array_interface__ differ"
    return taken


if __name__ == "__main__":
    main()
