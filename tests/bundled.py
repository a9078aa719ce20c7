"""How tests try a bundled pack: with many small pictures, or with a few of a pack with a kind per cell."""

from typing import Any

import numpy as np

import tilewright as tw
from tilewright.compiler.sampling import MASKED
from tilewright.engine import Engine

FEW = 2


def count_of(pack: tw.Pack, many: int) -> int:
    """Return `many`, or `FEW` for a pack with a kind per cell, which takes up to a third of a second for a picture."""
    return FEW if pack.has_kind_map else many


def request_of(pack: tw.Pack, many: int) -> tuple[int, dict[str, Any]]:
    """Return the number of tiles of an `Engine.run` that the reference can repeat in a second or two, and conditions.

    A pack with a kind per cell gets one picture of random kinds, one of tunes one tune, and all cells but some in the
    middle.
    """
    sampler = pack.plan.sampler
    if sampler is None or (sampler.method != MASKED and not pack.has_kind_map):
        return many, {}
    given: dict[str, Any] = {}
    height, width = sampler.height, sampler.width
    if pack.has_kind_map:
        cells = (1, height // pack.cell, width // pack.cell)
        kinds = np.random.default_rng(7).integers(0, len(pack.kinds), cells).astype(np.uint8)
        given["kind_maps"] = kinds.repeat(pack.cell, axis=1).repeat(pack.cell, axis=2)
    known = Engine(pack.plan).run(1, seed=8, **given)["indices"].copy()
    rows, columns = (slice(max(edge // 2 - 3, 0), edge // 2 + 3) for edge in (height, width))
    known[:, rows, columns] = sampler.colours
    return 1, given | {"cells": known}
