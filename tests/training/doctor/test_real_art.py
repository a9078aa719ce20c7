"""All folders of real art in TILEWRIGHT_DATA: the doctor's findings equal the known facts."""

import json
import os
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tilewright_training.art.files import list_pictures
from tilewright_training.art.frames import stated_beside
from tilewright_training.art.grid import Cells
from tilewright_training.data.dataset import read_art
from tilewright_training.doctor.survey import ATLAS, OFF_GRID, PREVIEW, TILE, Survey, survey

DATA = Path(os.environ.get("TILEWRIGHT_DATA", ""))

pytestmark = pytest.mark.skipif(
    not os.environ.get("TILEWRIGHT_DATA"), reason="needs real art: set TILEWRIGHT_DATA to its folder"
)

# folder, tile size, (tile, margin, spacing) of its sheets by frequency, convention for transparency of most
# pictures
FACTS = [
    ("train/antifarea-16x18", 24, [(18, 1, 1)], "palette entries"),  # 16x18 and 18x20, cut into figures
    ("train/armm-zelda-like", 16, [(16, 0, 0)], "alpha channel"),
    ("train/calciumtrice", 32, [(32, 0, 0), (16, 0, 0), (48, 0, 0)], "alpha channel"),
    ("train/cabbit-24x32", 32, [(16, 0, 0)], "palette entries"),  # 24x32, cut into figures
    # The second sheet repeats a ground of 32 pixels. The first one, of 16, fits several grids and is
    # reported.
    ("train/george-bailey-16", 32, [(32, 0, 0)], "alpha channel"),
    ("train/josephseraph", 16, [(16, 0, 0)], "alpha channel"),
    ("train/libz0rzz", 16, [(16, 0, 0), (64, 0, 0)], "ground"),
    # Towers of 48 pixels, and dragons, riders and ships of 32.
    ("train/mini-world", 16, [(16, 0, 0), (32, 0, 0), (48, 0, 0)], "alpha channel"),
    ("train/mrbeast-16", 16, [(16, 0, 0)], "alpha channel"),
    # The known size is 16 for the town. Single tiles and most animations have 32.
    ("train/ansimuz-rpg", 32, [(32, 0, 0), (24, 0, 0), (16, 0, 0)], "alpha channel"),
    ("train/sharm-16", 16, [(16, 0, 0)], "palette entries"),
    ("train/andhegames-creatures", 32, [(32, 0, 0)], "alpha channel"),
    ("train/bakudas-generic-rpg", 16, [(16, 0, 0), (24, 0, 0)], "alpha channel"),
    ("train/beast-grass-biome", 16, [(16, 0, 0)], "alpha channel"),
    ("train/buch-terrain", 16, [(16, 0, 0)], "alpha channel"),
    ("train/dawnlike", 16, [(16, 0, 0)], "palette entries"),
    ("train/dcss", 32, [], "alpha channel"),
    ("train/grafxkid", 16, [(16, 0, 0), (32, 0, 0)], "colour key"),
    ("train/easyrpg-rtp", 16, [(16, 0, 0), (32, 0, 0)], "ground"),
    ("train/frenden-nes", 16, [(16, 0, 0)], "magenta"),
    ("train/henry-software-items", 16, [(16, 0, 0)], "palette entries"),
    ("train/hyptosis", 32, [(32, 0, 0), (16, 0, 0)], "alpha channel"),
    ("train/instant-dungeon", 16, [(16, 0, 0)], "alpha channel"),
    ("train/josehzz-autotile", 16, [(16, 0, 0)], "alpha channel"),
    ("train/kenney-1bit", 16, [(16, 0, 0)], "ground"),
    ("train/kenney-desert-shooter", 16, [(16, 0, 0), (16, 0, 1), (24, 0, 0), (24, 0, 1)], "palette entries"),
    ("train/kenney-micro-roguelike", 8, [(8, 0, 0)], "ground"),
    ("train/kenney-roguelike-city", 16, [(16, 0, 0)], "palette entries"),
    ("train/kenney-rpg-urban", 16, [(16, 0, 0)], "palette entries"),
    ("train/kenney-sample-maps", 16, [(16, 0, 1)], "palette entries"),
    ("train/last-guardian", 32, [(32, 0, 0)], "palette entries"),
    ("train/puny-characters", 32, [(32, 0, 0)], "alpha channel"),
    ("train/rcorre", 32, [(32, 0, 0), (16, 0, 0)], "palette entries"),
    ("train/redshrike-16", 16, [(16, 0, 0), (32, 0, 0)], "colour key"),
    ("train/surt", 16, [(16, 0, 0)], "ground"),
    ("train/terrain-32", 32, [(32, 0, 0)], "alpha channel"),
    ("train/toen-medieval-strategy", 16, [(16, 0, 0)], "alpha channel"),
    ("train/kenney-roguelike-rpg", 16, [(16, 0, 1)], "magenta"),
    ("train/kenney-tiny-dungeon", 16, [(16, 0, 0)], "palette entries"),
    ("train/kenney-tiny-town", 16, [(16, 0, 0), (16, 0, 1)], "palette entries"),
    ("train/ninja-adventure", 16, [(16, 0, 0)], "alpha channel"),
    ("train/rpg-icons-496", 34, [], "alpha channel"),
    ("train/superpowers-medieval-fantasy", 16, [(16, 0, 0)], "alpha channel"),
    ("train/superpowers-top-down-shooter", 16, [(16, 0, 0)], "alpha channel"),
    ("train/tiny-creatures", 16, [(16, 0, 0)], "palette entries"),
    ("open-test/buch-dungeon", 16, [(16, 0, 0)], "alpha channel"),
    ("open-test/buch-outdoor", 16, [(16, 0, 0)], "alpha channel"),
    # The known facts have no tile size, but one sheet does; everything else is trimmed and large.
    ("open-test/superpowers-prehistoric-platformer", 16, [(16, 0, 0)], "alpha channel"),
    ("open-test/urizen-onebit", 12, [(12, 1, 1)], "ground"),
]


