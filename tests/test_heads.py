"""Heads: the meaning of a network's outputs."""

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from PIL import Image

import tilewright as tw
from tilewright.compiler import fast_reference
from tilewright.generator import Pack
from tilewright.pack import METADATA_KEY, check_pack

from .cli.command import run
from .networks import dcgan_pack, palette_pack
from .step_networks import ALPHABET, frames_pack, tokens_pack


def changed(content: bytes, **fields: Any) -> bytes:
    """A pack with other fields of its metadata."""
    model = onnx.ModelProto.FromString(content)
    (entry,) = (e for e in model.metadata_props if e.key == METADATA_KEY)
    entry.value = json.dumps({**json.loads(entry.value), **fields})
    return model.SerializeToString()


def opened(content: bytes) -> Pack:
    return Pack(check_pack(content, Path("p.onnx")))


def text_of_refusal(content: bytes) -> str:
    with pytest.raises(tw.PackError) as error:
        check_pack(content, Path("p.onnx"))
    return str(error.value)


# --- The declaration ---


def test_a_pack_without_a_head_holds_pixels() -> None:
    contents = changed(palette_pack(), head="pixels"), palette_pack()
    named, plain = (check_pack(content, Path("p.onnx")) for content in contents)
    assert type(named.head) is type(plain.head)
    assert str(named.head) == str(plain.head) == "16x16, palette of 7 colours"
    assert plain.head.palette is not None and not plain.head.palette.flags.writeable


@pytest.mark.parametrize("head", ["voxels", "", 3])
def test_a_head_that_this_version_lacks(head: object) -> None:
    text = f"p.onnx: the head must be pixels or frames or tokens, not {head!r}"
    assert text_of_refusal(changed(palette_pack(), head=head)) == text


@pytest.mark.parametrize("head", [None, [], {}])
def test_a_head_that_is_no_name(head: object) -> None:
    text_of_refusal(changed(palette_pack(), head=head))


# --- Frames ---


def test_frames_are_cut_from_sheets() -> None:
    pack = opened(frames_pack())
    assert (pack.shape, pack.palette_size, str(pack.file.head)) == (
        (12, 12),
        5,
        "6 frames of 4x6, in 12x12, palette of 5 colours",
    )
    batch = pack.generate(7, seed=3)
    assert isinstance(batch, tw.FrameBatch)
    assert batch.indices is not None and batch.frames is not None
    np.testing.assert_array_equal(batch.indices, fast_reference.run(pack.plan, 7, seed=3)["indices"])
    assert (batch.frames.shape, batch.frames_rgba.shape) == ((7, 6, 6, 4), (7, 6, 6, 4, 4))
    for number in range(6):
        y, x = 6 * (number // 3), 4 * (number % 3)
        np.testing.assert_array_equal(batch.frames[:, number], batch.indices[:, y : y + 6, x : x + 4])
        np.testing.assert_array_equal(batch.frames_rgba[:, number], batch.rgba[:, y : y + 6, x : x + 4])
    assert not batch.frames.flags.writeable and not batch.frames_rgba.flags.writeable
    assert opened(frames_pack()).generate(0).rgba.shape == (0, 12, 12, 4)


def test_frames_of_one_size_in_different_sheets() -> None:
    """Sheets that are not square, and one frame alone."""
    for frame, sheet in (((5, 3), (1, 4)), ((4, 8), (3, 1)), ((4, 4), (1, 1))):
        batch = opened(frames_pack(frame, sheet)).generate(2, seed=1)
        assert isinstance(batch, tw.FrameBatch) and batch.frames is not None
        assert batch.frames.shape == (2, sheet[0] * sheet[1], *frame)


def test_frames_of_a_pack_that_makes_rgba() -> None:
    content = changed(dcgan_pack(), head="frames", frame_size=[8, 4], sheet=[2, 4])
    batch = opened(content).generate(2)
    assert isinstance(batch, tw.FrameBatch)
    assert batch.frames is None
    assert batch.frames_rgba.shape == (2, 8, 8, 4, 4)


def test_a_batch_of_frames_pickles_and_streams() -> None:
    pack = opened(frames_pack())
    again = pickle.loads(pickle.dumps(pack.generate(3, seed=3)))
    assert isinstance(again, tw.FrameBatch) and again.frames is not None
    streamed = [batch.frames for batch in pack.stream(3, batch=2, seed=3) if isinstance(batch, tw.FrameBatch)]
    np.testing.assert_array_equal(np.concatenate(streamed), again.frames)
    repainted = pack.generate(1, seed=3, palette="game-boy")
    assert len(np.unique(repainted.rgba[..., :3].reshape(-1, 3), axis=0)) <= 4


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"frame_size": [6, 5]}, "p.onnx: the metadata's frame_size does not fit the network"),
        ({"sheet": [2, 2]}, "p.onnx: the metadata's frame_size does not fit the network"),
        ({"palette_size": 4}, "p.onnx: the metadata's palette does not fit the network"),
        ({"sheet": [-2, -3]}, "not two numbers of at least 1: [-2, -3]"),
        ({"sheet": [2, 3, 1]}, "p.onnx has damaged metadata"),
        ({"frame_size": None}, "p.onnx has damaged metadata"),
    ],
)
def test_a_sheet_that_does_not_fit_its_network(fields: dict[str, Any], text: str) -> None:
    assert text in text_of_refusal(changed(frames_pack(), **fields))


def test_frames_are_no_tiles(tmp_path: Path) -> None:
    pack = opened(frames_pack())
    with pytest.raises(tw.UsageError) as error:
        pack.tile_size  # noqa: B018
    assert str(error.value) == ("pack.tile_size: random generates sheets of frames; pack.shape is their size")
    with pytest.raises(
        tw.UsageError, match="random generates sheets of frames; a level takes square pictures"
    ):
        tw.tile_level(tw.make_level(12, 12), pack)


