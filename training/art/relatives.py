"""Near-duplicates: drawings that are recoloured, mirrored, rotated, moved by a pixel, or changed in few
pixels.

Colours differ between such tiles, so tiles are compared by their edges: positions where a pixel differs from
its right or lower neighbour. Two hashes propose pairs, and a comparison of the edges decides. Memory is
bounded: some tens of bytes per tile, and one chunk of pictures at a time.
"""

from collections.abc import Iterator

import numpy as np

# relation to the other drawing, in the words of the report
RELATIONS = ("differ in a few pixels", "recoloured", "mirrored", "moved", "frame")
FEW, RECOLOURED, MIRRORED, MOVED, FRAME = range(len(RELATIONS))
ALIKE = 0.8  # share of the edges of either picture that occur in both
FRAMES_ALIKE = 0.6  # threshold for neighbours in a sheet, such as steps of a walk cycle
FEWEST_EDGES = 12  # with fewer edges, pictures agree by chance
BANDS = 4
FOLLOWERS = 6  # comparisons per tile and hash; bounds the cost of large groups of equal hashes
CHUNK_BYTES = 1 << 22
MASK = (1 << 64) - 1


def edges(pictures: np.ndarray) -> np.ndarray:
    """Mark pixels that differ from their right and lower neighbours: uint8 (N,H,W,4) -> bool (N,2,H,W)."""
    value = np.ascontiguousarray(pictures).view(np.uint32)[..., 0]
    found = np.zeros((len(value), 2, *value.shape[1:]), dtype=bool)
    found[:, 0, :, :-1] = value[:, :, 1:] != value[:, :, :-1]
    found[:, 1, :-1] = value[:, 1:] != value[:, :-1]
    return found


