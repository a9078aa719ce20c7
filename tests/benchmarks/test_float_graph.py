"""The float counterpart of a pack's network in ONNX Runtime and in PyTorch."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from tilewright.pack import check_pack
from tilewright_benchmarks.baselines.onnx_runtime import OnnxRuntimeFp32
from tilewright_benchmarks.float_graph import float_graph
from tilewright_benchmarks.subject import Subject, difference, identical, open_subject
from tilewright_benchmarks.torch_graph import TorchGraph
from tilewright_benchmarks.variants import VARIANTS, plain_wrap

from ..networks import dcgan_pack, drawn_palette_pack, family_pack, palette_pack
from ..step_networks import masked_pack
from .test_variants import run

PACKS: dict[str, Callable[[], bytes]] = {
    "tiles": lambda: palette_pack(wrap=True),
    "sprites": lambda: palette_pack(transparent=True),
    "dcgan": lambda: dcgan_pack(transparent=True),
    "nearest": drawn_palette_pack,
    "scores": lambda: drawn_palette_pack(nearest=False),
    "vae": lambda: family_pack("vae"),
    "flow": lambda: family_pack("flow", wrap=True),
    "masked": masked_pack,
}


@pytest.fixture(params=PACKS)
def subject(request: pytest.FixtureRequest) -> Subject:
    return Subject(check_pack(PACKS[request.param](), Path(f"{request.param}.onnx")), 24)


def test_no_quantised_numbers_are_left(subject: Subject) -> None:
    graph = float_graph(subject.model).graph
    for constant in graph.initializer:
        array = onnx.numpy_helper.to_array(constant)
        assert array.dtype in (np.float32, np.int64) or array.ndim == 0, constant.name
    edges = {value.name for value in (*graph.input, *graph.output)}
    for node in graph.node:
        if node.op_type in ("QuantizeLinear", "DequantizeLinear"):
            assert edges & {node.input[0], *node.output}


def test_it_is_nearly_the_quantised_network(subject: Subject) -> None:
    if subject.file.path.stem == "nearest":
        return  # its random weights saturate, which the float network does not model
    pictures = subject.pictures(run(float_graph(subject.model), subject.feed))
    off = difference(subject.expected, pictures)
    assert identical(subject.expected, pictures) > 0.75 or (off is not None and off < 4)


@pytest.mark.parametrize("name", ["dawn-sprites", "dawn-tiles"])
def test_onnx_runtime_takes_that_of_the_bundled_packs(name: str) -> None:
    """These latents are split by Slice nodes."""
    subject = open_subject(name, 8)
    baseline = OnnxRuntimeFp32(float_graph(subject.model), subject.feed, threads=1)
    assert identical(subject.expected, subject.pictures(baseline.outputs())) > 0.75


def test_relu_stays_where_the_clamp_was_one() -> None:
    ops = [node.op_type for node in float_graph(onnx.load_from_string(dcgan_pack())).graph.node]
    assert "Relu" not in [node.op_type for node in onnx.load_from_string(dcgan_pack()).graph.node]
    assert ops.count("Relu") == ops.count("ConvTranspose")  # of 4x4 and every stage but the last


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("spell_out_wrap", [False, True])
def test_torch_gives_the_same(subject: Subject, variant: str, spell_out_wrap: bool) -> None:
    model = float_graph(VARIANTS[variant].rewrite(subject.model))
    if spell_out_wrap:
        model = plain_wrap(model)
    feed = {name: torch.from_numpy(array) for name, array in subject.feed.items()}
    with torch.inference_mode():
        got = TorchGraph(model).eval()(**feed)
    for ours, theirs in zip(got, run(model, subject.feed).values(), strict=True):
        assert (np.abs(ours.numpy().astype(np.float64) - theirs) < 1e-3).mean() > 0.995
