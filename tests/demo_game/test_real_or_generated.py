"""Real or generated? Pairs can be checked from the file of answers, and useless folders are told."""

import hashlib
import json

import numpy as np
import pytest
from PIL import Image

import tilewright as tw
from tilewright_demo import main
from tilewright_demo.kept import read_kept
from tilewright_demo.real_art import VERSION, RealOrGenerated
from tilewright_demo.screens.guess import Guess
from tilewright_demo.screens.title import Title

from .test_beginning import STILL, pixels


def sprite(rng):
    picture = np.zeros((16, 16, 4), np.uint8)
    picture[3:13, 3:13] = (0, 0, 0, 255)
    picture[3:13, 3:13, :3] = rng.integers(0, 256, (10, 10, 3))
    return picture


@pytest.fixture(scope="module")
def pack():
    return tw.load("dawn-sprites")


@pytest.fixture
def art(tmp_path):
    """A folder with a sheet of beasts, one of which is empty, a picture of another size, and a file that is none."""
    rng = np.random.default_rng(1)
    cells = [sprite(rng), np.zeros((16, 16, 4), np.uint8), sprite(rng)]
    (tmp_path / "art" / "beast").mkdir(parents=True)
    Image.fromarray(np.concatenate(cells, axis=1)).save(tmp_path / "art" / "beast" / "a.png")
    Image.fromarray(sprite(rng)[:9]).save(tmp_path / "art" / "small.png")
    (tmp_path / "art" / "notes.png").write_text("no picture")
    return tmp_path / "art"


def test_pairs_are_of_one_size_and_palette_and_repeat(pack, art):
    palette = {tuple(colour) for colour in pack.generate(1).palettes[0].tolist()}
    one, two = RealOrGenerated(pack, art, 7), RealOrGenerated(pack, art, 7)
    sides, cells = set(), set()
    for _ in range(20):
        pair, again = one.pair(), two.pair()
        assert pair.real.shape == pair.generated.shape == (16, 16, 4)
        for picture in (pair.real, pair.generated):
            assert {tuple(colour) for colour in picture.reshape(-1, 4).tolist()} <= palette | {(0, 0, 0, 0)}
        np.testing.assert_array_equal(pair.real, again.real)
        np.testing.assert_array_equal(pair.generated, again.generated)
        assert (pair.file, pair.kind) == ("beast/a.png", "beast")
        sides.add(pair.real_is_left)
        cells.add(pair.cell)
        for test in (one, two):
            test.answer(pair, True, 100)
    assert sides == {False, True} and cells == {(0, 0), (0, 2)}


def test_every_answer_can_be_checked_from_the_file(pack, art, shared):
    screen = Guess(shared, RealOrGenerated(pack, art, 7))
    picked = []
    for number in range(6):
        pair = screen.pair
        pixels(screen)
        screen.press("left" if number % 2 else "right")
        pixels(screen)
        assert screen.pair is pair, "the solution is shown"
        picked.append((pair, pair.real_is_left == bool(number % 2)))
        for _ in range(80):
            screen.step([], STILL)
    content = json.loads(screen.path.read_bytes())
    assert content["pack_sha256"] == pack.sha256 and content["seed"] == 7
    for (pair, right), answer in zip(picked, content["answers"], strict=True):
        made = pack.generate(1, kind=answer["kind"], seed=content["seed"], start=answer["number"]).rgba[0]
        np.testing.assert_array_equal(made, pair.generated)
        assert hashlib.sha256((art / answer["file"]).read_bytes()).hexdigest() == answer["file_sha256"]
        assert answer["right"] == right == (answer["real"] == answer["picked"])
    assert content["wrong"] == sum(not right for _, right in picked)
    assert content["error_percent"] == round(100 * content["wrong"] / 6, 2)
    assert read_kept(screen.path, "real-or-generated", VERSION, dict)[1] == ""
    screen.press("escape")
    assert screen.next is None


@pytest.mark.parametrize("name", ["none", "file", "empty", "small"])
def test_folders_without_usable_art_are_told(name, pack, tmp_path, shared):
    folder = tmp_path / name
    if name == "file":
        folder.write_text("")
    elif name != "none":
        folder.mkdir()
    if name == "small":
        Image.new("RGBA", (9, 9), "red").save(folder / "a.png")
    with pytest.raises(
        tw.DataError, match=r"real art|holds no picture to show: dawn-sprites needs"
    ) as caught:
        RealOrGenerated(pack, folder, 7).pair()
    assert str(caught.value).startswith(str(folder)) and "\n" not in str(caught.value)


def test_the_title_offers_the_test(shared, art, monkeypatch, pack):
    title = Title(shared)
    title.step(["guess"], STILL)
    assert title.next is title and "--real FOLDER" in shared.notes[0]
    shared.real = art / "none"
    title.step(["guess"], STILL)
    assert title.next is title and "is not a folder" in shared.notes[0]


def test_the_command_needs_a_display(monkeypatch, capsys, art):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    assert main(["--real", str(art)]) == 2
    assert capsys.readouterr().err == "tilewright play: --real needs a display: a person answers\n"
