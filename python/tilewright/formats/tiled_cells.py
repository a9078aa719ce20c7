"""The cells of a layer of a .tmx: CSV, base 64 with or without compression, or an element per cell.

Sizes are known before anything is decoded, and nothing is decompressed further.
"""

import base64
import binascii
import re
import zlib
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from tilewright.arrays import Uint32Array
from tilewright.errors import DataError
from tilewright.formats.xml_tree import integer
from tilewright.level.map import MAX_CELLS

_CSV = re.compile(r"(?:[0-9]{1,10}\s*+,\s*+)*+[0-9]{1,10}", re.ASCII)
_WINDOW = {"zlib": zlib.MAX_WBITS, "gzip": zlib.MAX_WBITS | 16}
FAR = 1 << 20  # cells from the origin that a chunk of an infinite map may lie


def read_cells(data: Element, shape: tuple[int, int] | None, path: Path) -> tuple[int, int, Uint32Array]:
    """Return the left and the top cell of a layer, and its cells with Tiled's flags, uint32 (H, W).

    shape: height and width of the map; None for an infinite one, which has chunks.
    """
    if shape is not None:
        return 0, 0, _decoded(data, data, shape, path)
    chunks = [(*(_place(chunk, path)), chunk) for chunk in data.iterfind("chunk")]
    if not chunks:
        return 0, 0, np.zeros((0, 0), np.uint32)
    left, top = min(c[0] for c in chunks), min(c[1] for c in chunks)
    right, bottom = max(c[0] + c[2] for c in chunks), max(c[1] + c[3] for c in chunks)
    if (right - left) * (bottom - top) > MAX_CELLS or sum(c[2] * c[3] for c in chunks) > MAX_CELLS:
        raise DataError(
            f"{path}: the chunks cover {right - left}x{bottom - top} cells, more than {MAX_CELLS}"
        )
    cells = np.zeros((bottom - top, right - left), np.uint32)
    for x, y, width, height, chunk in chunks:
        part = _decoded(chunk, data, (height, width), path)
        cells[y - top : y - top + height, x - left : x - left + width] = part
    return left, top, cells


def _place(chunk: Element, path: Path) -> tuple[int, int, int, int]:
    x, y = (integer(chunk, key, path, least=-FAR, most=FAR) for key in ("x", "y"))
    width, height = (integer(chunk, key, path, least=1, most=MAX_CELLS) for key in ("width", "height"))
    return x, y, width, height


def _decoded(element: Element, data: Element, shape: tuple[int, int], path: Path) -> Uint32Array:
    """Decode the text of `element`. data: says how; it is the element itself, or has it as a chunk."""
    encoding, count = data.get("encoding"), shape[0] * shape[1]
    if encoding is None:
        tiles = element.findall("tile")
        if len(tiles) != count:
            raise _wrong(path, count, len(tiles))
        numbers = [integer(tile, "gid", path, 0, most=2**32 - 1) for tile in tiles]
        return np.array(numbers, np.uint32).reshape(shape)
    text = element.text or ""
    if encoding == "csv":
        return _from_csv(text, count, path).reshape(shape)
    if encoding == "base64":
        return (
            np.frombuffer(_from_base64(text, data, 4 * count, path), "<u4").astype(np.uint32).reshape(shape)
        )
    raise DataError(f"{path}: layers must be in csv or base64, not {encoding!r:.40}")


def _from_csv(text: str, count: int, path: Path) -> Uint32Array:
    text = text.strip().removesuffix(",")  # some writers end with a comma
    found = text.count(",") + 1
    if found != count:
        raise _wrong(path, count, found)
    if not _CSV.fullmatch(text):
        raise DataError(f"{path}: a layer in csv must have numbers of at most ten digits between commas")
    numbers = np.fromstring(text, np.int64, sep=",")
    if len(numbers) != count or numbers.max() >= 2**32:
        raise DataError(f"{path}: a layer in csv has a cell that is no number below 2**32")
    return numbers.astype(np.uint32)


def _from_base64(text: str, data: Element, size: int, path: Path) -> bytes:
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error) as error:
        raise DataError(f"{path}: a layer is not in base64") from error
    compression = data.get("compression") or "none"
    if compression in _WINDOW:
        unpacker = zlib.decompressobj(_WINDOW[compression])
        try:
            content = unpacker.decompress(content, size + 1)
        except zlib.error as error:
            raise DataError(f"{path}: a layer is not {compression} data") from error
    elif compression != "none":
        raise DataError(
            f"{path}: layers must be compressed by zlib, gzip or not at all, not {compression!r:.40}"
        )
    if len(content) != size:
        raise DataError(f"{path}: a layer has {'more' if len(content) > size else 'less'} than {size} bytes")
    return content


def _wrong(path: Path, count: int, found: int) -> DataError:
    return DataError(f"{path}: a layer has {found} cells instead of {count}")
