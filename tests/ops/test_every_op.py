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
LAYERS = (ROOT / "csrc/core/layer_source.cpp").read_text(encoding="utf-8")
CONTRACT = (ROOT / "csrc/core/contract.cpp").read_text(encoding="utf-8")
CUDA = (ROOT / "csrc/cuda/program.cpp").read_text(encoding="utf-8")


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
        "its kernel, in one of cpu/pointwise.cpp and core/layer_source.cpp"
    )
    assert f"operator()(const ops::{STRUCTS[name]}&" in CONTRACT, "its shape"
    assert as_layer or f"write_op(const ops::{STRUCTS[name]}&" in CUDA, "its stage on a GPU"
    assert hasattr(_core.PlanBuilder, name), "its binding"
    assert callable(getattr(reference, name)), "its reference"
    assert (ROOT / f"tests/ops/test_{name}.py").is_file(), "its test"
