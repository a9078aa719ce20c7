"""Convert pictures to the colours of old game hardware, and to its limit of colours per cell.

All arithmetic is on integers, so the same pictures give the same result on every machine.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tilewright import engine
from tilewright.arrays import BoolArray, Int64Array, Uint8Array
from tilewright.errors import UsageError

WHITE = 1 << 14  # lightness of white in the units of engine.oklab
MAX_CHOICES = 8  # most frequent colours of a cell, among which the best set is searched


@dataclass(frozen=True)
class Hardware:
    """The colours of a machine, and the rules for their use.

    colours: the palette, as rrggbb separated by spaces.
    cell: height and width of a cell in pixels.
    per_cell: the maximum number of colours in a cell; 0 means no limit.
    banks: sets of palette indices. All colours of a cell are from one set. Empty: any colours may be combined.
    background: whether each cell may also use one colour that all pictures share. In a picture with transparent
        pixels, this colour is the transparent one.
    wide: whether two neighbouring pixels of a row have the same colour.
    by_lightness: whether colours are matched by lightness only.
    chroma: the weight of differences in chroma relative to those in lightness.
    """

    colours: str
    cell: tuple[int, int] = (8, 8)
    per_cell: int = 0
    banks: tuple[tuple[int, ...], ...] = ()
    background: bool = False
    wide: bool = False
    by_lightness: bool = False
    chroma: int = 1

    @property
    def palette(self) -> Uint8Array:
        """The colours as uint8 (K, 4), opaque."""
        return np.array([[*bytes.fromhex(colour), 255] for colour in self.colours.split()], np.uint8)


# game-boy: four shades. nes: the 54 distinct colours of the 2C02 after NTSC decoding; a 16x16 cell has three colours
# and the background. zx-spectrum: an 8x8 cell has two colours of equal brightness. c64: the multicolour mode, in which
# pixels are two wide; an 8x8 cell has three colours and the background.
HARDWARE = {
    "game-boy": Hardware("0f380f 306230 8bac0f 9bbc0f", by_lightness=True),
    "nes": Hardware(
        "626262 001fb2 2404c8 5200b2 730076 800024 730b00 522800 244400 005700 005c00 005324 003c76 000000 "
        "ababab 0d57ff 4b30ff 8a13ff bc08d6 d21269 c72e00 9d5400 607b00 209800 00a300 009942 007db4 "
        "ffffff 53aeff 9085ff d365ff ff57ff ff5dcf ff7757 fa9e00 bdc700 7ae700 43f611 26ef7e 2cd5f6 4e4e4e "
        "b6e1ff ced1ff e9c3ff ffbcff ffbdf4 ffc6c3 ffd59a e9e681 cef481 b6fb9a a9fac3 a9f0f4 b8b8b8",
        cell=(16, 16),
        per_cell=3,
        background=True,
    ),
    "zx-spectrum": Hardware(
        "000000 0000d7 d70000 d700d7 00d700 00d7d7 d7d700 d7d7d7 "
        "0000ff ff0000 ff00ff 00ff00 00ffff ffff00 ffffff",
        per_cell=2,
        chroma=2,  # most of its colours are saturated; with 1, grey stone would become red
        banks=((0, 1, 2, 3, 4, 5, 6, 7), (0, 8, 9, 10, 11, 12, 13, 14)),
    ),
    "c64": Hardware(
        "000000 ffffff 68372b 70a4b2 6f3d86 588d43 352879 b8c76f "
        "6f4f25 433900 9a6759 444444 6c6c6c 9ad284 6c5eb5 959595",
        per_cell=3,
        background=True,
        wide=True,
    ),
}


def to_hardware(pictures: Uint8Array, hardware: str) -> Uint8Array:
    """Convert pictures to the colours and rules of an old machine.

    pictures: RGBA uint8 (N, H, W, 4) or (H, W, 4). The result has the same shape and type.
    hardware: one of `hardware_names()`:

    - "game-boy": four shades, matched by lightness.
    - "nes": each cell of 16x16 pixels has three of 54 colours, and a background that all pictures share.
    - "zx-spectrum": each cell of 8x8 pixels has two colours of equal brightness.
    - "c64": the multicolour mode. Pixels are two wide, and each cell of 8x8 pixels has three of 16 colours, and a
      background that all pictures share.

    Transparent pixels stay transparent. In a picture that has any, they take the place of the background.

    Raises UsageError for an unknown machine, and for arrays of another type or shape.
    """
    caller = "to_hardware()"
    if not isinstance(pictures, np.ndarray) or pictures.dtype != np.uint8 or pictures.shape[-1:] != (4,):
        raise UsageError(f"{caller}: pictures must be an array uint8 (N, H, W, 4) or (H, W, 4)")
    if pictures.ndim not in (3, 4):
        raise UsageError(f"{caller}: pictures must be (N, H, W, 4) or (H, W, 4), not {pictures.shape}")
    indices, palette = convert(pictures.reshape(-1, *pictures.shape[-3:]), hardware, caller)
    return palette[indices].reshape(pictures.shape)


def hardware_names() -> tuple[str, ...]:
    """Return the names of the machines that `to_hardware` supports."""
    return tuple(HARDWARE)


def check_hardware(name: str, caller: str) -> Hardware:
    """Return the machine `name`. Raises UsageError, which names `caller`, if there is none."""
    if name not in HARDWARE:
        raise UsageError(f"{caller}: unknown hardware {name!r:.60}; there are {', '.join(HARDWARE)}")
    return HARDWARE[name]


def convert(pictures: Uint8Array, name: str, caller: str) -> tuple[Uint8Array, Uint8Array]:
    """Return the pictures of `to_hardware` as indices uint8 (N, H, W) and a palette uint8 (K, 4).

    Entry 0 of the palette is transparent. For each cell, the search considers the MAX_CHOICES colours that are
    nearest to the most pixels, and selects the set with the least sum of squared distances in OKLab. The background
    is the colour that is nearest to the most pixels of the opaque pictures.
    """
    hardware = check_hardware(name, caller)
    colours, which = np.unique(pictures.reshape(-1, 4), axis=0, return_inverse=True)
    distances = _distances(colours, hardware)
    which = which.reshape(pictures.shape[:3])
    clear = pictures[..., 3] < 128
    opaque = np.asarray(~clear.any(axis=(1, 2)))
    background = None
    if hardware.background and opaque.any():
        counts = np.bincount(distances.argmin(axis=1)[which[opaque]].reshape(-1))
        background = int(counts.argmax())
    indices = np.zeros(pictures.shape[:3], np.uint8)
    height, width = hardware.cell
    for i in range(len(pictures)):
        own = background if opaque[i] else None
        for top in range(0, pictures.shape[1], height):
            for left in range(0, pictures.shape[2], width):
                place = (i, slice(top, top + height), slice(left, left + width))
                indices[place] = _cell(distances[which[place]], clear[place], hardware, own)
    return indices, np.concatenate([np.zeros((1, 4), np.uint8), hardware.palette])


def _distances(colours: Uint8Array, hardware: Hardware) -> Int64Array:
    """Return the squared distances of colours (N, 4) from each palette entry, int64 (N, K)."""
    own, palette = engine.oklab(colours).astype(np.int64), hardware.palette
    if hardware.by_lightness:
        # The shades represent equal steps of lightness; the green of the screen is ignored.
        shades = np.arange(len(palette)) * WHITE // (len(palette) - 1)
        return np.asarray(np.square(own[:, :1] - shades[None]))
    targets = engine.oklab(palette).astype(np.int64)
    own[:, 1:] *= hardware.chroma
    targets[:, 1:] *= hardware.chroma
    return np.asarray(np.square(own[:, None] - targets[None]).sum(axis=2))


def _cell(distances: Int64Array, clear: BoolArray, hardware: Hardware, background: int | None) -> Uint8Array:
    """Return 1 + the palette entry of each pixel of a cell, uint8 (H, W); 0 for transparent pixels."""
    drawn = ~clear
    distances = np.where(clear[..., None], 0, distances)
    if hardware.wide:  # a pair of pixels is transparent if both are
        pairs = np.arange(0, clear.shape[1], 2)
        distances = np.add.reduceat(distances, pairs, axis=1)
        drawn = np.logical_or.reduceat(drawn, pairs, axis=1)
    made = np.zeros(drawn.shape, np.uint8)
    if drawn.any():
        made[drawn] = 1 + _choose(distances[drawn], hardware, background)
    return made.repeat(2, axis=1)[:, : clear.shape[1]] if hardware.wide else made


def _choose(distances: Int64Array, hardware: Hardware, background: int | None) -> Int64Array:
    """Return the palette entry of each pixel of a cell, int64 (P,).

    distances: the squared distances of the pixels from all entries, int64 (P, K).
    """
    if not hardware.per_cell:
        return np.asarray(distances.argmin(axis=1))
    banks = hardware.banks or (tuple(range(distances.shape[1])),)
    sets = [_best_set(distances, np.array(bank), hardware.per_cell, background) for bank in banks]
    _, entries = min(sets, key=lambda found: found[0])
    return np.asarray(entries[distances[:, entries].argmin(axis=1)])


def _best_set(
    distances: Int64Array, bank: Int64Array, most: int, background: int | None
) -> tuple[int, Int64Array]:
    """Return the least sum of distances for `most` entries of a bank and the background, and these entries."""
    entries, counts = np.unique(bank[distances[:, bank].argmin(axis=1)], return_counts=True)
    entries = np.sort(entries[np.argsort(-counts, kind="stable")][:MAX_CHOICES])
    sets = np.array(list(combinations(entries, min(most, len(entries)))))
    if background is not None:
        sets = np.concatenate([np.full((len(sets), 1), background), sets], axis=1)
    costs = distances[:, sets].min(axis=2).sum(axis=0)
    best = int(costs.argmin())
    return int(costs[best]), sets[best]
