"""Every op exists in all layers under one name. A failure names the layer that lacks it."""

import re
from pathlib import Path

import pytest

from tilewright import _core
from tilewright.compiler import ops, reference

ROOT = Path(__file__).parents[2]
STRUCTS = {
    name: struct
    for header in sorted((ROOT / "csrc/ops").glob("*.h"))
    for struct, name in re.findall(
        r'struct (\w+) \{\s+static constexpr const char\* kName = "(\w+)"', header.read_text(encoding="utf-8")
    )
}
POINTWISE = (ROOT / "csrc/cpu/pointwise.cpp").read_text(encoding="utf-8")
LAYERS = (ROOT / "csrc/core/layer_geometry.cpp").read_text(encoding="utf-8")
CONTRACT = (ROOT / "csrc/core/contract.cpp").read_text(encoding="utf-8")
CUDA = (ROOT / "csrc/cuda/plan_writer.cpp").read_text(encoding="utf-8")
DEPENDENCES = {
    "core": (ROOT / "csrc/sampler/dependences.cpp").read_text(encoding="utf-8"),
    "compiler": (ROOT / "python/tilewright/compiler/wavefronts.py").read_text(encoding="utf-8"),
}
# Ops whose outputs have no cells, or that do not occur between the cells and the scores of a step network. A plan
# in which one of them depends on the picture is evaluated one cell at a time.
NOT_FOLLOWED = {
    "argmax",
    "concat",
    "conv_transpose2d",
    "dense",
    "embed",
    "max_pool",
    "mean",
    "nearest",
    "slice",
}


def test_there_are_ops():
    assert {"conv2d", "conv_transpose2d", "dense", "argmax"} <= set(STRUCTS)
    assert set(STRUCTS) == set(reference.OPS)
    assert set(STRUCTS) == set(ops.OPS)
    manual = (ROOT / "docs" / "ops.md").read_text(encoding="utf-8")
    assert set(STRUCTS) <= {line[3:] for line in manual.splitlines() if line.startswith("## ")}


@pytest.mark.parametrize("name", STRUCTS)
def test_an_op_is_in_every_layer(name):
    assert (ROOT / f"csrc/ops/{name}.h").is_file(), "its contract"
    by_itself = re.search(rf"operator\(\)\(const ops::{STRUCTS[name]}&( op)?\)", POINTWISE)
    as_layer = re.search(rf"::describe\(const ops::{STRUCTS[name]}& op", LAYERS)
    assert bool(by_itself) != bool(as_layer), (
        "its kernel, in one of cpu/pointwise.cpp and core/layer_geometry.cpp"
    )
    assert f"operator()(const ops::{STRUCTS[name]}&" in CONTRACT, "its shape"
    assert as_layer or f"write_op(const ops::{STRUCTS[name]}&" in CUDA, "its stage on a GPU"
    assert hasattr(_core.PlanBuilder, name), "its binding"
    assert callable(getattr(reference, name)), "its reference"
    assert (ROOT / f"tests/ops/test_{name}.py").is_file(), "its test"


@pytest.mark.parametrize("name", STRUCTS)
def test_dependences_of_cells_are_followed_through_an_op_or_it_is_listed(name):
    """Without a decision, an autoregressive pack with the op would be correct but slow."""
    followed = name not in NOT_FOLLOWED
    in_core = re.search(rf"(get_if|holds_alternative)<ops::{STRUCTS[name]}>", DEPENDENCES["core"])
    assert bool(in_core) == followed, "csrc/sampler/dependences.cpp or NOT_FOLLOWED"
    assert (f'"{name}"' in DEPENDENCES["compiler"]) == followed, "compiler/wavefronts.py or NOT_FOLLOWED"
