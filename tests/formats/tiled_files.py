"""A small map of Tiled in text, to be changed by tests of the reader."""

import base64
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw

from ..level.drawn_map import palette, pictures

TMX = """<?xml version="1.0" encoding="UTF-8"?>
<map version="1.10" orientation="orthogonal" width="3" height="2" tilewidth="16" tileheight="16" infinite="0">
 <tileset firstgid="1" source="set.tsx"/>
 {layer}
</map>"""
CELLS = np.array([[1, 2, 3], [4, 0, 6]], np.uint32)
CSV = "1,2,3,\n4,0,6"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a tileset of six tiles."""
    tileset = tw.Tileset("set", pictures(6), palette(), (tw.Terrain("a"),), codes=np.zeros((6, 8), np.int16))
    tileset.save(tmp_path / "set.tsx")
    return tmp_path


def read(folder: Path, layer: str) -> tw.Map:
    """The map with a layer, or with another text than TMX."""
    (folder / "map.tmx").write_text(layer if layer.startswith("<?") else TMX.format(layer=layer))
    return tw.load_map(folder / "map.tmx")


def layer(data: str, attributes: str = 'encoding="csv"', more: str = "") -> str:
    return f'<layer name="ground" width="3" height="2" {more}><data {attributes}>{data}</data></layer>'


def packed(content: bytes) -> str:
    return base64.b64encode(content).decode()
