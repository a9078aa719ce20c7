import numpy as np
import pytest

from tilewright import _core, seeds

ONES = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([ONES] * 4, [ONES] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox_gives_the_known_answers_of_random123(counter, key, expected):
    assert _core.philox(counter, key) == expected


@pytest.mark.parametrize("seed", [0, 7, 2**32, 2**64 - 1])
@pytest.mark.parametrize("start", [0, 2**32 - 2, 2**64 - 2])
@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 128])
def test_latents_are_those_of_numpy(seed, start, size):
    drawn = _core.draw_latents(seed, start, 5, size, seeds.LATENT_TABLE)
    assert drawn.dtype == np.int8
    assert np.array_equal(drawn, seeds.draw_latents(seed, start, 5, size))


@pytest.mark.parametrize("seed", [0, 7, 2**32, 2**64 - 1])
@pytest.mark.parametrize("kinds", [1, 2, 5, 256, 2**31 - 1])
def test_kinds_are_those_of_numpy(seed, kinds):
    drawn = _core.draw_kinds(seed, 2**64 - 3, 50, kinds)
    assert drawn.dtype == np.int32
    assert np.array_equal(drawn, seeds.draw_kinds(seed, 2**64 - 3, 50, kinds))
    assert drawn.min() >= 0
    assert drawn.max() < kinds


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match=r"^draw_kinds\(\): kinds must be 1 or more, not 0$"):
        _core.draw_kinds(0, 0, 1, 0)
    expected = r"^draw_latents\(\): table must be a C-contiguous array of int8 \(256\), not int8 \(255\)$"
    with pytest.raises(ValueError, match=expected):
        _core.draw_latents(0, 0, 1, 1, np.zeros(255, dtype=np.int8))