@cache
def examined(folder: str) -> Survey:
    return survey(list_pictures(DATA / folder))


@pytest.mark.parametrize(("folder", "size", "grids", "convention"), FACTS, ids=[fact[0] for fact in FACTS])
def test_size_grids_and_transparency(
    folder: str, size: int, grids: list[tuple[int, int, int]], convention: str
) -> None:
    found = examined(folder)
    assert found.size == size
    layouts = Counter((s.grid.tile, s.grid.margin, s.grid.spacing) for s in found.looks if s.grid)
    if len(grids) > 1:
        assert set(grids) <= set(layouts)
    assert [layout for layout, _ in layouts.most_common(1)] == grids[:1] or len(grids) > 1
    conventions = Counter(look.convention for look in found.looks if look.role != PREVIEW)
    assert conventions[convention] >= max(n for name, n in conventions.items() if name != "opaque")


def test_nearly_every_sheet_that_the_facts_name() -> None:
    """Cells, margin and spacing, except for files that the known numbers do not divide."""
    right, wrong = 0, []
    for source in sorted(DATA.glob("*/*/SOURCE.json")):
        facts = [
            sheet
            for sheet in json.loads(source.read_text("utf-8")).get("sheets", [])
            if isinstance(sheet["tile"], list) and sheet["tile"][0] == sheet["tile"][1]
        ]
        looks = (
            {look.relative: look for look in examined(str(source.parent.relative_to(DATA))).looks}
            if facts
            else {}
        )
        for sheet in facts:
            tile, margin, spacing = sheet["tile"][0], sheet["margin"], sheet["spacing"]
            for path in sorted(source.parent.glob(sheet["files"])):
                look = looks[path.relative_to(source.parent).as_posix()]
                if isinstance(margin, list) or look.enlarged > 1 or look.role in (TILE, PREVIEW):
                    continue
                if any((n - 2 * margin + spacing) % (tile + spacing) for n in (look.width, look.height)):
                    continue
                if look.grid and (look.grid.tile, look.grid.margin, look.grid.spacing) == (
                    tile,
                    margin,
                    spacing,
                ):
                    right += 1
                else:
                    wrong.append(str(path.relative_to(DATA)))
    assert right > 700
    assert len(wrong) <= 0.1 * right, wrong


def test_atlases_are_cut_by_their_figures_and_tilesets_are_believed() -> None:
    walkers = Counter(look.role for look in examined("train/cabbit-24x32").looks)
    assert walkers[ATLAS] > 190
    _, report = read_art([DATA / "train" / "cabbit-24x32"], 32)
    assert report.tiles > 1800
    # Frames of 24x32 pixels on an opaque ground; three sheets have figures that touch.
    charsets = [look for look in examined("train/easyrpg-rtp").looks if look.relative.startswith("CharSet/")]
    assert Counter(look.role for look in charsets)[ATLAS] >= 12
    _, report = read_art([DATA / "train" / "easyrpg-rtp" / "CharSet"], 32, transparent=True)
    assert len(report.figures) == 14 and report.tiles > 1300
    atlases = {
        look.relative for look in examined("train/superpowers-medieval-fantasy").looks if look.role == ATLAS
    }
    assert "animals/0-animals.png" in atlases
    named = {
        picture.relative: picture for picture in list_pictures(DATA / "open-test" / "urizen-onebit").pictures
    }
    assert stated_beside(named["basic/colored.png"], 261, 261).cells == Cells(12, 12, 1, 1)
    assert not [look for look in examined("train/armm-zelda-like").looks if "not used" in look.doubt]


def test_oddities() -> None:
    dcss = examined("train/dcss").looks
    assert 1500 < sum(look.half_transparent > 0 for look in dcss) < 2000
    assert {look.role for look in dcss if (look.width, look.height) == (32, 48)} == {OFF_GRID}
    icons = examined("train/rpg-icons-496").looks
    assert {(look.role, look.tile) for look in icons} == {(TILE, 34)}
    previews = {
        look.relative for look in examined("train/kenney-desert-shooter").looks if look.role == PREVIEW
    }
    assert previews == {"Preview.png", "Sample A.png", "Sample B.png"}
    grounds = {look.ground for look in examined("train/kenney-1bit").looks}
    assert grounds == {(71, 45, 60), None}
    magenta = {look.relative: look.convention for look in examined("train/kenney-roguelike-rpg").looks}
    assert magenta == {
        "roguelikeSheet_magenta.png": "magenta",
        "roguelikeSheet_transparent.png": "alpha channel",
    }
