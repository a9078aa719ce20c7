"""The networks of the GPU baselines: the float graph, the PyTorch and the JAX network agree."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tilewright.pack import check_pack
from tilewright_benchmarks.float_graph import float_graph
from tilewright_benchmarks.gpu.network import Network, RepeatedSubject
from tilewright_benchmarks.subject import difference, identical
from tilewright_benchmarks.torch_graph import TorchGraph
from tilewright_benchmarks.variants import VARIANTS

from ..networks import dcgan_pack, drawn_palette_pack, family_pack, palette_pack
from ..step_networks import masked_pack
from .test_variants import run

PACKS: dict[str, Callable[[], bytes]] = {
    "tiles": lambda: palette_pack(wrap=True),
    "dcgan": lambda: dcgan_pack(transparent=True),
    "scores": lambda: drawn_palette_pack(nearest=False),
    "vae": lambda: family_pack("vae"),
    "flow": lambda: family_pack("flow", wrap=True),
    "masked": masked_pack,
}
BATCH = 70


@pytest.fixture(params=PACKS)
def subject(request: pytest.FixtureRequest) -> RepeatedSubject:
    return RepeatedSubject(check_pack(PACKS[request.param](), Path(f"{request.param}.onnx")), BATCH)


def in_torch(network: Network) -> dict[str, np.ndarray]:
    feed = {name: torch.from_numpy(array) for name, array in network.feed.items()}
    with torch.inference_mode():
        made = TorchGraph(network.model).eval()(**feed)
    return {name: y.numpy() for name, y in zip(network.outputs, made, strict=True)}


def alike(pictures: np.ndarray, others: np.ndarray) -> bool:
    """Whether pictures agree up to rounding: most pixels are equal, or colours differ by a few steps."""
    off = difference(pictures, others)
    return identical(pictures, others) > 0.6 or (off is not None and off < 5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_it_is_the_float_graph(subject: RepeatedSubject, variant: str) -> None:
    network = Network(subject, variant)
    expected = run(float_graph(VARIANTS[variant].rewrite(subject.model)), subject.feed)
    if "logits" in expected:
        expected = {"indices": expected["logits"].argmax(axis=1)}
    made = in_torch(network)
    assert made.keys() == expected.keys()
    for name, values in made.items():
        assert values.dtype == np.uint8
        assert (np.abs(values.astype(np.int64) - expected[name]) < 1e-3).mean() > 0.995


def test_few_tiles_are_compared_and_repeated(subject: RepeatedSubject) -> None:
    assert all(len(array) == BATCH for array in subject.feed.values())
    assert len(subject.expected) == BATCH
    few = 64 if subject.evaluations == 1 else 8
    assert np.array_equal(subject.expected[few:], subject.expected[: BATCH - few])
    network = Network(subject, "as it is")
    assert alike(subject.expected, network.pictures(in_torch(network)))


def test_a_map_is_a_view_of_its_features(subject: RepeatedSubject) -> None:
    nodes = list(Network(subject, "as it is").model.graph.node)
    assert all(
        node.op_type != "Reshape" or nodes[i + 1].op_type == "Transpose" for i, node in enumerate(nodes)
    )


@pytest.mark.parametrize("variant", VARIANTS)
def test_jax_gives_the_same(subject: RepeatedSubject, variant: str) -> None:
    jax = pytest.importorskip("jax")
    from tilewright_benchmarks.gpu.jax_graph import JaxGraph

    network = Network(subject, variant)
    made = jax.jit(JaxGraph(network.model, np.float32))(**network.feed)
    for expected, y in zip(in_torch(network).values(), map(np.asarray, made), strict=True):
        y = np.moveaxis(y, -1, 1) if y.ndim == 4 else y
        assert y.dtype == np.uint8 and (np.abs(y.astype(np.int64) - expected) <= 1).mean() > 0.995


def test_jax_runs_on_the_cpu(subject: RepeatedSubject) -> None:
    pytest.importorskip("jax")
    from tilewright_benchmarks.gpu.jax_runner import JaxRunner

    runner = JaxRunner(Network(subject, "as it is"), "cpu")
    assert all(runner.seconds(measure, 2) > 0 for measure in ("device", "call", "host"))
    assert alike(subject.expected, runner.pictures())


def test_torch_runs_on_the_cpu(subject: RepeatedSubject) -> None:
    from tilewright_benchmarks.gpu.torch_runner import TorchEager

    runner = TorchEager(Network(subject, "as it is"), "cpu")
    assert all(runner.seconds(measure, 2) > 0 for measure in ("device", "call", "host"))
    assert alike(subject.expected, runner.pictures())
