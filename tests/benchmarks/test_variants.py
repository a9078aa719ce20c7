"""Every rewritten network returns the same bytes as the original pack."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from tilewright.compiler import reference
from tilewright.pack import PackFile, check_pack
from tilewright.seeds import draw_latents
from tilewright_benchmarks.variants import VARIANTS, plain_wrap, variants_of

from ..networks import palette_pack
from ..step_networks import masked_pack
from .exact_network import exact_pack

TILES = 64


def run(model: onnx.ModelProto, feed: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Run with float kernels, which are exact for `exact_pack`. Integer kernels may saturate on older
    processors.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, feed), strict=True))


@pytest.fixture(params=[False, True], ids=["edges", "torus"])
def pack(request: pytest.FixtureRequest) -> PackFile:
    return check_pack(exact_pack(request.param), Path("exact.onnx"))


@pytest.mark.parametrize("spell_out_wrap", [False, True])
@pytest.mark.parametrize("name", VARIANTS)
def test_same_bytes(pack: PackFile, name: str, spell_out_wrap: bool) -> None:
    model = VARIANTS[name].rewrite(onnx.load_from_string(pack.content))
    if spell_out_wrap:
        model = plain_wrap(model)
        assert all(node.op_type != "Pad" for node in model.graph.node)
    got = run(model, {"latent": draw_latents(1, 0, TILES, pack.latent_size)})["rgba"].transpose(0, 2, 3, 1)
    expected = reference.run(pack.plan, TILES, seed=1)["rgba"]
    assert len(np.unique(expected)) > 100
    assert np.array_equal(got, expected) == VARIANTS[name].same_numbers


@pytest.mark.parametrize("name", sorted(VARIANTS.keys() - {"as it is"}))
def test_no_transposed_convolution_is_left(name: str) -> None:
    model = VARIANTS[name].rewrite(onnx.load_from_string(palette_pack(wrap=True)))
    assert all(node.op_type != "ConvTranspose" for node in model.graph.node)
    onnx.checker.check_model(onnx.shape_inference.infer_shapes(model, strict_mode=True), full_check=True)


def test_metadata_and_names_stay() -> None:
    model = onnx.load_from_string(palette_pack())
    for variant in VARIANTS.values():
        rewritten = variant.rewrite(model)
        assert rewritten.metadata_props == model.metadata_props
        assert rewritten.graph.input == model.graph.input
        assert rewritten.graph.output == model.graph.output


def test_packs_without_upsampling_have_one_variant() -> None:
    assert list(variants_of(onnx.load_from_string(masked_pack()))) == ["as it is"]
    assert variants_of(onnx.load_from_string(palette_pack())) == VARIANTS
