"""The pictures of the documentation come out of the game, and stay small."""

from pathlib import Path

import pytest
from PIL import Image

from tilewright_demo import showcase
from tilewright_demo.assets import Assets

IMAGES = Path(__file__).parents[2] / "docs" / "images"


def test_both_pictures_are_written(packs, tmp_path, monkeypatch):
    monkeypatch.setattr(showcase, "_SHOTS", ((3, 2, 2),))
    monkeypatch.setattr(showcase, "_FLOWS", -1)
    monkeypatch.setattr(showcase, "_BIOMES", ("ruins", "forge"))
    gif, png = showcase.write_showcase(Assets(*packs, {}), tmp_path)
    with Image.open(gif) as picture:
        assert picture.size == showcase._SIZE and picture.info["duration"] == 100
    with Image.open(png) as picture:
        assert picture.size == (2 * showcase._COLUMN[0] + 4, showcase._COLUMN[1])


@pytest.mark.parametrize(("name", "most"), [("game.gif", 600_000), ("biomes.png", 100_000)])
def test_those_of_the_documentation_are_small(name, most):
    assert (IMAGES / name).stat().st_size < most
    assert name in (IMAGES.parent / "game.md").read_text()
