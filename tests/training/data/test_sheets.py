"""Animation sheets as art: reading, mirroring, masks, training."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from tilewright.batches import FrameBatch
from tilewright.errors import DataError
from tilewright.frame_sheets import FrameSheet
from tilewright.generator import load
from tilewright_training.config import preset
from tilewright_training.data.batches import Batches
from tilewright_training.data.dataset import Dataset
from tilewright_training.data.sheets import as_columns, describe, read_sheets, usual_column_dilations
from tilewright_training.export import critic, critic_network
from tilewright_training.export.export import export_run
from tilewright_training.families.diffusion import MaskedDiffusion
from tilewright_training.run import train
from tilewright_training.run.run_parts import check_data

HEAD = """
frame = [4, 4]
frames = 2
directions = ["down", "left", "right"]
mirrored = [["left", "right"]]
"""
ACROSS = HEAD + '[[sheets]]\nfiles = "*.png"\nskip = "*face*"\nacross = ["down", "right", "left"]\n'
DOWN = (
    HEAD
    + '[[sheets]]\nfiles = "*.png"\ndown = ["right", "down", "left"]\norder = [2, 1]\nat = [[0, 0], [3, 0]]\n'
)
GRID = (3 * 4, 2 * 4)


def write(folder: Path, recipe: str, sheet: np.ndarray, name: str = "hero.png") -> Path:
    folder.mkdir(exist_ok=True)
    Image.fromarray(sheet).save(folder / name)
    path = folder / "recipe.toml"
    path.write_text(recipe)
    return path


def frames(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    """A sheet of different frames, opaque but for the first row of pixels of each."""
    sheet = np.random.default_rng(seed).integers(1, 255, (rows, 4, columns, 4, 4), np.uint8)
    sheet[..., 3] = 255
    sheet[:, 0] = 0
    return sheet.reshape(rows * 4, columns * 4, 4)


def frame(picture: np.ndarray, row: int, column: int) -> np.ndarray:
    return picture[row * 4 : row * 4 + 4, column * 4 : column * 4 + 4]


def test_directions_side_by_side_become_rows(tmp_path: Path) -> None:
    sheet = frames(2, 3)
    data = read_sheets(tmp_path, write(tmp_path, ACROSS, sheet))
    assert data.kinds == ("down-1", "down-2", "left-1", "left-2", "right-1", "right-2") and data.cell == 4
    assert np.array_equal(data.kind_maps[0], [[0, 1], [2, 3], [4, 5]])
    first = data.images[0]
    assert first.shape == (*GRID, 4)
    for row, column in enumerate((0, 2, 1)):  # down, left, right
        for number in range(2):
            assert np.array_equal(frame(first, row, number), frame(sheet, number, column))


def test_mirrored_characters_exchange_left_and_right_and_feet_are_exchanged(tmp_path: Path) -> None:
    data = read_sheets(tmp_path, write(tmp_path, ACROSS, frames(2, 3)))
    plain, mirrored, rolled, both = data.images
    for number in range(2):
        assert np.array_equal(frame(mirrored, 0, number), frame(plain, 0, number)[:, ::-1])
        assert np.array_equal(frame(mirrored, 1, number), frame(plain, 2, number)[:, ::-1])
        assert np.array_equal(frame(rolled, 1, number), frame(plain, 1, 1 - number))
        assert np.array_equal(frame(both, 1, number), frame(mirrored, 1, 1 - number))
    assert len(set(data.groups.tolist())) == 1
    assert describe(data).startswith("4 sheets of 1 drawings: down-1")


def test_a_copy_of_a_copy_counts_as_one_of_the_first(tmp_path: Path) -> None:
    """Right-2 mirrors left-1 in two sheets of six, but repeats right-1 in four, which mirrors left-1 in three."""
    for seed, name in enumerate("abcdef"):
        sheet = frames(2, 3, seed)
        grid = sheet.reshape(2, 4, 3, 4, 4)  # down, right, left
        if name in "bcde":
            grid[1, :, 1:] = grid[0, :, 1:]
        if name in "abc":
            grid[:, :, 1] = grid[:, :, 2, ::-1]
        write(tmp_path, ACROSS, sheet, f"{name}.png")
    data = read_sheets(tmp_path, tmp_path / "recipe.toml")
    assert data.sheet == FrameSheet(3, 2, ((3, 2, False), (4, 2, True), (5, 2, True)))


def test_frames_need_not_be_square_and_an_opaque_ground_is_transparent(tmp_path: Path) -> None:
    sheet = frames(2, 3)
    sheet[sheet[..., 3] == 0] = (0, 128, 128, 255)
    sheet[[0, -1]] = sheet[:, [0, -1]] = (0, 128, 128, 255)
    recipe = ACROSS.replace("[4, 4]", "[4, 8]").replace("frames = 2", "frames = 1")
    data = as_columns(read_sheets(tmp_path, write(tmp_path, recipe, sheet)))
    assert data.frame == (8, 4) and data.cell == 4 and data.images.shape[1:] == (3 * 8, 4, 4)
    assert data.kind_maps[0].tolist() == [[0], [0], [1], [1], [2], [2]]
    assert (data.images[0, 0] == 0).all() and not (data.images[..., :3] == (0, 128, 128)).all(axis=-1).any()


def test_columns_hold_the_frames_that_are_no_copies(tmp_path: Path) -> None:
    for seed in range(3):
        sheet = frames(2, 3, seed)
        sheet[4:, :4] = sheet[:4, :4]  # down-2 repeats down-1
        write(tmp_path, ACROSS, sheet, f"{seed}.png")
    sheets = read_sheets(tmp_path, tmp_path / "recipe.toml")
    data = as_columns(sheets)
    assert data.sheet == FrameSheet(3, 2, ((1, 0, False),), column=True) and data.frame == sheets.frame == (
        4,
        4,
    )
    assert data.images.shape == (len(sheets.images), 5 * 4, 4, 4)
    assert data.kind_maps[0].tolist() == [[0], [2], [3], [4], [5]] and data.digest != sheets.digest
    for place, (row, column) in enumerate(((0, 0), (1, 0), (1, 1), (2, 0), (2, 1))):
        assert np.array_equal(data.images[5][place * 4 : place * 4 + 4], frame(sheets.images[5], row, column))
    assert set(usual_column_dilations(data)) == {
        1,
        2,
        4,
        8,
    }  # the frame above is 4 away; a direction has one


def test_columns_of_large_frames_reach_the_same_step_of_the_direction_before() -> None:
    third = tuple(
        (4 * row + 2, 4 * row, False) for row in range(4)
    )  # three frames of each direction are drawn
    column = Dataset(
        images=np.zeros((1, 12 * 32, 24, 4), np.uint8),
        labels=np.zeros(1, np.int64),
        kinds=("any",),
        sources=(),
        digest="",
        groups=np.zeros(1, np.int64),
        sheet=FrameSheet(4, 4, third, column=True),
    )
    assert {32, 3 * 32} <= set(usual_column_dilations(column))


def test_frames_that_most_characters_repeat_are_copies(tmp_path: Path) -> None:
    names = "abcdef"
    for seed, name in enumerate(names):
        sheet = frames(2, 3, seed)
        grid = sheet.reshape(2, 4, 3, 4, 4)  # down, right, left
        if name in "abcd":
            grid[:, :, 2] = grid[:, :, 1, ::-1]  # left mirrors right
        if name in "abce":
            grid[1, :, 0] = grid[0, :, 0]  # down-2 repeats down-1
        if name in "ab":
            grid[1, :, 1] = grid[0, :, 1]  # right-2 repeats right-1: of too few characters
        write(tmp_path, ACROSS, sheet, f"{name}.png")
    data = read_sheets(tmp_path, tmp_path / "recipe.toml")
    assert data.sheet == FrameSheet(3, 2, ((1, 0, False), (4, 2, True), (5, 3, True)))


def test_a_picture_holds_several_characters_in_rows(tmp_path: Path) -> None:
    sheet = frames(3, 6)
    data = read_sheets(tmp_path, write(tmp_path, DOWN, sheet))
    assert len(data.images) == 2 * 4
    for character in range(2):
        for row, line in enumerate((1, 2, 0)):
            for number, place in enumerate((2, 1)):
                ours = frame(data.images[character], row, number)
                assert np.array_equal(ours, frame(sheet, line, 3 * character + place))


def test_frames_may_be_in_several_pictures(tmp_path: Path) -> None:
    head = 'frame = 4\nframes = 2\ndirections = ["idle"]\n[[sheets]]\nfiles = "*"\ndown = ["idle"]\n'
    recipe = head + 'ends = ["_0.png", "_1.png"]\n'
    sheet = frames(1, 2)
    write(tmp_path, recipe, sheet[:, 4:], "orc_1.png")
    write(tmp_path, recipe, frames(1, 1, 5), "other.png")
    path = write(tmp_path, recipe, sheet[:, :4], "orc_0.png")
    data = read_sheets(tmp_path, path)
    assert data.kinds == ("idle-1", "idle-2") and len(data.images) == 4
    assert np.array_equal(data.images[0], sheet)
    write(tmp_path, recipe, frames(2, 1), "orc_1.png")
    with pytest.raises(
        DataError, match=r"orc_0\.png and the pictures of its other frames have different sizes"
    ):
        read_sheets(tmp_path, path)
    (tmp_path / "orc_1.png").unlink()
    with pytest.raises(DataError, match=r"orc_1\.png beside orc_0\.png: a broken link, or a file that"):
        read_sheets(tmp_path, path)


def test_silhouettes_decide_who_is_related(tmp_path: Path) -> None:
    sheet, recoloured = frames(2, 3), frames(2, 3, 1)  # the same opaque pixels
    other = frames(2, 3, 2)
    other[:, ::2] = 0
    for name, one in (("a", sheet), ("b", recoloured), ("c", other)):
        recipe = write(tmp_path, ACROSS, one, f"{name}.png")
    write(tmp_path, ACROSS, sheet, "face.png")
    data = read_sheets(tmp_path, recipe)
    assert data.groups[:3].tolist() == [0, 0, 1] and len(data.images) == 3 * 4


def test_a_character_that_mirrors_another_one_is_related(tmp_path: Path) -> None:
    sheet = frames(2, 3)
    grid = sheet.reshape(2, 4, 3, 4, 4)  # down, right, left
    grid[:, :, :, :2] = 0
    mirrored = grid[:, :, [0, 2, 1], ::-1].reshape(sheet.shape)
    for name, one in (("a", sheet), ("b", mirrored), ("c", frames(2, 3, 1))):
        recipe = write(tmp_path, ACROSS, one, f"{name}.png")
    data = read_sheets(tmp_path, recipe)
    assert np.array_equal(data.images[1], data.images[3])
    assert data.groups.tolist() == [0, 0, 1] * 4


def test_characters_whose_columns_are_equal_are_related(tmp_path: Path) -> None:
    """Their only different frame is one that a column omits."""
    one = frames(2, 3)
    one[:, 2:4] = 0
    other = one.copy()
    for name, sheet in (("a", one), ("b", frames(2, 3, 1)), ("c", frames(2, 3, 2)), ("other", other)):
        sheet[4:, :4] = 0 if name == "other" else sheet[:4, :4]  # down-2 repeats down-1
        write(tmp_path, ACROSS, sheet, f"{name}.png")
    sheets = read_sheets(tmp_path, tmp_path / "recipe.toml")
    assert sheets.sheet.copies == ((1, 0, False),)
    columns = as_columns(sheets)
    assert not np.array_equal(sheets.images[0], sheets.images[3])
    assert np.array_equal(columns.images[0], columns.images[3])
    assert columns.groups.tolist() == sheets.groups.tolist() == [0, 1, 1, 0] * 4


def test_a_critic_needs_drawings_not_pictures_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(critic, "FEWEST", 8)
    monkeypatch.setattr(critic, "FEWEST_DRAWINGS", 2)
    recipe = write(tmp_path, ACROSS, frames(2, 3), "a.png")
    write(tmp_path, ACROSS, frames(2, 3, 1), "recoloured.png")
    one = read_sheets(tmp_path, recipe)
    other = frames(2, 3, 2)
    other[:, ::2] = 0
    two = read_sheets(tmp_path, write(tmp_path, ACROSS, other, "b.png"))
    assert len(one.images) == 8 and not critic.suffices(one) and not critic.suffices(as_columns(one))
    assert critic.suffices(two) and critic.suffices(as_columns(two))
    pictures = replace(one, sheet=FrameSheet(1, 1))
    assert critic.suffices(pictures) and not critic.suffices(replace(pictures, labels=one.labels[1:]))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (("frames = 2", "frames = 0"), "frames must be 1 to 4096, not 0"),
        (("frames = 2", "frames = 17"), "frames must be 1 to 16, not 17"),
        (("[4, 4]", "[3, 3]"), "frame must be [width, height], 4 to 64 pixels each"),
        (('"left", "right"]]', '"left", "up"]]'), "mirrored must be pairs of directions"),
        (('["down", "right", "left"]', '["down", "right", "up"]'), "across must name each of down, left, right once"),
        (('["down", "right", "left"]', '["down", "down", "left"]'), "across names a direction twice"),
        (("across", "sideways"), "has an unknown key 'sideways'"),
        (('across = ["down", "right", "left"]', ""), "needs either across or down"),
        (('files = "*.png"', "files = 3"), "files must be a glob or a list of globs, not 3"),
        (('files = "*.png"', 'files = "*.gif"'), "no picture in"),
        (('skip = "*face*"', "order = [0]"), "order must be 2 numbers of frames, counted from 0, not [0]"),
        (('skip = "*face*"', 'ends = ["_0.png"]'), "ends must be 2 to 16 ends of names such as"),
        (('skip = "*face*"', 'ends = ["a.png", "."]'), "ends must be 2 to 16 ends of names such as"),
        (('skip = "*face*"', 'ends = ["_0.png", "_\\u001b.png"]'), "ends must be 2 to 16 ends of names such as"),
        (('skip = "*face*"', "at = [[0]]"), "at must be a list of [column, row], one for each character, not [[0]]"),
        (('skip = "*face*"', "at = [[0, 5]]"), "has 12x8 pixels and no frame at column 0, row 5"),
    ],
)  # fmt: skip
def test_a_wrong_recipe_is_named(tmp_path: Path, change: tuple[str, str], text: str) -> None:
    assert change[0] in ACROSS
    recipe = write(tmp_path, ACROSS.replace(*change), frames(2, 3))
    with pytest.raises(DataError, match=r"^read_sheets\(\): ") as caught:
        read_sheets(tmp_path, recipe)
    assert text in str(caught.value)


def test_three_in_four_pictures_show_the_first_frame(tmp_path: Path) -> None:
    data = read_sheets(tmp_path, write(tmp_path, ACROSS, frames(2, 3)))
    config = preset(
        "walk-masked", size=GRID, dilations=(1,), steps=1, batch=16, transparent=True, words=False
    )
    palette = np.concatenate(
        [np.zeros((1, 4), np.uint8), np.unique(data.images[0][1:4].reshape(-1, 4), axis=0)]
    )
    family = MaskedDiffusion(config, palette, len(data.kinds), data.kind_maps[:].repeat(4, 1).repeat(4, 2))
    batch = Batches(data, config, palette).draw(0)
    cells, weights = family.hide(batch)
    hidden = (weights > 0).numpy()
    others = np.arange(16) % 4 == 3
    assert not hidden[~others, :4, :4].any() and hidden[others, :4, :4].any()
    assert np.array_equal(hidden, cells.numpy() == len(palette))


def test_columns_train_and_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = frames(2, 3)
    sheet[4:, :4] = sheet[:4, :4]  # down-2 repeats down-1
    recipe = write(tmp_path / "art", ACROSS, sheet)
    small = {"steps": 2, "batch": 2, "step_channels": 4, "words": False, "threads": 1}
    run = train.start(
        tmp_path / "run", [recipe.parent], reading={"sheets": str(recipe)}, overrides=small, console=Console(quiet=True)
    )  # fmt: skip
    assert run.config.size == (5 * 4, 4) and run.config.column and run.data["sheet"] == [3, 2]
    assert run.config.steps_of_kernels[:3] == [(1, 1), (4, 1), (2, 2)]  # 4 is the width of a frame
    changes: list[dict[str, object]] = [{"sheet": value} for value in (None, [2, 3, 1], [0, 2], [4, 2], 7)]
    for change in (*changes, {"copies": 7}, {"copies": None}, {"copies": []}):
        with pytest.raises(ValueError, match=r"^sheet of data.json cannot be"):
            check_data({**run.data, **change}, run.config)
    again = train.resume(tmp_path / "run", console=Console(quiet=True), steps=3)
    result = export_run(again, tmp_path / "walk.onnx")
    assert result.core_equals_reference and result.pack.draws_columns and result.pack.shape == GRID
    assert result.pack.critic is None  # too few sheets
    monkeypatch.setattr(critic, "FEWEST_DRAWINGS", 1)
    monkeypatch.setattr(critic_network, "TRAINING", replace(critic_network.TRAINING, steps=5))
    assert export_run(again, tmp_path / "walk.onnx").pack.critic is not None
    batch = load(tmp_path / "walk.onnx").generate(2, seed=3)
    assert isinstance(batch, FrameBatch) and batch.frames is not None
    assert np.array_equal(batch.frames[:, 1], batch.frames[:, 0]) and batch.sheet == (3, 2)


def test_sheets_train_and_resume(tmp_path: Path) -> None:
    sheet = frames(2, 3)
    sheet[4:, :4] = sheet[:4, :4]  # down-2 repeats down-1
    recipe = write(tmp_path / "art", ACROSS, sheet)
    small = {
        "steps": 2,
        "step_channels": 4,
        "evaluations": 2,
        "words": False,
        "threads": 1,
    }
    run = train.start(
        tmp_path / "run", [recipe.parent], preset_name="walk-masked", reading={"sheets": str(recipe)}, overrides=small,
        console=Console(quiet=True),
    )  # fmt: skip
    assert run.config.size == GRID and run.config.first_known
    assert max(run.config.dilations) == 8  # 16 and 32 are wider than the sheet
    assert run.sheet == FrameSheet(3, 2, ((1, 0, False),))
    with pytest.raises(ValueError, match=r"^sheet of data.json cannot be"):
        check_data({**run.data, "copies": [[0, 1, False]]}, run.config)
    del run.data["sheet"]  # as in a run of an earlier version
    assert run.sheet == FrameSheet(3, 2, ((1, 0, False),))
    assert run.data["cell"] == 4 and run.data["kind_maps"][0] == [[0, 1], [2, 3], [4, 5]]
    again = train.resume(tmp_path / "run", console=Console(quiet=True), steps=3)
    assert again.config.steps == 3
