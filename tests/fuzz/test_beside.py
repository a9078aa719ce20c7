"""Damaged lists and tilesets beside a picture: no exception escapes, and frames lie within the picture."""

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest

from tilewright_training.art.files import Picture
from tilewright_training.art.frames import MAX_FRAMES, boxes_of_cells, cut_frames, stated_beside

WIDTH, HEIGHT = 40, 30
CASES = 1500
BOXES = [(0, 0, 8, 8), (10, 2, 16, 12), (30, 20, 10, 10)]
LINES = "".join(f"sprite_{i} {x} {y} {w} {h}\n" for i, (x, y, w, h) in enumerate(BOXES))
FRAMES = [{"filename": str(i), "frame": dict(zip("xywh", box, strict=True))} for i, box in enumerate(BOXES)]
FIELDS = {"tilewidth": 8, "tileheight": 8, "margin": 1, "spacing": 2, "image": "atlas.png"}
FIELDS |= {"imagewidth": WIDTH, "imageheight": HEIGHT}
TSX = (
    '<?xml version="1.0" encoding="UTF-8"?><tileset tilewidth="8" tileheight="8" spacing="2" margin="1">'
    f'<image source="atlas.png" width="{WIDTH}" height="{HEIGHT}"/></tileset>'
)
FILES = {
    "atlas.txt": LINES,
    "atlas.json": json.dumps({"frames": FRAMES, "meta": {"image": "atlas.png"}}),
    "atlas.tsj": json.dumps(FIELDS),
    "atlas.tsx": TSX,
}
PIECES = [
    *(
        "-1",
        "0",
        "99999999999999999999",
        "1e9",
        "NaN",
        "null",
        "true",
        "[]",
        "{}",
        '""',
        "{",
        "]",
        '"',
        "<",
        ">",
        "&",
    ),
    *(
        "<!DOCTYPE t SYSTEM 'file:///etc/hostname'>",
        "<!ENTITY a 'aaaaaaaaaa'>",
        "&a;",
        "<tileset>",
        "<image/>",
    ),
    *(
        "../atlas.png",
        "\x00",
        "\n",
        "٣",
        "\ud800",
        '"frames":',
        '"rotated":true,',
        "[" * 3000,
        "a 0 0 1 1 65535\n",
    ),
]


def damaged(rng: Random, text: str) -> bytes:
    """Change, cut or repeat one to four bytes or words."""
    content = text.encode()
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(content) + 1)
        stop = min(len(content), place + rng.choice([0, 1, 2, 8, 40]))
        piece = rng.choice(
            [
                rng.choice(PIECES).encode("utf-8", "surrogatepass"),
                rng.randbytes(2),
                b"",
                content[place:stop] * 2,
            ]
        )
        content = content[:place] + piece + content[stop:]
    return content


@pytest.mark.parametrize("name", FILES)
def test_damaged_files_beside_a_picture(tmp_path: Path, name: str) -> None:
    picture = Picture(tmp_path / "atlas.png", "atlas.png", (name,))
    pixels = np.ones((HEIGHT, WIDTH, 4), np.uint8)
    used = told = 0
    for seed in range(-1, CASES):
        content = FILES[name].encode() if seed < 0 else damaged(Random(f"{name} {seed}"), FILES[name])
        (tmp_path / name).write_bytes(content)
        stated = stated_beside(picture, WIDTH, HEIGHT)
        assert "\n" not in stated.doubt and len(stated.doubt) < 200, seed
        frames = stated.frames
        if stated.cells is not None:
            frames = boxes_of_cells(stated.cells, WIDTH, HEIGHT)
            assert frames, seed
        assert len(frames) <= MAX_FRAMES
        if frames:
            assert not stated.doubt
            assert cut_frames(pixels, frames, (HEIGHT, WIDTH)).any(axis=(1, 2, 3)).all(), seed
        used, told = used + bool(frames), told + bool(stated.doubt)
        assert seed >= 0 or frames
    assert used > 10 and told > 10


def test_no_entity_is_expanded_or_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("atlas.png")
    entity = f"<!DOCTYPE tileset [<!ENTITY a SYSTEM '{(tmp_path / 'secret').as_uri()}'>]>"
    picture = Picture(tmp_path / "atlas.png", "atlas.png", ("atlas.tsx",))
    for text in (TSX.replace("<tileset", entity + "<tileset"), TSX.replace('"atlas.png"', '"&a;"')):
        (tmp_path / "atlas.tsx").write_text(text)
        found = stated_beside(picture, WIDTH, HEIGHT)
        assert found.cells is None and found.doubt
