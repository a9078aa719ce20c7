"""The doctor's findings on good and bad folders, as text, in a terminal and as a page."""

import io
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from tilewright.errors import DataError, UsageError
from tilewright_training.art.grid import Grid
from tilewright_training.data.dataset import read_art
from tilewright_training.doctor.build import build_set
from tilewright_training.doctor.findings import Findings, count_colours, inspect_art
from tilewright_training.doctor.page import page
from tilewright_training.doctor.pictures import INK, RULER, half_blocks, with_grid
from tilewright_training.doctor.terminal import show

from ..drawn import (
    SPRITE_KINDS,
    TILE_KINDS,
    draw,
    draw_folder,
    draw_set,
    draw_sprite_folder,
    make_sheet,
    save,
)
from ..layouts import draw_sprite


def said(found: Findings, terminal: bool = False) -> str:
    """Return the terminal output. Also renders the page."""
    assert page(found).endswith("</html>\n")
    out = io.StringIO()
    show(
        found,
        Console(file=out, width=200, force_terminal=terminal, color_system="truecolor" if terminal else None),
    )
    return out.getvalue()


def test_a_good_folder(tmp_path: Path) -> None:
    found = inspect_art(draw_folder(tmp_path / "art", 40))
    text = said(found)
    assert "120 tiles" in text and "16 pixels" in text and "SOURCE.json" in text
    assert found.advice is not None and not found.advice.needs_recipe
    assert "--size 16 --model vae --minutes 60 -o runs/art" in found.steps[0].command
    assert found.data is not None and found.report is not None
    plain, _ = read_art([tmp_path / "art"], 16)
    assert found.data.digest == plain.digest
    assert found.report.kinds == dict.fromkeys(TILE_KINDS, 40)


def test_the_recipe_reads_what_plain_reading_would_not(tmp_path: Path) -> None:
    draw_folder(tmp_path, 10)
    random = np.random.default_rng(0)
    palette = np.array([[20, 12, 28, 255], [208, 70, 72, 255], [89, 125, 206, 255]], np.uint8)
    large = [draw_sprite(random, 32, palette) for _ in range(24)]
    (tmp_path / "boss [big]").mkdir()
    save(tmp_path / "boss [big]" / "boss.png", make_sheet(large, 6))
    (tmp_path / "icons").mkdir()
    small = [sprite[2:14, 2:14] for sprite in draw_set(SPRITE_KINDS, 8)]
    save(tmp_path / "icons" / "icons.png", make_sheet(small, 6, 1, 1), "ground")
    found = inspect_art(tmp_path)
    assert found.advice is not None and found.advice.needs_recipe
    rules = tomllib.loads(found.advice.recipe)["rule"]
    assert {"match": "boss [[]big]/*", "skip": True} in rules
    icons = next(rule for rule in rules if rule.get("kind") == "icons")
    assert (icons["tile"], icons["margin"], icons["spacing"], icons["transparent"]) == (12, 1, 1, True)
    assert found.data is not None and found.report is not None
    assert found.report.kinds["icons"] == 24
    assert set(found.data.kinds) == {*TILE_KINDS, "icons"}
    (tmp_path / "recipe.toml").write_text(found.advice.recipe, "utf-8")
    again, _ = read_art([tmp_path], found.advice.size, kinds=tmp_path / "recipe.toml")
    assert again.digest == found.data.digest
    assert "1 picture of larger tiles (32 pixels) left out" in said(found)


def test_a_given_size_is_believed(tmp_path: Path) -> None:
    save(tmp_path / "sheet.png", make_sheet(draw_set(TILE_KINDS, 16), 8))
    found = inspect_art(tmp_path, 8)
    assert found.survey.size == 8
    with pytest.raises(UsageError, match="--size must be 4 to 128 pixels, not 3"):
        inspect_art(tmp_path, 3)


def test_three_pictures(tmp_path: Path) -> None:
    for i in range(3):
        save(tmp_path / f"{i}.png", draw("wall", i))
    text = said(inspect_art(tmp_path))
    assert "Only 3 tiles: a network memorises so few" in text
    assert "No SOURCE.json and no licence file" in text


def test_a_single_colour(tmp_path: Path) -> None:
    save(tmp_path / "sky.png", np.full((16, 16, 4), (90, 90, 200, 255), np.uint8))
    assert "a single colour" in said(inspect_art(tmp_path))
    save(tmp_path / "sky.png", np.full((64, 64, 4), (90, 90, 200, 255), np.uint8))
    assert "nothing usable" in said(inspect_art(tmp_path, 16))


