"""Frames of a sheet as JSON, as TexturePacker ("JSON hash") and Aseprite write them; Phaser and PixiJS read both."""

import json

import numpy as np

from tilewright.formats.png import portable_pictures, sheet_png
from tilewright.formats.strips import Frame, Strips, Tag, frames_of, frames_of_sprite, strips
from tilewright.tileset.provenance import generator
from tilewright.tileset.sprite import Sprite
from tilewright.tileset.tileset import Tileset


def tileset_files(tileset: Tileset, stem: str) -> dict[str, bytes]:
    """Return NAME.png and NAME.json: a frame for each tile, then those of each animation, with durations and tags."""
    return _files(tileset, strips(tileset), *frames_of(tileset), stem)


def sprite_files(sprite: Sprite, stem: str) -> dict[str, bytes]:
    """Return NAME.png, with a row for each clip, and NAME.json, with a tag for each."""
    cells = np.arange(len(sprite.tileset), dtype=np.int32)
    arranged = Strips(sprite.pictures.shape[1], cells, ())
    return _files(sprite.tileset, arranged, *frames_of_sprite(sprite), stem)


def _files(
    tileset: Tileset, arranged: Strips, frames: list[Frame], tags: list[Tag], stem: str
) -> dict[str, bytes]:
    (height, width), rows = tileset.shape, -(-len(arranged.cells) // arranged.columns)
    parts = {}
    for frame in frames:
        x, y = frame.cell % arranged.columns * width, frame.cell // arranged.columns * height
        parts[f"{stem}-{frame.name}.png"] = {
            "frame": {"x": x, "y": y, "w": width, "h": height},
            "rotated": False,
            "trimmed": False,
            "spriteSourceSize": {"x": 0, "y": 0, "w": width, "h": height},
            "sourceSize": {"w": width, "h": height},
            "duration": frame.milliseconds,
        }
    meta = {
        "app": "tilewright",
        "version": generator().split()[-1],
        "image": f"{stem}.png",
        "format": "RGBA8888",
        "size": {"w": arranged.columns * width, "h": rows * height},
        "scale": "1",
        "frameTags": [
            {"name": tag.name, "from": tag.first, "to": tag.last, "direction": "forward"} for tag in tags
        ],
        "provenance": dict(tileset.provenance),
    }
    pictures, palette = portable_pictures(tileset)
    sheet = sheet_png(pictures[arranged.cells], palette, tileset.provenance, arranged.columns)
    text = json.dumps({"frames": parts, "meta": meta}, ensure_ascii=False, indent=1)
    return {f"{stem}.png": sheet, f"{stem}.json": text.encode()}
