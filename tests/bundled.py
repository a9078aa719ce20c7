"""How tests try a bundled pack: with many small pictures, or with a few of a pack that paints maps."""

from typing import Any

import numpy as np

import tilewright as tw
from tilewright.engine import Engine

FEW = 2


def count_of(pack: tw.Pack, many: int) -> int:
    """Return `many`, or `FEW` for a pack that paints maps, which takes a third of a second for a picture."""
    return FEW if pack.has_kind_map else many


def request_of(pack: tw.Pack, many: int) -> tuple[int, dict[str, Any]]:
    """Return the number of tiles of an `Engine.run` that the reference can repeat in a second or two, and conditions.

    A pack that paints maps gets one map of random kinds, and all its pixels but some in the middle.
    """
    if not pack.has_kind_map:
        return many, {}
    height, width = pack.shape
    cells = (1, height // pack.cell, width // pack.cell)
    kinds = np.random.default_rng(7).integers(0, len(pack.kinds), cells).astype(np.uint8)
    maps = kinds.repeat(pack.cell, axis=1).repeat(pack.cell, axis=2)
    known = Engine(pack.plan).run(1, seed=8, kind_maps=maps)["indices"].copy()
    assert pack.plan.sampler is not None
    known[:, height // 2 - 3 : height // 2 + 3, width // 2 - 3 : width // 2 + 3] = pack.plan.sampler.colours
    return 1, {"kind_maps": maps, "cells": known}