# --- Tokens ---


@pytest.mark.parametrize("upright", [False, True])
def test_tokens_become_texts(upright: bool) -> None:
    pack = opened(tokens_pack(upright=upright))
    assert pack.shape == ((9, 1) if upright else (1, 9))
    assert str(pack.file.head) == "9 tokens of 17"
    batch = pack.generate(50, seed=3)
    assert isinstance(batch, tw.TokenBatch)
    expected = fast_reference.run(pack.plan, 50, seed=3)["indices"].reshape(50, 9)
    assert batch.texts == tuple("".join(ALPHABET[i] for i in row) for row in expected)
    assert len(set(batch.texts)) > 25 and min(map(len, batch.texts)) < 9
    assert set(batch.kinds) == {"floor", "wall"}


def test_symbols_may_have_several_letters() -> None:
    batch = opened(tokens_pack(4, ("do-", "re-", "mi-"))).generate(8)
    assert isinstance(batch, tw.TokenBatch)
    assert all(len(text) == 12 and text.count("-") == 4 for text in batch.texts)


def test_a_batch_of_tokens_pickles() -> None:
    batch = opened(tokens_pack()).generate(3, seed=3, kind="wall")
    again = pickle.loads(pickle.dumps(batch))
    assert isinstance(again, tw.TokenBatch) and isinstance(batch, tw.TokenBatch)
    assert (again.texts, again.kinds) == (batch.texts, ("wall",) * 3)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"length": 8}, "p.onnx: the metadata's length does not fit the network"),
        ({"alphabet": ALPHABET[1:]}, "p.onnx: the metadata's alphabet does not fit the network"),
        ({"alphabet": []}, "the alphabet must have 1 to 256 symbols"),
        ({"alphabet": ["a"] * 257}, "the alphabet must have 1 to 256 symbols"),
        ({"alphabet": ["\x1b[2J", *ALPHABET[1:]]}, "p.onnx has damaged metadata"),
        ({"alphabet": "abc"}, "p.onnx has damaged metadata"),
        ({"head": "pixels"}, "p.onnx: the metadata's tile_size does not fit the network"),
    ],
)
def test_an_alphabet_that_does_not_fit_its_network(fields: dict[str, Any], text: str) -> None:
    assert text in text_of_refusal(changed(tokens_pack(), **fields))


def test_a_pack_of_pictures_holds_no_tokens() -> None:
    for content in (palette_pack(), dcgan_pack()):
        text = text_of_refusal(changed(content, head="tokens", length=16, alphabet=ALPHABET))
        assert text == "p.onnx: the metadata's length does not fit the network"


def test_tokens_have_no_colours() -> None:
    pack = opened(tokens_pack())
    texts = {
        "pack.generate(): random generates tokens, which take no palette": lambda: pack.generate(
            1, palette="pico-8"
        ),
        "batch.rgba: the pack generates tokens, which have no colours": lambda: pack.generate(1).rgba,
        "pack.tile_size: random generates tokens; pack.shape is their size": lambda: pack.tile_size,
    }
    for text, call in texts.items():
        with pytest.raises(tw.UsageError) as error:
            call()
        assert str(error.value) == text
    with pytest.raises(tw.UsageError):
        tw.generate_tiles(1, pack=pack)
    assert repr(pack) == "<Pack random: 1x9, floor, wall>"


# --- The command ---


def test_the_command_writes_sheets_of_frames(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pack, sheet = tmp_path / "frames.onnx", tmp_path / "sheet.png"
    pack.write_bytes(frames_pack((6, 4), (1, 3)))
    code, out, _ = run(capsys, "generate", pack, "-n", 4, "--columns", 2, "-o", sheet)
    assert (code, out) == (0, f"4 tiles of random, seed 0: {sheet}\n")
    with Image.open(sheet) as picture:
        assert picture.size == (2 * 12, 2 * 6)


def test_the_command_prints_texts(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pack, file = tmp_path / "names.onnx", tmp_path / "names.txt"
    pack.write_bytes(tokens_pack())
    expected = opened(tokens_pack()).generate(3, seed=5)
    assert isinstance(expected, tw.TokenBatch)
    lines = "".join(f"{text}\n" for text in expected.texts)
    assert run(capsys, "generate", pack, "-n", 3, "--seed", 5)[:2] == (0, lines)
    assert run(capsys, "generate", pack, "-n", 3, "--seed", 5, "-o", file)[:2] == (0, "")
    assert file.read_text(encoding="utf-8") == lines
    code, _, err = run(capsys, "generate", pack, "--hardware", "game-boy")
    assert (code, err) == (2, "tilewright: generate: random generates tokens, which take no --hardware\n")
    assert "9 tokens of 17" in run(capsys, "inspect", pack)[1]


def test_rows_of_tokens_must_fit() -> None:
    """A grid of tokens states its rows, which need format 2."""
    grid = changed(
        frames_pack((3, 8), (1, 1)),
        head="tokens",
        alphabet=["", "a", "b", "c", "d"],
        length=8,
        rows=3,
        format=2,
    )
    pack = opened(grid)
    assert pack.shape == (3, 8) and str(pack.file.head) == "3 rows of 8 tokens of 5"
    (text,) = pack.generate(1, seed=1).text  # type: ignore[attr-defined]
    assert [len(line.split(" ")) for line in text.splitlines()] == [8, 8, 8]
    for fields in ({"format": 1}, {"rows": 1}, {"rows": 8}, {"rows": 0}):
        assert (
            text_of_refusal(changed(grid, **fields))
            == "p.onnx: the metadata's length does not fit the network"
        )
