import numpy as np
import pytest

from tilewright.compiler import reference


@pytest.mark.parametrize("channels", [1, 3, 7, 13, 64, 65])
@pytest.mark.parametrize(
    ("kinds", "entries", "height", "width"),
    [(1, 2, 1, 1), (3, 5, 2, 7), (2, 18, 16, 16), (4, 256, 5, 3), (1, 17, 13, 1)],
)
def test_embed_cells_is_the_reference(run_op, draw, rng, kinds, entries, height, width, channels):
    table = draw(np.uint8, (kinds, entries, channels))
    asked = rng.integers(0, kinds, 6, dtype=np.int32)
    cells = rng.integers(0, entries, (6, height, width), dtype=np.uint8)
    result = run_op("embed_cells", [cells], (height, width, channels), kinds=asked, table=table)
    assert np.array_equal(result, reference.embed_cells(asked, cells, table=table))


@pytest.mark.parametrize(("height", "width", "channels"), [(1, 1, 3), (5, 3, 13), (16, 16, 64)])
def test_embed_cells_without_a_kind(run_op, draw, rng, height, width, channels):
    table = draw(np.uint8, (1, 9, channels))
    cells = rng.integers(0, 9, (5, height, width), dtype=np.uint8)
    result = run_op("embed_cells", [cells], (height, width, channels), table=table)
    assert np.array_equal(result, table[0, cells])
    assert np.array_equal(result, reference.embed_cells(cells, table=table))
