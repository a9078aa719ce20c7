"""Picture files by chance: whole ones in every mode that training reads, and damaged ones. A target of targets.py."""

import io
import struct
import zlib
from random import Random

import numpy as np
from PIL import Image

from .values import damage_bytes

EDGES = (1, 2, 7, 8, 15, 16, 17, 18, 32, 33, 48, 64, 65, 100)
HUGE = (0, 1, 4096, 4097, 20_000, 65_535, 2**31 - 1, 2**31, 2**32 - 1)
MODES = ("RGBA", "RGBA", "RGB", "P", "P", "L", "LA", "1", "I;16")
CHUNKS = (
    b"IHDR",
    b"PLTE",
    b"tRNS",
    b"IDAT",
    b"IEND",
    b"gAMA",
    b"iCCP",
    b"zTXt",
    b"iTXt",
    b"acTL",
    b"fcTL",
    b"fdAT",
    b"eXIf",
)


def make_picture(seed: int) -> bytes:
    """A PNG, GIF, BMP or WebP file of a sheet of tiles; most are damaged somehow."""
    rng = Random(seed)
    choice = rng.random()
    if choice < 0.15:
        return _encoded(_sheet(rng), rng.choice(("BMP", "WEBP")), rng)
    content = _gif(rng) if choice < 0.4 else _encoded(_sheet(rng), "PNG", rng)
    damage = rng.random()
    if damage < 0.35:
        return content
    if damage < 0.7 and choice >= 0.4:
        return _damaged_png(rng, content)
    if damage < 0.8 and choice < 0.4:
        return _resized_gif(rng, content)
    return damage_bytes(rng, content)


def _sheet(rng: Random) -> Image.Image:
    """Tiles of few colours, with a margin and a spacing or without, in any mode; sometimes of any size."""
    tile, gap, margin = (
        rng.choice((4, 8, 16, 16, 16, 18, 32)),
        rng.choice((0, 0, 1, 2)),
        rng.choice((0, 0, 1, 8)),
    )
    width, height = (2 * margin + rng.randint(1, 5) * (tile + gap) - gap for _ in range(2))
    if rng.random() < 0.3:
        width, height = rng.choice(EDGES), rng.choice(EDGES)
    numbers = np.random.default_rng(rng.getrandbits(32))
    colours = numbers.integers(0, 256, (rng.choice((1, 2, 4, 16, 300)), 4), np.uint8)
    colours[:, 3] = numbers.choice(np.array((0, 1, 127, 128, 255, 255, 255, 255), np.uint8), len(colours))
    pixels = colours[numbers.integers(0, len(colours), (height, width))]
    y, x = np.ogrid[:height, :width]
    beside = ((y - margin) % (tile + gap) >= tile) | ((x - margin) % (tile + gap) >= tile)
    pixels[beside] = rng.choice(((0, 0, 0, 0), (255, 0, 255, 255)))
    noisy = numbers.random((height, width)) < rng.choice((0, 0, 0.3))
    pixels[noisy] = colours[0]
    times = rng.choice((1, 1, 1, 2, 3))
    picture = Image.fromarray(pixels.repeat(times, 0).repeat(times, 1))
    mode = rng.choice(MODES)
    if mode == "I;16":
        return Image.fromarray(np.asarray(picture.convert("L"), np.uint16) * 257)
    return picture.quantize(16) if mode == "P" else picture.convert(mode)


def _encoded(picture: Image.Image, suffix: str, rng: Random) -> bytes:
    if suffix != "PNG" and picture.mode not in ("RGB", "RGBA"):
        picture = picture.convert("RGBA")
    options = (
        {"transparency": rng.randrange(16)}
        if picture.mode == "P" and suffix == "PNG" and rng.random() < 0.5
        else {}
    )
    file = io.BytesIO()
    picture.save(file, suffix, **options)
    return file.getvalue()


def _gif(rng: Random) -> bytes:
    file = io.BytesIO()
    frames = [_sheet(rng).convert("RGBA") for _ in range(rng.choice((1, 1, 2, 3)))]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], disposal=rng.choice((0, 1, 2)))
    return file.getvalue()


def _resized_gif(rng: Random, content: bytes) -> bytes:
    size = struct.pack("<HH", *(min(rng.choice(HUGE), 65_535) for _ in range(2)))
    return content[:6] + size + content[10:]


def _damaged_png(rng: Random, content: bytes) -> bytes:
    """Chunks changed, dropped, repeated, moved or new, with checksums that are right."""
    chunks, at = [], 8
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + length]))
        at += 12 + length
    for _ in range(rng.choice((1, 1, 2))):
        i, choice = rng.randrange(len(chunks)), rng.randrange(7)
        name, data = chunks[i]
        if choice < 2:  # IHDR, as a rule
            i, (name, data) = 0, chunks[0]
            size = struct.pack(">II", *(rng.choice((*HUGE, 16, 64)) for _ in range(2)))
            chunks[i] = (
                name,
                (size if rng.random() < 0.6 else data[:8])
                + bytes(
                    (
                        rng.choice((1, 2, 4, 8, 16, 3)),
                        rng.choice((0, 2, 3, 4, 6, 1)),
                        *data[10:12],
                        rng.choice((0, 1, 2)),
                    )
                ),
            )
        elif choice == 2 and data:
            chunks[i] = name, damage_bytes(rng, data)
        elif choice == 3:
            del chunks[i]
        elif choice == 4:
            chunks.insert(rng.randrange(len(chunks)), chunks[i])
        elif choice == 5:
            bomb = (
                zlib.compress(bytes(rng.choice((10, 1 << 22)))) if rng.random() < 0.3 else rng.randbytes(20)
            )
            chunks.insert(
                rng.randrange(len(chunks)),
                (rng.choice(CHUNKS), rng.choice((b"", b"\0", b"x\0\0", b"a\0")) + bomb),
            )
        else:
            chunks[i] = rng.choice(CHUNKS), data
        if not chunks:
            break
    body = (_chunk(name, data) for name, data in chunks)
    return content[:8] + b"".join(body)


def _chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