def find_pairs(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find near-duplicates in uint8 (N,H,W,4).

    Returns pairs int64 (M,2) with first < second, and the relation of each, int64 (M,), as an index into
    `RELATIONS`.
    """
    shapes, bands = _hashes(images)
    still = np.concatenate([_proposals(band) for band in bands.T] or [np.zeros((0, 2), np.int64)])
    pairs, how = _still(images, np.unique(still, axis=0))
    moving = np.unique(_proposals(shapes), axis=0)
    moving = moving[~np.isin(_keys(moving, len(images)), _keys(pairs, len(images)))]
    moved_pairs, moved_how = _moving(images, moving)
    return np.concatenate([pairs, moved_pairs]), np.concatenate([how, moved_how])


def find_frames(images: np.ndarray, sheet: np.ndarray, cell: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Find pairs of neighbours in a sheet that are frames of one animation: int64 (M,2).

    sheet int64 (N,): number of the picture from which a tile was cut, ascending. cell int64 (N,): cell
    number, ascending within a sheet. columns int64 (N,): cells per row of the sheet.
    """
    place = sheet * (1 << 32) + cell
    found = []
    for step, allowed in ((1, (cell + 1) % np.maximum(columns, 1) != 0), (columns, columns > 0)):
        target = np.searchsorted(place, place + step)
        inside = target < len(place)
        target = np.where(inside, target, 0)
        hit = inside & allowed & (place[target] == place + step)
        found.append(np.stack([np.flatnonzero(hit), target[hit]], axis=1))
    pairs = np.concatenate(found)
    kept = [np.zeros((0, 2), np.int64)]
    for part, first, second in _gather(images, pairs):
        best = np.zeros(len(part))
        one = edges(first)
        for down, right in _steps():
            best = np.maximum(best, _likeness(one, edges(np.roll(second, (down, right), (1, 2)))))
        kept.append(part[best >= FRAMES_ALIKE])
    return np.concatenate(kept)


def join(count: int, *pairs: np.ndarray) -> np.ndarray:
    """Number the connected components of `count` tiles, in order of their first tiles: int32 (count,)."""
    parent = np.arange(count)
    links = np.concatenate([np.zeros((0, 2), np.int64), *pairs])
    while len(links):
        low = np.minimum(parent[links[:, 0]], parent[links[:, 1]])
        before = parent.copy()
        for side in (0, 1):
            np.minimum.at(parent, before[links[:, side]], low)
            np.minimum.at(parent, links[:, side], low)
        parent = parent[parent]
        if np.array_equal(parent, before):
            break
    return np.unique(parent, return_inverse=True)[1].astype(np.int32)


def same_number(numbers: np.ndarray) -> np.ndarray:
    """Return pairs (M,2) that link all tiles with the same number. 0 links nothing."""
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    same = (ordered[1:] == ordered[:-1]) & (ordered[1:] != 0)
    return np.stack([order[:-1][same], order[1:][same]], axis=1)


def _hashes(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a hash per tile and a hash per band of rows, uint64 (N,) and (N, BANDS); 0 if too little is
    drawn.

    The hash is invariant under recolouring, rotation, reflection and cyclic shifts.
    """
    shapes = np.zeros(len(images), np.uint64)
    bands = np.zeros((len(images), BANDS), np.uint64)
    height, width = images.shape[1:3]
    row_bits = _weights(2 * height * width, 1).reshape(2, height, width)
    turned = _turned_weights()
    for start, pictures in _chunks(images):
        part = slice(start, start + len(pictures))
        value = pictures.view(np.uint32)[..., 0]
        code = np.zeros(value.shape, np.uint8)
        for bit, (down, right) in enumerate(NEIGHBOURS):
            code |= (value != np.roll(value, (-down, -right), (1, 2))).astype(np.uint8) << np.uint8(bit)
        ink = np.count_nonzero(code, axis=(1, 2)) >= FEWEST_EDGES
        index = np.arange(len(value))[:, None, None] * 256 + code
        counts = np.bincount(index.ravel(), minlength=256 * len(value)).reshape(-1, 256).astype(np.uint64)
        shapes[part] = np.where(ink, (counts @ turned).min(axis=1), 0)
        edge = edges(pictures)
        for band, rows in enumerate(np.array_split(np.arange(height), BANDS)):
            bits = edge[:, :, rows].reshape(len(edge), -1)
            enough = bits.sum(axis=1) >= FEWEST_EDGES // 2
            hashed = bits.astype(np.uint64) @ row_bits[:, rows].reshape(-1)
            bands[part, band] = np.where(enough, hashed, 0)
    return shapes, bands


NEIGHBOURS = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))  # clockwise, from above


def _turned_weights() -> np.ndarray:
    """Return uint64 (256, 8): the weight of each neighbour pattern under the eight symmetries of the square."""
    weights = _weights(256, 2)
    codes = np.arange(256)
    columns = []
    for mirror in (1, -1):
        for turn in (0, 2, 4, 6):
            bits = sum(((codes >> ((mirror * bit + turn) % 8)) & 1) << bit for bit in range(8))
            columns.append(weights[bits])
    return np.stack(columns, axis=1)


def _weights(count: int, stream: int) -> np.ndarray:
    return np.random.Generator(np.random.Philox(stream)).integers(1, MASK, count, np.uint64, endpoint=True)


def _proposals(hashes: np.ndarray) -> np.ndarray:
    """Propose pairs of tiles with equal hashes: each tile with its next `FOLLOWERS`."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    found = []
    for step in range(1, FOLLOWERS + 1):
        same = (ordered[step:] == ordered[:-step]) & (ordered[step:] != 0)
        found.append(np.stack([order[:-step][same], order[step:][same]], axis=1))
    return np.concatenate(found)


def _still(images: np.ndarray, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs whose edges agree in place."""
    kept, hows = [np.zeros((0, 2), np.int64)], [np.zeros(0, np.int64)]
    for part, first, second in _gather(images, pairs):
        alike = _likeness(edges(first), edges(second)) >= ALIKE
        ink = ((first[..., 3] | second[..., 3]) > 0).sum(axis=(1, 2))
        changed = (first != second).any(axis=-1).sum(axis=(1, 2)) / np.maximum(ink, 1)
        kept.append(part[alike])
        hows.append(np.where(changed[alike] <= 1 - ALIKE, FEW, RECOLOURED))
    return np.concatenate(kept), np.concatenate(hows)


def _moving(images: np.ndarray, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs whose edges agree after a reflection, a rotation or a shift of one pixel."""
    kept, hows = [np.zeros((0, 2), np.int64)], [np.zeros(0, np.int64)]
    for part, first, second in _gather(images, pairs):
        how = np.full(len(part), -1)
        one = edges(first)
        is_square = first.shape[1] == first.shape[2]
        for position in range(8):
            if position % 2 and not is_square:
                continue  # a quarter turn has another shape
            turned = np.rot90(second[:, :, ::-1] if position >= 4 else second, position % 4, (1, 2))
            for down, right in _steps():
                alike = _likeness(one, edges(np.roll(turned, (down, right), (1, 2)))) >= ALIKE
                name = MIRRORED if position else MOVED if (down, right) != (0, 0) else RECOLOURED
                how[alike & (how < 0)] = name
        kept.append(part[how >= 0])
        hows.append(how[how >= 0])
    return np.concatenate(kept), np.concatenate(hows)


def _steps() -> list[tuple[int, int]]:
    """Return the zero shift, then every shift by one pixel."""
    return sorted(((y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)), key=lambda step: step != (0, 0))


def _likeness(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the intersection over union of the edges, or of the gaps if that is lower: (N,), 0 to 1.

    Returns 0 if either picture has too few edges or gaps. Gaps count because noise consists of edges and
    would match any picture.
    """
    height, width = first.shape[-2:]
    places = height * (width - 1) + width * (height - 1)
    both = (first & second).sum(axis=(1, 2, 3))
    either = (first | second).sum(axis=(1, 2, 3))
    edges_alike = both / np.maximum(either, 1)
    gaps_alike = (places - either) / np.maximum(places - both, 1)
    enough = (either >= FEWEST_EDGES) & (places - both >= FEWEST_EDGES)
    return np.where(enough, np.minimum(edges_alike, gaps_alike), 0.0)


def _keys(pairs: np.ndarray, count: int) -> np.ndarray:
    return pairs[:, 0] * count + pairs[:, 1]


def _chunks(images: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    step = max(1, CHUNK_BYTES // int(np.prod(images.shape[1:])))
    for start in range(0, len(images), step):
        yield start, np.ascontiguousarray(images[start : start + step])


def _gather(images: np.ndarray, pairs: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    step = max(1, CHUNK_BYTES // int(np.prod(images.shape[1:])))
    for start in range(0, len(pairs), step):
        part = pairs[start : start + step]
        yield part, np.ascontiguousarray(images[part[:, 0]]), np.ascontiguousarray(images[part[:, 1]])
