"""Sprites: the model, and their files."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tilewright as tw
from tilewright.generator import Pack
from tilewright.pack import check_pack

from .formats import ase_files, godot_files
from .step_networks import frames_pack, walk_pack

CLIPS = ("down", "left", "up")


@pytest.fixture
def sprite() -> tw.Sprite:
    rng = np.random.default_rng(4)
    palette = rng.integers(0, 256, (6, 4), np.uint8)
    palette[:, 3] = 255
    palette[0] = 0
    frames = rng.integers(0, 6, (3, 2, 5, 7), np.uint8)
    return tw.Sprite('the "hero"', frames, CLIPS, palette, 120, {"seed": "7"})


def sheet_of(sprite: tw.Sprite) -> np.ndarray:
    count, frames, height, width = sprite.pictures.shape
    return sprite.rgba.swapaxes(1, 2).reshape(count * height, frames * width, 4)


def read(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        pixels = np.array(picture.convert("RGBA"))
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def test_a_sheet_has_a_row_for_each_clip(sprite: tw.Sprite, tmp_path: Path) -> None:
    (path,) = sprite.save(tmp_path / "hero.png")
    assert np.array_equal(read(path), sheet_of(sprite))
    assert str(sprite) == "<Sprite 'the \"hero\"': 3 clips of 2 frames of 7x5>"


@pytest.mark.parametrize("suffix", [".gif", ".apng"])
def test_moving_pictures_show_the_clips_side_by_side(sprite: tw.Sprite, tmp_path: Path, suffix: str) -> None:
    (path,) = sprite.save(tmp_path / f"hero{suffix}")
    with Image.open(path) as picture:
        assert picture.n_frames == 2 and picture.info["duration"] == 120
        for frame in range(2):
            picture.seek(frame)
            pixels = np.array(picture.convert("RGBA"))
            pixels[pixels[..., 3] == 0] = 0
            assert np.array_equal(pixels, np.concatenate(list(sprite.rgba[:, frame]), axis=1))
    (path,) = sprite.clip("left").save(tmp_path / f"left{suffix}")
    assert np.array_equal(read(path), sprite.rgba[1, 0])


def test_aseprite_has_a_tag_for_each_clip(sprite: tw.Sprite, tmp_path: Path) -> None:
    (path,) = sprite.save(tmp_path / "hero.aseprite")
    found = ase_files.read(path.read_bytes())
    assert found.tags == [("down", 0, 1), ("left", 2, 3), ("up", 4, 5)] and found.durations == [120] * 6
    for number in range(6):
        assert np.array_equal(found.picture(number), sprite.rgba[divmod(number, 2)])


def test_json_has_a_tag_for_each_clip(sprite: tw.Sprite, tmp_path: Path) -> None:
    sheet, path = sprite.save(tmp_path / "hero.json")
    assert np.array_equal(read(sheet), sheet_of(sprite))
    atlas = json.loads(path.read_text())
    assert list(atlas["frames"])[3] == "hero-left-2.png"
    assert atlas["frames"]["hero-left-2.png"]["frame"] == {"x": 7, "y": 5, "w": 7, "h": 5}
    assert atlas["frames"]["hero-left-2.png"]["duration"] == 120
    assert atlas["meta"]["frameTags"][2] == {"name": "up", "from": 4, "to": 5, "direction": "forward"}


def test_godot_has_an_animation_for_each_clip(sprite: tw.Sprite, tmp_path: Path) -> None:
    sheet, path = sprite.save(tmp_path / "hero.tres")
    art = read(sheet)
    heading, image, *regions, resource = godot_files.read(path.read_text())
    assert heading.attributes == {"type": "SpriteFrames", "load_steps": 8, "format": 3}
    assert image.attributes == {"type": "Texture2D", "path": "hero.png", "id": "1"}
    places = {region.attributes["id"]: region.properties for region in regions}
    assert resource.properties["resource_name"] == 'the "hero"'
    for clip, animation in enumerate(resource.properties["animations"]):
        assert animation["name"] == CLIPS[clip] and animation["loop"] is True
        for number, frame in enumerate(animation["frames"]):
            assert frame["duration"] / animation["speed"] == pytest.approx(0.12, rel=1e-5)
            name, place = frame["texture"]
            assert name == "SubResource" and places[place]["atlas"] == ("ExtResource", "1")
            _, x, y, width, height = places[place]["region"]
            assert np.array_equal(art[y : y + height, x : x + width], sprite.rgba[clip, number])


def test_colours_may_be_given_without_a_palette(sprite: tw.Sprite, tmp_path: Path) -> None:
    plain = tw.Sprite("hero", sprite.rgba, CLIPS)
    assert np.array_equal(plain.rgba, sprite.rgba) and plain.milliseconds == 150
    assert np.array_equal(read(plain.save(tmp_path / "hero.png")[0]), sheet_of(sprite))


def test_batches_name_the_clips_after_the_kinds_of_their_frames() -> None:
    pack = Pack(check_pack(walk_pack(4, (3, 2)), Path("walk.onnx")))
    batch = pack.generate(2, seed=3)
    first, second = batch.sprites("orc", provenance={"seed": "3"})  # type: ignore[attr-defined]
    assert (first.name, second.name, first.clips) == ("orc-1", "orc-2", ("a", "b", "c"))
    assert first.milliseconds == 400 and first.provenance == {"seed": "3"}
    assert np.array_equal(sheet_of(second), batch.rgba[1])
    plain = Pack(check_pack(frames_pack(), Path("frames.onnx"))).generate(1, seed=3)
    (only,) = plain.sprites(milliseconds=80)  # type: ignore[attr-defined]
    assert (only.name, only.clips[0], only.milliseconds) == ("sprite", "row-1", 80)
    assert np.array_equal(sheet_of(only), plain.rgba[0])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"clips": ("a", "a", "b")}, "Sprite: clips must be 3 different names, not ('a', 'a', 'b')"),
        ({"clips": ("a", "b")}, "Sprite: clips must be 3 different names, not ('a', 'b')"),
        ({"clips": ("a", "b", "")}, "Sprite: a clip must be 1 to"),
        ({"palette": None}, "Sprite: pictures must be uint8 (C, F, H, W, 4), C in 1..64 and F in 1..256, not"),
        ({"pictures": np.zeros((3, 0, 5, 7), np.uint8)}, "Sprite: pictures must be uint8 (C, F, H, W), C in"),
        ({"milliseconds": 0}, "Animation: a frame of tile 0 takes 0 ms, not 1 to 60000"),
        ({"name": ""}, "Tileset: name must be 1 to"),
    ],
)  # fmt: skip
def test_wrong_values_are_named(change: dict[str, object], text: str) -> None:
    values = {
        "name": "a",
        "pictures": np.zeros((3, 2, 5, 7), np.uint8),
        "clips": CLIPS,
        "palette": np.zeros((1, 4), np.uint8),
    }
    with pytest.raises(tw.UsageError) as caught:
        tw.Sprite(**{**values, **change})  # type: ignore[arg-type]
    assert text in str(caught.value)


def test_other_formats_and_clips_are_refused(sprite: tw.Sprite, tmp_path: Path) -> None:
    with pytest.raises(tw.UsageError) as caught:
        sprite.save(tmp_path / "hero.tmx")
    assert str(caught.value) == (
        "Sprite.save(): .tmx is no format of sprites; these are .png, .tres, .aseprite, .ase, .json, .gif, .apng"
    )
    with pytest.raises(tw.UsageError, match=r"has the clips down, left, up, not 'right'$"):
        sprite.clip("right")
