"""Float and quantised pictures of the same latents, and the measures of samples."""

from pathlib import Path

import numpy as np
import pytest

from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright_benchmarks import quantisation
from tilewright_benchmarks.quantisation import same_pixels, subjects
from tilewright_benchmarks.sampling import table

from ..networks import family_pack


def test_rows_have_the_same_latents(monkeypatch: pytest.MonkeyPatch) -> None:
    pack = Pack(check_pack(family_pack("vae"), Path("vae.onnx")))
    rows = subjects(pack, None)
    labels = np.arange(12) % len(pack.kinds)
    made = rows["int8"].sample(labels, 3)
    expected = pack.generate(12, kind=[pack.kinds[label] for label in labels], seed=3, gate=False)
    np.testing.assert_array_equal(made, expected.rgba)
    in_float = rows["float activations"].sample(labels, 3)
    share, other = ((in_float == pictures).all(axis=-1).mean() for pictures in (made, made[::-1]))
    assert share > 0.9 > other
    monkeypatch.setattr(quantisation, "CHUNK", 5)
    np.testing.assert_array_equal(rows["float activations"].sample(labels, 3), in_float)
    shares = same_pixels(rows, 12, seed=3)
    assert shares["float activations"] == 100.0
    assert shares["int8"] == pytest.approx(100.0 * share)


def test_table() -> None:
    rows = {"int8": {seed: {"c2st": 13.0 + seed, "frechet": 0.1, "near_copies": 0.0} for seed in (0, 2)}}
    head, rule, _ = table(rows, "row").splitlines()
    assert head == "| row | seeds | C2ST error (%) | Frechet distance | near copies (%) |"
    assert rule == "|---|---:|---:|---:|---:|"
    assert table(rows, "row").splitlines()[2] == "| int8 | 2 | 14.0 ± 1.4 | 0.100 ± 0.000 | 0.0 ± 0.0 |"
