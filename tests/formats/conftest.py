"""Maps that the tests of all formats write."""

import numpy as np
import pytest

import tilewright as tw

from ..level.drawn_map import corner_map, layered_map
from .generated_map import generated_map

LEVEL = tw.make_level(64, 48, seed=7, style="caves")
MAPS = {
    "corners": corner_map,
    "corners-rgba": lambda: corner_map(indexed=False),
    "layers": layered_map,
    "layers-rgba": lambda: layered_map(indexed=False),
    "oblong": lambda: layered_map((9, 16)),
    "dual-grid": lambda: generated_map("dual-grid"),
    "blob-47": lambda: generated_map("blob-47"),
    "edge-16": lambda: generated_map("edge-16"),
    "level": lambda: tw.tile_level(LEVEL, "dawn-tiles", candidates=8).map,
}


@pytest.fixture(scope="session", params=MAPS)
def level(request: pytest.FixtureRequest) -> tw.Map:
    """Each of several maps."""
    return MAPS[request.param]()


def same(first: tw.Map, second: tw.Map) -> bool:
    """Whether two maps look equal at all times."""
    times, _ = first.times()
    return all(np.array_equal(first.picture(at), second.picture(at)) for at in times)
