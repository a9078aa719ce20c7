"""Packs with a kind per cell and words: metadata, arguments of calls, and the command."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

import tilewright as tw
from tilewright.compiler import fast_reference
from tilewright.generator import Pack
from tilewright.pack import METADATA_KEY, check_pack, lowest_format
from tilewright.vocabulary import likely_kinds, read_vocabulary

from .cli.command import run
from .networks import palette_pack
from .step_networks import WORDS, autoregressive_pack, conditioned_pack, masked_pack


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack(check_pack(conditioned_pack(), Path("monsters.onnx")))


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(tw.UsageError) as error:
        call()
    text = str(error.value)
    assert text.isprintable() and len(text) < 400
    return text


def vector(*words: str) -> np.ndarray:
    return np.array([word in words for word in WORDS], np.uint8)


def drawn(pack: Pack, count: int, **given: Any) -> np.ndarray:
    return np.asarray(fast_reference.run(pack.plan, count, seed=7, start=3, **given)["indices"])


def test_a_kind_per_cell(pack: Pack) -> None:
    assert pack.has_kind_map
    maps = np.random.default_rng(1).integers(0, 3, (5, 6, 6))
    for kind in (maps, maps.astype(np.uint8), maps[..., ::-1], maps[2], maps[2].astype(np.int16).T):
        batch = pack.generate(5, kind=kind, seed=7, start=3, device="cpu")
        given = np.ascontiguousarray(kind, np.uint8)
        np.testing.assert_array_equal(batch.indices, drawn(pack, 5, kind_maps=given))
        assert batch.kind_maps is not None and not batch.kind_maps.flags.writeable
        np.testing.assert_array_equal(batch.kind_maps, np.broadcast_to(kind, (5, 6, 6)))
        assert len(batch) == 5


def test_one_kind_per_tile_of_the_same_pack(pack: Pack) -> None:
    batch = pack.generate(3, kind=["water", "floor", "wall"], seed=7, start=3)
    assert batch.kind_maps is None
    assert batch.kinds == ("water", "floor", "wall")
    np.testing.assert_array_equal(batch.indices, drawn(pack, 3, kinds=np.array([2, 0, 1], np.int32)))
    filled = np.broadcast_to(np.array([2, 0, 1])[:, None, None], (3, 6, 6))
    assert (pack.generate(3, kind=filled, seed=7, start=3).indices == batch.indices).all()
    assert pack.generate(9, seed=5).kind_ids.tolist() == tw.seeds.draw_kinds(5, 0, 9, 3).tolist()


COUNTS = [
    [10, 20, 10],
    [0, 7, 0],
    [0, 3, 1],
    [5, 0, 0],
    *[[0, 0, 0]] * 4,
]  # of all pictures, red, blue, dragon ...


@pytest.fixture(scope="module")
def informed() -> Pack:
    """The same pack, which states the kinds of its words."""
    return Pack(check_pack(changed(conditioned_pack(), word_kinds=COUNTS), Path("mine.onnx")))


def test_words_choose_likely_kinds(pack: Pack, informed: Pack) -> None:
    assert set(informed.generate(20, words="red", seed=1).kinds) == {"wall"}
    assert set(informed.generate(20, words="red blue", seed=1).kinds) == {"wall"}
    blue = informed.generate(400, words="blue", seed=1).kinds
    assert set(blue) == {"wall", "water"} and 240 < blue.count("wall") < 360
    both = informed.generate(400, words="red dragon", seed=1).kinds  # no picture has both
    assert set(both) == {"wall", "floor"} and 120 < both.count("floor") < 220
    unseen = informed.generate(30, words="big", seed=1)
    assert set(unseen.kinds) == set(informed.kinds)
    assert set(informed.generate(5, kind="water", words="red").kinds) == {"water"}
    assert informed.generate(9, seed=5).kinds == pack.generate(9, seed=5).kinds
    assert len(informed.generate(0, words=[])) == 0


def test_likely_kinds_do_not_depend_on_the_call(informed: Pack) -> None:
    texts = ["red", "blue", "dragon", "blue", "big", "red dragon", "blue"]
    whole = informed.generate(7, words=texts, seed=3, start=2**64 - 3)
    for i, text in enumerate(texts):
        one = informed.generate(1, words=text, seed=3, start=(2**64 - 3 + i) % 2**64)
        assert one.kinds == whole.kinds[i : i + 1]
        np.testing.assert_array_equal(one.rgba[0], whole.rgba[i])
    parts = list(informed.stream(7, batch=3, words=texts, seed=3, start=2**64 - 3))
    assert sum((part.kinds for part in parts), ()) == whole.kinds
    endless = next(informed.stream(2**64 - 1, batch=2, words="blue", seed=3))
    assert endless.kinds == informed.generate(2, words="blue", seed=3).kinds


def test_definition_of_likely_kinds() -> None:
    """Naive Bayes in integers, as bounds of a random word."""
    rows = np.array([vector("red"), vector("blue"), vector("red", "dragon"), vector("big"), vector("blue")])
    whole = 2**32
    expected = [[0, whole, whole], [0, 3 * whole // 4, whole], [5 * whole // 12, whole, whole]]
    expected += [[whole // 3, 2 * whole // 3, whole], [0, 3 * whole // 4, whole]]
    found = likely_kinds(rows, tuple(map(tuple, COUNTS)))
    assert np.abs(found - np.array(expected)).max() <= 1  # of the rounding of weights
    np.testing.assert_array_equal(likely_kinds(rows[1], tuple(map(tuple, COUNTS))), found[1])
    assert likely_kinds(rows[:0], tuple(map(tuple, COUNTS))).shape == (0, 3)


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        COUNTS[:-1],
        [*COUNTS, [0, 0, 0]],
        [[1, 2]] * 8,
        [[-1, 0, 0]] * 8,
        [[2**31, 0, 0]] * 8,
        [[0.5, 0, 0]] * 8,
    ],
)
def test_damaged_kinds_of_words(value: object) -> None:
    with pytest.raises(tw.PackError, match=r"mine\.onnx has damaged metadata"):
        check_pack(changed(conditioned_pack(), word_kinds=value), Path("mine.onnx"))


def test_a_batch_of_maps_has_no_kind_per_tile(pack: Pack) -> None:
    batch = pack.generate(2, kind=np.zeros((6, 6), int))
    for copy in (batch, pickle.loads(pickle.dumps(batch))):
        assert copy.kind_maps.shape == (2, 6, 6)
        assert refusal(lambda batch=copy: batch.kinds) == (
            "batch.kinds: each cell has a kind of its own, in batch.kind_maps"
        )
        assert refusal(lambda batch=copy: batch.kind_ids) == (
            "batch.kind_ids: each cell has a kind of its own, in batch.kind_maps"
        )


def test_words(pack: Pack) -> None:
    assert pack.words == WORDS
    red_dragon = vector("red", "dragon")
    for text in ("red dragon", " dragon  red red", "Red DRAGON"):
        batch = pack.generate(4, words=text, seed=7, start=3)
        np.testing.assert_array_equal(batch.indices, drawn(pack, 4, words=red_dragon))
    each = pack.generate(3, words=["grün", "red dragon", "big"], seed=7, start=3)
    rows = np.stack([vector("grün"), red_dragon, vector("big")])
    np.testing.assert_array_equal(each.indices, drawn(pack, 3, words=rows))
    assert (each.indices != pack.generate(3, seed=7, start=3).indices).any()
    assert pack.generate(0, words=[]).indices.shape == (0, 6, 6)


def test_a_stream_has_the_tiles_of_one_call(pack: Pack) -> None:
    maps = np.random.default_rng(1).integers(0, 3, (7, 6, 6))
    texts = ["red", "blue", "dragon", "big", "small", "crowned", "grün"]
    for given in (
        {"kind": maps, "words": texts},
        {"kind": maps[0], "words": "red"},
        {"kind": ["wall"] * 7, "words": texts},
    ):
        whole = pack.generate(7, seed=1, **given)  # type: ignore[arg-type]
        parts = list(pack.stream(7, batch=3, seed=1, **given))  # type: ignore[arg-type]
        assert [len(part) for part in parts] == [3, 3, 1]
        np.testing.assert_array_equal(np.concatenate([p.indices for p in parts]), whole.indices)
        if whole.kind_maps is not None:
            np.testing.assert_array_equal(np.concatenate([p.kind_maps for p in parts]), whole.kind_maps)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("", "words is empty: name a word, or leave words out"),
        ("   ", "words is empty: name a word, or leave words out"),
        ("red " * 2500, "words has 10000 characters, more than 200"),
        ("red\tdragon", "words has characters that cannot be printed: 'red\\tdragon'"),
        ("red\x1b[31m", "words has characters that cannot be printed: 'red\\x1b[31m'"),
        ("red dragoon", "words: unknown word 'dragoon'; did you mean dragon?"),
        ("qqqq", "words: unknown word 'qqqq'; `tilewright words PACK` lists the known ones"),
        (["red", "drgon", "big"], "words[1]: unknown word 'drgon'; did you mean dragon?"),
        (["red", "", "big"], "words[1] is empty: name a word, or leave words out"),
        (["red", None, "big"], "words[1] must be a text, not None"),
        (["red"], "words has 1 texts for 3 tiles: give one text, or one per tile"),
        (5, 'words must be a text such as "red", or a sequence with a text per tile, not 5'),
        (b"red", "words must be a text such as \"red\", or a sequence with a text per tile, not b'red'"),
    ],
)
def test_words_that_are_refused(pack: Pack, words: Any, text: str) -> None:
    assert refusal(lambda: pack.generate(3, words=words)) == f"pack.generate(): {text}"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (
            np.zeros((6, 7), int),
            "an array of kinds of random must be (6, 6) or (3, 6, 6), a kind per cell, not (6, 7)",
        ),
        (
            np.zeros((2, 6, 6), int),
            "an array of kinds of random must be (6, 6) or (3, 6, 6), a kind per cell, not (2, 6, 6)",
        ),
        (
            np.zeros(3, int),
            "an array of kinds of random must be (6, 6) or (3, 6, 6), a kind per cell, not (3,)",
        ),
        (
            np.arange(36).reshape(6, 6) // 18 * 300,
            "kind[3, 0] is 300; the kinds of random are 0 (floor), 1 (wall), 2 (water)",
        ),
        (
            np.full((3, 6, 6), -1),
            "kind[0, 0, 0] is -1; the kinds of random are 0 (floor), 1 (wall), 2 (water)",
        ),
        (np.zeros((6, 6)), "kind has 6 names for 3 tiles: give one name, or one per tile"),
        (
            7,
            "kind must be a name, or a sequence with a name per tile, or an integer array with a kind per cell, not 7",
        ),
        ("lava", "unknown kind 'lava'; random has floor, wall, water"),
    ],
)
def test_kinds_that_are_refused(pack: Pack, kind: Any, text: str) -> None:
    assert refusal(lambda: pack.generate(3, kind=kind)) == f"pack.generate(): {text}"


@pytest.mark.parametrize("make_pack", [masked_pack, palette_pack])
def test_packs_without_conditions_refuse_them(make_pack: Callable[[], bytes]) -> None:
    plain = Pack(check_pack(make_pack(), Path("plain.onnx")))
    assert not plain.has_kind_map and plain.words == ()
    assert refusal(lambda: plain.generate(1, words="red")) == "pack.generate(): random takes no words"
    assert refusal(lambda: plain.generate(1, kind=np.zeros((8, 8), int))) == (
        "pack.generate(): random has one kind per tile, not per cell: kind must be a name, or a name per tile"
    )


# --- Metadata ---


def changed(content: bytes, **facts: Any) -> bytes:
    """Return the pack with other metadata; None removes a field."""
    model = onnx.ModelProto.FromString(content)
    values = json.loads(model.metadata_props[0].value) | facts
    model.metadata_props[0].value = json.dumps({k: v for k, v in values.items() if v is not None})
    assert model.metadata_props[0].key == METADATA_KEY
    return model.SerializeToString()


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"kind_map": None}, "mine.onnx: the metadata's kind_map does not fit the network"),
        ({"kind_map": False}, "mine.onnx: the metadata's kind_map does not fit the network"),
        ({"words": None}, "mine.onnx: the metadata's words does not fit the network"),
        ({"words": [*WORDS, "more"]}, "mine.onnx: the metadata's words does not fit the network"),
        ({"kinds": ["a", "b"]}, "mine.onnx: the metadata's kinds does not fit the network"),
        ({"texture": [[1, 2, 3]]}, "mine.onnx: the metadata's texture does not fit the network"),
        (
            {"texture": [[0, 1, 65537]]},
            "mine.onnx has damaged metadata: ValueError('not 3 shares of 65536 for each kind: [[0, 1, 65537]]')",
        ),
        # format 1 has neither field
        ({"format": 1}, "mine.onnx: the metadata's kind_map does not fit the network"),
        (
            {"format": 4},
            "mine.onnx has pack format 4; this tilewright reads the formats 1 to 3",
        ),
        (
            {"format": True},
            "mine.onnx has pack format True; this tilewright reads the formats 1 to 3",
        ),
        (
            {"kind_map": 1},
            "mine.onnx has damaged metadata: ValueError('neither true nor false: 1')",
        ),
        (
            {"words": "red"},
            """mine.onnx has damaged metadata: ValueError("not a list: 'red'")""",
        ),
    ],
)
def test_metadata_that_contradicts_the_network(facts: dict[str, Any], text: str) -> None:
    with pytest.raises(tw.PackError) as error:
        check_pack(changed(conditioned_pack(), **facts), Path("mine.onnx"))
    assert str(error.value) == text


def test_a_network_without_the_inputs_of_its_metadata() -> None:
    for facts, field in (({"kind_map": True}, "kind_map"), ({"words": ["red"]}, "words")):
        with pytest.raises(tw.PackError, match=f"the metadata's {field} does not fit the network$"):
            check_pack(changed(masked_pack(), format=2, **facts), Path("mine.onnx"))


def test_all_formats_are_read() -> None:
    tiles = [
        Pack(check_pack(changed(masked_pack(), format=version), Path("mine.onnx"))).generate(3).indices
        for version in (1, 2, 3)
    ]
    np.testing.assert_array_equal(tiles[0], tiles[1])
    np.testing.assert_array_equal(tiles[0], tiles[2])
    assert lowest_format({"sampler": None}) == 1
    assert lowest_format({"words": ["red"]}) == lowest_format({"kind_map": True}) == 2
    assert lowest_format({"upsampler": ""}) == 3


@pytest.mark.parametrize(
    "words", [[], ["red", "red"], ["Red"], [""], ["red dragon"], ["red\n"], ["a" * 201], [3], "red", None]
)
def test_vocabularies_that_are_damaged(words: Any) -> None:
    with pytest.raises(ValueError):
        read_vocabulary(words)


# --- The command ---


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, plain = tmp_path / "monsters.onnx", tmp_path / "plain.onnx"
    path.write_bytes(conditioned_pack())
    plain.write_bytes(masked_pack())
    assert run(capsys, "words", path) == (0, "".join(f"{word}\n" for word in WORDS), "")
    assert run(capsys, "words", plain)[::2] == (2, "tilewright: words: random takes no words\n")
    path.write_bytes(changed(conditioned_pack(), word_kinds=COUNTS))
    said = run(capsys, "words", path)[1].splitlines()
    assert said[:4] == ["red      wall", "blue     wall, water", "dragon   floor", "big"]
    _, shown, _ = run(capsys, "inspect", path)
    assert "kinds: floor, wall, water\n" in shown
    options = "order, refine, begin, temperature\n"
    words = "7 words (`tilewright words`)"
    assert f"takes: a kind per cell (6x6), {words}, inpaint(), variations(), {options}" in shown
    assert f"takes: inpaint(), variations(), {options}" in run(capsys, "inspect", plain)[1]
    path.write_bytes(conditioned_pack(cell=2))
    cells = f"takes: a kind per cell (3x3), {words}, inpaint(), variations(), paint(), {options}"
    assert cells in run(capsys, "inspect", path)[1]
    plain.write_bytes(autoregressive_pack())
    assert "takes: inpaint(), variations(), temperature\n" in run(capsys, "inspect", plain)[1]
    path.write_bytes(conditioned_pack())
    sheets = []
    for number, words in enumerate(((), ("--words", "red"), ("--words", "RED"))):
        sheet = tmp_path / f"{number}.png"
        assert run(capsys, "generate", path, "-n", 4, *words, "-o", sheet)[0] == 0
        sheets.append(sheet.read_bytes())
    assert sheets[0] != sheets[1] == sheets[2]
    code, _, said = run(capsys, "generate", path, "--words", "dragn", "-o", tmp_path / "no.png")
    assert code == 2 and "unknown word 'dragn'; did you mean dragon?" in said
