"""Options of samplers in metadata, and as arguments of generate(), stream() and the command."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

import tilewright as tw
from tilewright import engine
from tilewright.compiler import fast_reference
from tilewright.compiler.sampling_options import read_options
from tilewright.engine import Engine
from tilewright.generator import Pack
from tilewright.pack import METADATA_KEY, check_pack, lowest_format
from tilewright.seeds import LATENT_TABLE, draw_latents, scaled_latents

from .cli.command import run
from .networks import palette_pack
from .step_networks import autoregressive_pack, masked_pack

OPTIONS = {"order": "halton", "refine": 3, "begin": 0.25, "temperature": 0.5}


def with_sampler(content: bytes, version: int = 2, **fields: Any) -> bytes:
    """Return a pack with other fields of its sampler."""
    model = onnx.load_from_string(content)
    entry = next(entry for entry in model.metadata_props if entry.key == METADATA_KEY)
    metadata = json.loads(entry.value)
    entry.value = json.dumps(metadata | {"format": version, "sampler": metadata["sampler"] | fields})
    return bytes(model.SerializeToString())


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack(check_pack(masked_pack(), Path("masked.onnx")))


def test_generate_takes_the_options(pack: Pack) -> None:
    chosen = read_options(pack.plan, "halton", 3, 0.25, 0.5, name="it", caller="here")
    expected = fast_reference.run(pack.plan, 6, seed=4, start=9, sampling=chosen)["indices"]
    batch = pack.generate(6, seed=4, start=9, **OPTIONS)  # type: ignore[arg-type]
    np.testing.assert_array_equal(batch.indices, expected)
    parts = list(pack.stream(6, batch=4, seed=4, start=9, **OPTIONS))  # type: ignore[arg-type]
    np.testing.assert_array_equal(np.concatenate([part.indices for part in parts]), expected)


def test_a_pack_states_the_options() -> None:
    content = with_sampler(masked_pack(), **OPTIONS)
    own, plain = (Pack(check_pack(c, Path("masked.onnx"))) for c in (content, masked_pack()))
    expected = plain.generate(5, seed=2, **OPTIONS).indices  # type: ignore[arg-type]
    np.testing.assert_array_equal(own.generate(5, seed=2).indices, expected)
    np.testing.assert_array_equal(
        own.generate(5, seed=2, order="random", refine=0, begin=0, temperature=0.8).indices,
        plain.generate(5, seed=2).indices,
    )
    assert own.plan.evaluations == plain.plan.evaluations + 3
    assert "sampler: masked, halton order, 3 rounds of refinement, 25 % random at first; at most 9" in str(
        own.plan
    )


def test_format_1_has_no_options() -> None:
    content = with_sampler(masked_pack(), 1, **OPTIONS | {"temperature": 0.8})
    own, plain = (Pack(check_pack(c, Path("masked.onnx"))) for c in (content, masked_pack()))
    np.testing.assert_array_equal(own.generate(5, seed=2).indices, plain.generate(5, seed=2).indices)
    assert lowest_format({"sampler": {"method": "masked", "refine": 1}}) == 2
    assert lowest_format({"sampler": {"method": "masked"}}) == 1
    assert lowest_format({"sampler": None}) == 1


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"order": "spiral"}, "the sampler's order must be random or halton or raster, not 'spiral'"),
        ({"order": ["random"]}, "the sampler's order must be random or halton or raster, not ['random']"),
        ({"refine": 10**9}, "the sampler's refine must be in 0..65536, not 1000000000"),
        ({"refine": -1}, "the sampler's refine must be in 0..65536, not -1"),
        ({"refine": 0.5}, "damaged"),
        ({"begin": 2}, "the sampler's begin must be in 0..1, not 2"),
        ({"begin": float("nan")}, "the sampler's begin must be in 0..1, not nan"),
        ({"begin": True}, "the sampler's begin must be in 0..1, not True"),
        ({"begin": "1"}, "the sampler's begin must be in 0..1, not '1'"),
    ],
)
def test_unsuitable_metadata(fields: dict[str, Any], text: str) -> None:
    with pytest.raises(tw.PackError) as error:
        check_pack(with_sampler(masked_pack(), **fields), Path("masked.onnx"))
    assert text in str(error.value)


def test_an_autoregressive_pack_has_a_temperature_only() -> None:
    with pytest.raises(
        tw.PackError, match="refine of the sampler are for the method masked, not autoregressive"
    ):
        check_pack(with_sampler(autoregressive_pack(), refine=1), Path("ar.onnx"))
    own = Pack(check_pack(autoregressive_pack(), Path("ar.onnx")))
    text = (
        r"^pack\.generate\(\): random fixes cells one by one in reading order: refine is for masked samplers, "
        r"temperature for all$"
    )
    with pytest.raises(tw.UsageError, match=text):
        own.generate(1, refine=2)
    cold = own.generate(4, seed=1, kind="floor", temperature=0).indices
    assert cold is not None and (cold == cold[:1]).all()
    assert (own.generate(4, seed=1, kind="floor").indices != cold).any()


def test_a_pack_of_one_pass_has_none() -> None:
    own = Pack(check_pack(palette_pack(), Path("gan.onnx")))
    text = r"^pack\.stream\(\): random makes a picture in one pass: begin is for packs with a sampler$"
    with pytest.raises(tw.UsageError, match=text):
        own.stream(1, begin=0.0)


def test_temperature_of_one_pass() -> None:
    """It scales latents, in whole numbers: 1 changes nothing, 0 leaves one picture per kind."""
    own = Pack(check_pack(palette_pack(), Path("gan.onnx")))
    plain = own.generate(6, seed=3).indices
    np.testing.assert_array_equal(own.generate(6, seed=3, temperature=1).indices, plain)
    latents = draw_latents(3, 2**64 - 2, 6, own.file.latent_size).astype(np.int64)
    scaled = np.sign(latents) * ((np.abs(latents) * 154 + 128) // 256)  # 0.6 * 256 is 153.6
    expected = fast_reference.run(own.plan, 6, seed=3, start=2**64 - 2, latents=scaled.astype(np.int8))[
        "indices"
    ]
    cooler = own.generate(6, seed=3, start=2**64 - 2, temperature=0.6).indices
    np.testing.assert_array_equal(cooler, expected)
    parts = [b.indices for b in own.stream(6, batch=4, seed=3, start=2**64 - 2, temperature=0.6)]
    np.testing.assert_array_equal(np.concatenate(parts), expected)  # type: ignore[arg-type]
    for backend in engine.backends():
        made = Engine(own.plan, backend).run(6, seed=3, start=2**64 - 2, latent_table=scaled_latents(154))
        np.testing.assert_array_equal(made["indices"], expected)
    table = scaled_latents(154)
    given = fast_reference.run(own.plan, 6, seed=3, start=2**64 - 2, latent_table=table)
    np.testing.assert_array_equal(given["indices"], expected)
    cold = own.generate(4, seed=1, kind="floor", temperature=0).indices
    assert cold is not None and (cold == cold[:1]).all()
    assert "temperature" in own.file.abilities


def test_scaled_latents() -> None:
    np.testing.assert_array_equal(scaled_latents(256), LATENT_TABLE)
    assert not scaled_latents(0).any()
    assert set(np.unique(scaled_latents(1 << 15))) == {-127, 0, 127}
    assert scaled_latents(128)[-3:].tolist() == [52, 56, 64]
    np.testing.assert_array_equal(scaled_latents(77), -scaled_latents(77)[::-1])


@pytest.mark.parametrize("temperature", [-0.1, float("nan"), float("inf"), "1", True])
def test_unsuitable_temperature_of_one_pass(temperature: Any) -> None:
    own = Pack(check_pack(palette_pack(), Path("gan.onnx")))
    with pytest.raises(tw.UsageError, match=r"^pack\.generate\(\): temperature must be "):
        own.generate(1, temperature=temperature)


def test_the_core_refuses_a_table_without_latents() -> None:
    own = Pack(check_pack(masked_pack(), Path("masked.onnx")))
    with pytest.raises(ValueError, match="latent_table: the plan has no latents"):
        Engine(own.plan).run(1, latent_table=LATENT_TABLE)
    with pytest.raises(ValueError, match="latent_table must be a C-contiguous array of int8"):
        Engine(own.plan).run(1, latent_table=LATENT_TABLE[:5])


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "masked.onnx"
    file.write_bytes(masked_pack())
    options = ["--order", "halton", "--refine", "3", "--begin", "0.25", "--temperature", "0.5"]
    assert run(capsys, "generate", file, "-n", "4", *options, "-o", tmp_path / "one.png")[0] == 0
    assert run(capsys, "generate", file, "-n", "4", "-o", tmp_path / "other.png")[0] == 0
    assert (tmp_path / "one.png").read_bytes() != (tmp_path / "other.png").read_bytes()
    code, _, text = run(capsys, "generate", file, "--refine", 10**9)
    assert (code, text) == (2, "tilewright: refine must be in 0..65536, not 1000000000\n")