def test_a_hundred_thousand_colours(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for i in range(100):
        noise = rng.integers(0, 256, (32, 32, 4), np.uint8)
        noise[..., 3] = 255
        save(tmp_path / f"{i:03}.png", noise)
    found = inspect_art(tmp_path)
    assert len(found.colours) > 100_000
    assert "painted, scaled or photographed art" in said(found)
    assert "--model flow" in found.steps[0].command
    assert len(page(found)) < 4_000_000


def test_a_kind_with_one_member(tmp_path: Path) -> None:
    draw_folder(tmp_path, 30)
    (tmp_path / "lava").mkdir()
    save(tmp_path / "lava" / "lava.png", draw("water", 777))
    text = said(inspect_art(tmp_path))
    assert "lava has 1 tile, too few for a kind: counted as water. A recipe may say otherwise." in text
    assert set(inspect_art(tmp_path).data.kinds) == set(TILE_KINDS)
    for i in range(4):
        save(tmp_path / "lava" / f"{i}.png", draw("water", 778 + i))
    text = said(inspect_art(tmp_path))
    assert "Kinds with fewer than 8 tiles: lava (5). Merge them, or leave them out." in text


def test_a_recipe_that_is_given_is_read_by(tmp_path: Path) -> None:
    art, recipe = draw_folder(tmp_path / "art", 30), tmp_path / "mine.toml"
    recipe.write_text('size = 16\n[[rule]]\nmatch = "w*"\nkind = "solid"\n', "utf-8")
    found = inspect_art(art, kinds=recipe)
    assert found.report is not None and found.report.kinds == {"solid": 60}
    assert found.steps[0].command.endswith(f"--kinds {recipe}")
    assert "solid" in said(found)


def test_many_colours_of_ordinary_art_are_no_painting(tmp_path: Path) -> None:
    """298 colours, each frequent: recoloured sprites."""
    sprites = np.stack(draw_set(SPRITE_KINDS, 34))
    for i, sprite in enumerate(sprites):
        sprite[sprite[..., 3] > 0, 2] = 2 * i
        save(tmp_path / f"{i}.png", sprite)
    found = inspect_art(tmp_path)
    assert len(found.colours) > 256
    assert "painted" not in said(found)
    assert "--model ar" in found.steps[0].command


def test_damaged_files(tmp_path: Path) -> None:
    draw_folder(tmp_path, 30)
    whole = (tmp_path / "wall" / "wall-000.png").read_bytes()
    (tmp_path / "wall" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "wall" / "no.png").write_bytes(b"no picture")
    (tmp_path / "wall" / "photo.jpg").write_bytes(b"")
    text = said(inspect_art(tmp_path))
    assert "2 files skipped as unreadable, such as wall/cut.png: damaged" in text
    assert "wall/photo.jpg: not PNG, GIF, BMP or WebP" in text
    for path in tmp_path.glob("*/*.png"):
        path.write_bytes(b"no picture")
    assert "nothing usable" in said(inspect_art(tmp_path))


def test_no_pictures_at_all(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no pictures in"):
        inspect_art(tmp_path)
    with pytest.raises(DataError, match="there is no folder"):
        inspect_art(tmp_path / "nowhere")


def test_half_transparent_pixels_and_trimmed_sprites(tmp_path: Path) -> None:
    draw_sprite_folder(tmp_path, 25)
    ghost = draw("hero", 88)
    ghost[5, 5:9, 3] = 100
    save(tmp_path / "hero" / "ghost.png", ghost)
    save(tmp_path / "hero" / "small.png", draw("hero", 89)[1:14, 3:12])
    text = said(inspect_art(tmp_path))
    assert "1 picture with half-transparent pixels: each pixel becomes opaque or transparent." in text
    assert "1 trimmed sprite smaller than a tile" in text


def test_a_built_set_is_inspected_too(tmp_path: Path) -> None:
    build_set([draw_folder(tmp_path / "art", 30)], 16, tmp_path / "set")
    found = inspect_art(tmp_path / "set")
    assert found.advice is None
    assert "90 of 3 kinds" in said(found)


class Checker(HTMLParser):
    """Collects forbidden elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "img"):
            self.open.append(tag)
        if tag in ("script", "link", "iframe", "a", "b", "object", "form"):
            self.bad.append(tag)
        for name, value in attributes:
            if name.startswith("on") or (
                name in ("src", "href") and not str(value).startswith("data:image/png;base64,")
            ):
                self.bad.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.bad.append(f"</{tag}>")


def test_names_are_escaped_everywhere(tmp_path: Path) -> None:
    folder = tmp_path / '<b onclick="x">&amp;[red]'
    (folder / "<script>alert(1)<").mkdir(parents=True)
    for i in range(12):
        save(folder / "<script>alert(1)<" / f'\x1b[31m"><img src=x onerror=y>{i}.png', draw("wall", i))
    save(folder / "<script>alert(1)<" / "<b>sheet.png", make_sheet(draw_set(SPRITE_KINDS, 8), 6))
    save(folder / "<script>alert(1)<" / "<b>off [red].png", draw("wall", 99)[:15, :15].repeat(3, 0))
    found = inspect_art(folder)
    checker = Checker()
    checker.feed(page(found))
    assert (checker.bad, checker.open) == ([], [])
    assert "\x1b" not in page(found)
    assert "\x1b" not in said(found)


def test_a_terminal_gets_pictures_and_a_file_does_not(tmp_path: Path) -> None:
    found = inspect_art(draw_sprite_folder(tmp_path, 25))
    assert "▀" in said(found, terminal=True)
    assert "▀" not in said(found)


def test_a_sheet_has_the_numbers_of_its_rows_and_columns() -> None:
    grid = Grid(16, 0, 0, 0, 12, 11)
    shown = with_grid(np.full((12 * 16, 11 * 16, 4), 255, np.uint8), grid)
    above, beside = shown[:RULER, RULER:], shown[RULER:, :RULER]
    ink = (above == INK).all(axis=-1).any(axis=0).reshape(11, 32).any(axis=1)
    assert ink.all()
    assert (beside == INK).all(axis=-1).any(axis=1).reshape(12, 32).any(axis=1).all()
    # Columns 1 and 10 begin with the same digit, columns 1 and 7 do not.
    assert not np.array_equal(above[:, 32:64], above[:, 7 * 32 : 8 * 32])
    small = with_grid(np.full((800, 800, 4), 255, np.uint8), Grid(8, 0, 0, 0, 100, 100))
    assert (small[:RULER, RULER:] == INK).all(axis=-1).any(axis=0).sum() > 20


def test_half_blocks() -> None:
    pixels = np.zeros((3, 2, 4), np.uint8)
    pixels[0, 0] = pixels[1, 0] = (255, 0, 0, 255)
    pixels[0, 1] = pixels[2, 0] = (0, 255, 0, 255)
    text = half_blocks(pixels)
    assert text.plain == "▀▀\n▀ \n"
    assert str(text.spans[0].style) == "#ff0000 on #ff0000"


def test_colours_are_counted_a_chunk_at_a_time() -> None:
    images = np.zeros((3, 4, 4, 4), np.uint8)
    images[0, 0, 0] = images[1, 0] = (9, 8, 7, 255)
    images[1, 1] = (1, 2, 3, 255)
    colours, each = count_colours(images)
    assert colours.tolist() == [[9, 8, 7, 255], [1, 2, 3, 255]]
    assert each.tolist() == [1, 2, 0]


def test_enlarged_art_is_read_as_it_was_drawn(tmp_path: Path) -> None:
    sprites = draw_set(SPRITE_KINDS, 24)
    (tmp_path / "drawn").mkdir()
    (tmp_path / "large").mkdir()
    save(tmp_path / "drawn" / "sheet.png", make_sheet(sprites, 9))
    save(tmp_path / "large" / "sheet.png", make_sheet(sprites, 9).repeat(4, 0).repeat(4, 1))
    found = inspect_art(tmp_path / "large")
    assert found.survey.size == 16
    assert found.survey.looks[0].enlarged == 4
    assert "1 picture enlarged 4 times: read at 1/4." in said(found)
    drawn, _ = read_art([tmp_path / "drawn"], 16)
    large, report = read_art([tmp_path / "large"], 16)
    assert np.array_equal(large.images, drawn.images)
    assert report.enlarged == {"sheet.png": 4}
    assert "1 picture enlarged 4 times: read at 1/4" in str(report)


def test_a_preview_adds_nothing_to_its_sheet(tmp_path: Path) -> None:
    sprites = draw_set(SPRITE_KINDS, 24)
    save(tmp_path / "tiles.png", make_sheet(sprites, 9))
    scene = make_sheet(sprites[:20], 5)
    scene[20:30, 20:30] = (1, 2, 3, 255)
    save(tmp_path / "scene.png", scene.repeat(3, 0).repeat(3, 1), "indexed")
    Image.open(tmp_path / "scene.png").save(tmp_path / "a-scene.gif", transparency=0)
    (tmp_path / "scene.png").rename(tmp_path / "scene.txt")
    save(tmp_path / "b-scene.png", scene.repeat(2, 0).repeat(2, 1))
    data, report = read_art([tmp_path], 16)
    assert len(data.images) == len(sprites)
    assert sorted(report.previews) == ["a-scene.gif", "b-scene.png"]
    assert inspect_art(tmp_path).survey.size == 16


def test_an_author_called_0x72(tmp_path: Path) -> None:
    save(tmp_path / "0x72_DungeonTileset.png", make_sheet(draw_set(SPRITE_KINDS, 24), 9))
    assert inspect_art(tmp_path).survey.looks[0].tile == 16


def test_doubt_is_told_with_its_options(tmp_path: Path) -> None:
    sprite = np.zeros((16, 16, 4), np.uint8)
    sprite[5:10, 6:11] = (200, 30, 40, 255)
    save(tmp_path / "sheet.png", np.tile(sprite, (4, 4, 1)))
    found = inspect_art(tmp_path, 16)
    assert "about as well: give the right one" in said(found)
