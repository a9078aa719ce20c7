"""Texts that a pack refuses to generate: rude words, short texts and common ones."""

from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.errors import PackError
from tilewright.generator import Pack
from tilewright.pack import check_pack, lowest_format
from tilewright.refused_texts import RefusedTexts, shape_of

from .networks import palette_pack
from .step_networks import tokens_pack
from .test_conditions import changed


def refused() -> RefusedTexts:
    return RefusedTexts.of(["ass", "damned"], ["damned", "bast"], ["Thor", "Nef"], [1, 1], shortest=3)


def opened(texts: object, content: bytes = b"") -> Pack:
    return Pack(check_pack(changed(content or tokens_pack(), format=2, refused_texts=texts), Path("p.onnx")))


def test_words_are_refused_as_words_and_parts_anywhere() -> None:
    rude = ["ASS", "Ass Inn", "The ass", "damned", "Undamnedly", "Bastor", "Alabast"]
    fine = ["Assel", "Cassa", "Dam Ned", "Bas T", "", "Thor"]
    assert refused().rude([*rude, *fine]).tolist() == [True] * len(rude) + [False] * len(fine)
    assert refused().rude([]).tolist() == []


def test_agrees_with_the_definition() -> None:
    rng = np.random.default_rng(0)

    def draw(count: int, least: int, most: int) -> list[str]:
        return ["".join(rng.choice(list("ab "), rng.integers(least, most))) for _ in range(count)]

    words, parts, texts = draw(5, 1, 4), draw(3, 4, 9), draw(300, 0, 13)
    known = RefusedTexts.of(words, parts)
    expected = [any(w in t.split() for w in words) or any(p in t for p in parts) for t in texts]
    assert known.rude(texts).tolist() == expected and 20 < sum(expected) < 280


def test_common_texts_are_those_of_a_kind() -> None:
    texts = ["thor", "Thor", "Thora", "Ne", "", "Nef"]
    usual = refused().usual(texts, np.array([0, 1, 1, 0, 0, 1]))
    assert usual.tolist() == [False, True, False, True, True, True]


def test_texts_have_the_shapes_of_the_training_texts() -> None:
    assert [shape_of(text) for text in ("", "Thor", "McDee", "St Ives", "x-y ")] == [
        "",
        "Aa",
        "AaAa",
        "Aa Aa",
        "a-a ",
    ]
    known = RefusedTexts.from_metadata(RefusedTexts.of([], [], shapes=["Aa", "Aa Aa"]).to_metadata())
    texts = ["Thor", "St Ives", "McDee", "Thor ", "thor", ""]
    assert known.usual(texts, np.zeros(6, np.int64)).tolist() == [False, False, True, True, True, True]


def test_a_pack_draws_again() -> None:
    """Texts of a pack that are refused are not generated; the others stay the same, in any batch."""
    plain = Pack(check_pack(tokens_pack(), Path("p.onnx")))
    before = plain.generate(60, kind=plain.kinds[0], seed=5).texts  # type: ignore[attr-defined]
    words = sorted({word for text in before for word in text.split() if len(word) > 3})[::2]
    texts = RefusedTexts.of(words, [], shortest=3)
    pack = opened(texts.to_metadata())
    made = pack.generate(60, kind=plain.kinds[0], seed=5).texts  # type: ignore[attr-defined]
    assert not texts.rude(made).any() and min(map(len, made)) >= 3
    fine = ~(texts.rude(before) | texts.usual(before, np.zeros(60, np.int64)))
    assert 10 < fine.sum() < 50
    assert [a == b for a, b in zip(made, before, strict=True)] == fine.tolist()
    one = pack.generate(1, kind=plain.kinds[0], seed=5, start=59).texts  # type: ignore[attr-defined]
    assert one == made[59:]


def test_the_bundled_names_refuse() -> None:
    assert "training texts, rude, short and common texts (gate)" in str(tw.load("names").file)
    known = tw.load("names").file.refused_texts
    assert known is not None and known.shortest == 3 and known.shapes == {"Aa", "Aa Aa"}
    assert known.rude(["Bastard", "Nazi Inn", "Xnazio"]).all()
    assert not known.rude(["Cassandra", "Hancock", "Sussex", "Stag Inn"]).any()


@pytest.mark.parametrize(
    "change",
    [
        {"words": 3},
        {"parts": "%"},
        {"common": None},
        {"shortest": -1},
        {"shortest": 1.5},
        {"shortest": 257},
        {"shapes": "Aa"},
        {"shapes": ["a"] * 65},
    ],
)
def test_damaged_texts(change: dict[str, object]) -> None:
    with pytest.raises(PackError, match=r"p\.onnx has damaged metadata"):
        opened(refused().to_metadata() | change)


def test_a_field_is_missing_or_does_not_suit() -> None:
    with pytest.raises(PackError, match=r"p\.onnx has damaged metadata"):
        opened({"shortest": 3})
    with pytest.raises(PackError, match="the metadata's refused_texts does not fit the network"):
        opened(refused().to_metadata(), palette_pack())
    assert lowest_format({"refused_texts": {}}) == 2
    with pytest.raises(ValueError, match="parts must have 4 to 8 letters"):
        RefusedTexts.of([], ["abc"])
