import numpy as np
import pytest

from tilewright.compiler import reference


@pytest.mark.parametrize(("kinds", "width"), [(1, 1), (3, 7), (17, 13), (256, 64)])
def test_embed_is_the_reference(run_op, draw, rng, kinds, width):
    table = draw(np.uint8, (kinds, width))
    asked = rng.integers(0, kinds, 20, dtype=np.int32)
    assert np.array_equal(
        run_op("embed", [], (width,), kinds=asked, table=table), reference.embed(asked, table)
    )
