"""Packs that must not generate the texts they were trained on."""

import base64
import json
from pathlib import Path

import numpy as np
import onnx
import pytest

import tilewright as tw
from tilewright.compiler import fast_reference
from tilewright.errors import PackError
from tilewright.generator import Pack
from tilewright.pack import METADATA_KEY, check_pack
from tilewright.runner import REDRAWS, STEP
from tilewright.training_texts import TrainingTexts

from .networks import palette_pack
from .step_networks import tokens_pack

LIST = ["Ada", "Oxford", "St Ives", "Zoë"]


def known(kinds: tuple[int, ...] = (0, 1, 1, 0)) -> TrainingTexts:
    return TrainingTexts.of(LIST, kinds, 2)


def with_texts(value: object, content: bytes = b"", format_version: int = 2) -> bytes:
    model = onnx.ModelProto.FromString(content or tokens_pack())
    (entry,) = (e for e in model.metadata_props if e.key == METADATA_KEY)
    fields = {"format": format_version, "training_texts": value}
    entry.value = json.dumps({**json.loads(entry.value), **fields})
    return model.SerializeToString()


def opened(content: bytes) -> Pack:
    return Pack(check_pack(content, Path("p.onnx")))


def test_equal_texts_of_any_kind_and_case() -> None:
    texts = ["ada", "OXFORD", "zoë", "Ad", "Adaa", "", "St  Ives"]
    assert known().equal(texts).tolist() == [True, True, True, False, False, False, False]


def test_near_texts_of_one_kind() -> None:
    """A letter more, less or other, anywhere, is near; two are not, nor is a text of another kind."""
    near = [
        "Oxfor",
        "xford",
        "Oxforde",
        "Moxford",
        "Oxfford",
        "Oxfird",
        "Axford",
        "Oxfore",
        "StIves",
        "St-Ives",
    ]
    far = ["Oxfo", "Oxenford", "Oxofrd", "Ada", "Adda", "Cambridge", ""]
    texts = [*near, *far]
    assert known().near(texts, np.ones(len(texts), np.int32)).tolist() == [True] * len(near) + [False] * len(
        far
    )


def test_agrees_with_the_definition() -> None:
    """Random texts: near exactly if the edit distance is at most 1.."""
    rng = np.random.default_rng(1)

    def draw(count: int) -> list[str]:
        return ["".join(rng.choice(list("abc"), rng.integers(0, 6))) for _ in range(count)]

    listed, texts = draw(40), draw(200)
    expected = [any(distance(text, other) <= 1 for other in listed) for text in texts]
    found = TrainingTexts.of(listed, [0] * 40, 1).near(texts, np.zeros(200, np.int32))
    assert found.tolist() == expected and 20 < sum(expected) < 200


def distance(a: str, b: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def test_no_texts() -> None:
    none = TrainingTexts.of([], [], 1)
    assert none.equal(["a"]).tolist() == none.near(["a"], np.zeros(1, np.int32)).tolist() == [False]
    assert known().near([], np.zeros(0, np.int32)).shape == (0,)


def test_a_pack_draws_again() -> None:
    """Half of what a pack would generate is made its training list. None is generated; the others stay the same."""
    plain = opened(tokens_pack())
    before = plain.generate(60, kind=plain.kinds[0], seed=5)
    listed = sorted(set(before.texts))[::2]  # type: ignore[attr-defined]
    texts = TrainingTexts.of(listed, [0] * len(listed), 2)
    pack = opened(with_texts(texts.to_metadata()))
    batch = pack.generate(60, kind=plain.kinds[0], seed=5)
    assert isinstance(batch, tw.TokenBatch)
    assert not set(batch.texts) & set(listed)
    near = texts.near(before.texts, np.zeros(60, np.int32))  # type: ignore[attr-defined]
    same = [a == b for a, b in zip(batch.texts, before.texts, strict=True)]  # type: ignore[attr-defined]
    assert same == (~near).tolist()
    assert set(batch.kind_ids.tolist()) == {0}
    assert pack.generate(0).indices.shape == (0, 1, 9)  # type: ignore[union-attr]


def test_a_text_does_not_depend_on_the_call() -> None:
    """Single calls, streams, threads and other kinds around it do not change a text; nor do numbers that wrap."""
    plain = opened(tokens_pack())
    listed = sorted(set(plain.generate(40, seed=2).texts))[::3]  # type: ignore[attr-defined]
    pack = opened(with_texts(TrainingTexts.of(listed, [0] * len(listed), 2).to_metadata()))
    start = 2**64 - 20
    whole = pack.generate(40, seed=2, start=start, threads=2).indices
    parts = [b.indices for b in pack.stream(40, batch=7, seed=2, start=start)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    for i in (0, 19, 20, 39):
        one = pack.generate(1, seed=2, start=(start + i) % 2**64).indices
        np.testing.assert_array_equal(one[0], whole[i])  # type: ignore[index]


def test_definition_of_a_draw() -> None:
    """Draw r of text i is that of seed + r * STEP. After the last one, the first that equals no training text stays."""
    pack = opened(tokens_pack())
    draws = []
    for r in range(REDRAWS + 1):
        indices = fast_reference.run(pack.plan, 1, seed=(9 + r * STEP) % 2**64, kinds=np.zeros(1, np.int32))[
            "indices"
        ]
        draws.append(
            tw.TokenBatch(indices, np.zeros(1, np.int32), pack.kinds, pack.file.head.alphabet).texts[0]
        )  # type: ignore[union-attr]
    assert len(set(draws)) == REDRAWS + 1
    listed = [*draws[:3], *(f"{text}x" for text in draws[3:])]  # the first three are equal, the others near
    texts = TrainingTexts.of(listed, [0] * len(listed), 2)
    blocked = opened(with_texts(texts.to_metadata()))
    assert blocked.generate(1, kind=pack.kinds[0], seed=9).texts == (draws[3],)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"hashes": 3},
        {"hashes": "%%%%"},
        {"hashes": base64.b64encode(b"abc").decode()},
        {"hashes": base64.b64encode(b"\2\0\0\0\1\0\0\0").decode()},
        {"hashes": base64.b64encode(b"\1\0\0\0\1\0\0\0").decode()},
        {"hashes": "A" * (6 << 18) + "AAAA"},
    ],
)
def test_damaged_hashes(value: object) -> None:
    with pytest.raises(PackError, match=r"p\.onnx has damaged metadata"):
        opened(with_texts(value))


def test_packs_of_pictures_have_none() -> None:
    with pytest.raises(PackError, match="the metadata's training_texts does not fit the network"):
        opened(with_texts(known().to_metadata(), palette_pack()))


def test_format_1_has_none() -> None:
    assert opened(with_texts(known().to_metadata(), format_version=1)).file.training_texts is None
