"""Whole packs: the core equals the reference and agrees with ONNX Runtime, and tiles depend on nothing else."""

import hashlib
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from tilewright.compiler import reference
from tilewright.engine import Engine
from tilewright.pack import PackFile, check_pack
from tilewright.seeds import draw_kinds, draw_latents

from ..networks import dcgan_pack, drawn_palette_pack, palette_pack, pooled_pack

PACKS = {
    "tiles-16": lambda: palette_pack(wrap=True),
    "sprites-16": lambda: palette_pack(transparent=True),
    "sprites-32": lambda: palette_pack(size=32, transparent=True, colours=16),
    "tiles-8": lambda: palette_pack(size=8, wrap=True),
    "drawn-palettes": drawn_palette_pack,
    "drawn-palettes-alpha": lambda: drawn_palette_pack(transparent=True),
    "drawn-palettes-scores": lambda: drawn_palette_pack(nearest=False),
    "pooled": pooled_pack,
    "dcgan-16": dcgan_pack,
    "dcgan-16-alpha": lambda: dcgan_pack(transparent=True),
}


@pytest.fixture(params=PACKS)
def pack(request: pytest.FixtureRequest) -> PackFile:
    return check_pack(PACKS[request.param](), Path(f"{request.param}.onnx"))


def digest(results: dict[str, np.ndarray]) -> str:
    return hashlib.sha256(b"".join(results[name].tobytes() for name in sorted(results))).hexdigest()


def test_core_equals_reference_after_every_step(pack: PackFile) -> None:
    engine = Engine(pack.plan)
    values = reference.trace(pack.plan, 3, seed=5, start=2)
    for i in range(3):
        for step, got in zip(pack.plan.steps, engine.trace(5, 2 + i), strict=True):
            expected = np.ascontiguousarray(values[step.output][i])
            assert got.tobytes() == expected.tobytes(), f"tile {i}: {step.op} -> {step.output}"


def test_same_bytes_whatever_the_batch_start_and_threads(pack: PackFile) -> None:
    engine = Engine(pack.plan)
    whole = digest(engine.run(64, seed=7))
    singles = [engine.run(1, seed=7, start=i) for i in range(64)]
    assert digest({k: np.concatenate([s[k] for s in singles]) for k in singles[0]}) == whole
    assert digest(engine.run(64, seed=7, threads=2)) == whole
    assert digest(engine.run(64, seed=7, threads=5)) == whole
    assert digest(reference.run(pack.plan, 64, seed=7)) == whole


def test_index_wraps_at_64_bits(pack: PackFile) -> None:
    engine = Engine(pack.plan)
    around = engine.run(4, seed=1, start=2**64 - 2)
    for name, value in engine.run(2, seed=1, start=0).items():
        np.testing.assert_array_equal(around[name][2:], value)


def test_onnxruntime_agrees(pack: PackFile) -> None:
    count = 128
    latents = draw_latents(3, 0, count, pack.latent_size)
    kinds = draw_kinds(3, 0, count, len(pack.kinds))
    session = onnxruntime.InferenceSession(pack.content, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    theirs = dict(
        zip(names, session.run(None, {"latent": latents, "kind": kinds.astype(np.int64)}), strict=True)
    )
    made = Engine(pack.plan).run(count, latents=latents, kinds=kinds)
    assert made.keys() == {*theirs, "kind"}
    np.testing.assert_array_equal(made.pop("kind"), kinds)
    for name, ours in made.items():
        other = theirs[name].transpose(0, 2, 3, 1) if name == "rgba" else theirs[name]
        assert (ours.ravel() == other.ravel()).mean() >= 0.995


def test_pictures_are_not_constant(pack: PackFile) -> None:
    made = Engine(pack.plan).run(32, seed=0)
    np.testing.assert_array_equal(made.pop("kind"), draw_kinds(0, 0, 32, len(pack.kinds)))
    for value in made.values():
        assert len(np.unique(value)) > 3
        assert (value[0] != value[1]).any()
