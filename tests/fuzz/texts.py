"""Random palette files and coarse maps, which people write by hand. Targets of targets.py."""

import io
from random import Random

from PIL import Image

from .values import damage_bytes

PALETTE_LINES = (
    *(
        "GIMP Palette",
        "Name: x",
        "Columns: 4",
        "Channels: RGBA",
        "#",
        "# comment",
        "JASC-PAL",
        "0100",
        "2",
        "3",
        "256",
    ),
    *(
        "255 0 255",
        "0 0 0 0",
        "1\t2\t3\tname",
        "256 0 0",
        "-1 0 0",
        "1 2",
        "1 2 3 4 5",
        "a b c",
        ";paint.net Palette File",
    ),
    *(
        "ff00ff",
        "#ff00ff",
        "ff00ff80",
        "f0f",
        "#f0fa",
        "12345",
        "; comment",
        "// comment",
        "FF112233",
        "0x112233",
        "",
    ),
)


def make_palette(seed: int) -> bytes:
    """Make a palette file: lines of all formats, mostly of one, perhaps damaged."""
    rng = Random(seed)
    head = rng.choice((["GIMP Palette", "Name: x", "#"], ["JASC-PAL", "0100", "3"], [";paint.net"], [], []))
    colours = [_colour(rng, head) for _ in range(rng.choice((0, 1, 3, 3, 3, 16, 256, 300)))]
    lines = head + colours
    while rng.random() < 0.5:
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(PALETTE_LINES))
    text = rng.choice(("\n", "\n", "\r\n", "\r", "\n\n", "\x0b")).join(lines)
    content = (b"\xef\xbb\xbf" if rng.random() < 0.1 else b"") + text.encode()
    return damage_bytes(rng, content) if rng.random() < 0.3 else content


def _colour(rng: Random, head: list[str]) -> str:
    if head and head[0] in ("GIMP Palette", "JASC-PAL"):
        return " ".join(str(rng.randrange(256)) for _ in range(3)) + ("\tname" if head[0][0] == "G" else "")
    return f"{rng.getrandbits(32):08x}" if head else f"{rng.getrandbits(24):06x}"


LETTERS = "...###~~~gw ,=\t\r\x00\x0b\x1b\x85\u2028é\U0001f332"


def make_coarse(seed: int) -> bytes:
    """A coarse map: letters, a picture of few colours, or either with damage."""
    rng = Random(seed)
    if rng.random() < 0.3:
        pixels = bytes(rng.choice((0, 64, 160, 255)) for _ in range(4 * 12 * rng.randint(1, 12)))
        file = io.BytesIO()
        Image.frombytes("RGBA", (12, len(pixels) // 48), pixels).save(file, "PNG")
        content = file.getvalue()
    else:
        known, columns = rng.choice((3, 9, 9, 11, len(LETTERS))), rng.randint(0, 20)
        rows = ["".join(rng.choices(LETTERS[:known], k=columns)) for _ in range(rng.randint(0, 12))]
        if rows and rng.random() < 0.2:
            rows[-1] += "."
        content = (
            rng.choice(("\n", "\r\n", "\r"))
            .join(rows)
            .encode(rng.choice(("utf-8", "utf-8", "utf-16", "utf-8-sig")))
        )
    return damage_bytes(rng, content) if content and rng.random() < 0.3 else content
