"""One op, one name on every floor: says which floor a new op was forgotten on."""

import re
from pathlib import Path

import pytest

from tilewright import _core
from tilewright.compiler import ops, reference

ROOT = Path(__file__).parents[2]
NAMES = sorted(
    name
    for header in (ROOT / "csrc/ops").glob("*.h")
    for name in re.findall(r'kName = "(\w+)"', header.read_text(encoding="utf-8"))
)


def test_there_are_ops():
    assert {"conv2d", "conv_transpose2d", "dense", "argmax"} <= set(NAMES)
    assert set(NAMES) == set(reference.OPS)
    assert set(NAMES) == set(ops.OPS)
    manual = (ROOT / "docs" / "ops.md").read_text()
    assert set(NAMES) <= {line[3:] for line in manual.splitlines() if line.startswith("## ")}


@pytest.mark.parametrize("name", NAMES)
def test_an_op_is_on_every_floor(name):
    assert (ROOT / f"csrc/ops/{name}.h").is_file(), "its contract"
    assert (ROOT / f"csrc/cpu/{name}.cpp").is_file(), "its scalar kernel"
    assert hasattr(_core.PlanBuilder, name), "its binding"
    assert callable(getattr(reference, name)), "its reference"
    assert (ROOT / f"tests/ops/test_{name}.py").is_file(), "its test"
