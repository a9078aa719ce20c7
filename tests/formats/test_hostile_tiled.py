"""Hostile maps and tilesets of Tiled: one line of error, in little time and memory."""

import gzip
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

import tilewright as tw

from .tiled_files import CSV, TMX, folder, layer, packed, read

__all__ = ["folder"]  # a fixture

HUGE = TMX.replace('width="3" height="2"', 'width="100000" height="100000"')
HOSTILE: dict[str, tuple[str | Callable[[], str], str]] = {  # functions make the texts that take long
    "unknown gid": (layer("1,2,3,4,5,7"), "a layer has tile 7, which none of its tilesets has"),
    "unknown gid, flipped": (
        layer("1,2,3,4,5,2147483655"),
        "a layer has tile 7, which none of its tilesets has",
    ),
    "gid of 33 bits": (layer("1,2,3,4,5,4294967297"), "a cell that is no number below 2**32"),
    "too few cells": (layer("1,2,3"), "a layer has 3 cells instead of 6"),
    "too many cells": (layer("1," * 1000), "a layer has 1000 cells instead of 6"),
    "no csv": (layer("1,2,3,4,5,x"), "numbers of at most ten digits between commas"),
    "zlib bomb": (
        lambda: layer(packed(zlib.compress(bytes(1 << 28), 1)), 'encoding="base64" compression="zlib"'),
        "a layer has more than 24 bytes",
    ),
    "gzip bomb": (
        lambda: layer(packed(gzip.compress(bytes(1 << 26), 1)), 'encoding="base64" compression="gzip"'),
        "a layer has more than 24 bytes",
    ),
    "no zlib": (layer(packed(b"abc"), 'encoding="base64" compression="zlib"'), "a layer is not zlib data"),
    "zstd": (layer("", 'encoding="base64" compression="zstd"'), "not 'zstd'"),
    "no base64": (layer("!", 'encoding="base64"'), "a layer is not in base64"),
    "huge map": (HUGE.format(layer=""), "100000x100000 cells, more than 4194304"),
    "huge side": (
        HUGE.replace("100000", "99999999999", 1).format(layer=""),
        "width of <map> must be in 1..4194304",
    ),
    "far chunks": (
        TMX.replace('infinite="0"', 'infinite="1"').format(
            layer='<layer><data encoding="csv"><chunk x="-1000000" y="0" width="1" height="1">1</chunk>'
            '<chunk x="0" y="1000000" width="1" height="1">1</chunk></data></layer>'
        ),
        "the chunks cover 1000001x1000001 cells, more than 4194304",
    ),
    "many layers": (layer(CSV) * 65, "more than 64 visible layers"),
    "no layer": ("", "the map has no visible layer of tiles"),
    "no tileset": (
        TMX.replace('<tileset firstgid="1" source="set.tsx"/>', "").format(layer=layer(CSV)),
        "1 to 256 tilesets, not 0",
    ),
    "outside": (
        TMX.replace("set.tsx", "../../../etc/passwd").format(layer=layer(CSV)),
        "'../../../etc/passwd' is outside of {folder}; root= names a folder that files may lie in",
    ),
    "absolute": (
        TMX.replace("set.tsx", "/etc/passwd").format(layer=layer(CSV)),
        "'/etc/passwd' is outside of",
    ),
    "backslashes": (TMX.replace("set.tsx", "..\\set.tsx").format(layer=layer(CSV)), "is outside of"),
    "a link that leads out": (
        TMX.replace("set.tsx", "link.tsx").format(layer=layer(CSV)),
        "'link.tsx' is outside of",
    ),
    "isometric": (TMX.replace("orthogonal", "isometric").format(layer=layer(CSV)), "only orthogonal maps"),
    "other tiles": (
        TMX.replace('tilewidth="16"', 'tilewidth="8"').format(layer=layer(CSV)),
        "tiles of 16x16 pixels on a grid of 8x16",
    ),
    "entities": (
        TMX.replace("<map", '<!DOCTYPE map [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<map').format(
            layer=layer("&x;")
        ),
        "it has a document type declaration, which is refused",
    ),
    "laughs": (
        '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><map>&b;</map>',
        "it has a document type declaration, which is refused",
    ),
    "deep": ('<?xml version="1.0"?>' + "<map>" * 100_000, "or more than 64 deep"),
    "many elements": (TMX.format(layer="<x/>" * 1_100_000), "more than 1048576 elements and attributes"),
    "many attributes": (
        lambda: TMX.format(layer="<x " + "".join(f'a{n}="" ' for n in range(300_000)) + "/>"),
        "a tag or a comment",
    ),
    "many attributes in all": (
        TMX.format(layer=("<x " + "".join(f'a{n}="" ' for n in range(50)) + "/>") * 30_000),
        "more than 1048576 elements and attributes",
    ),
    "no xml": ("<?xml", "not XML"),
    "other xml": ('<?xml version="1.0"?><html/>', "not a file of Tiled: it has <html> instead of <map>"),
    "offset": (layer(CSV, more='offsetx="1e99"'), "offsetx of <layer> must be at most 32768, not '1e99'"),
    "first numbers": (
        TMX.replace("{layer}", '<tileset firstgid="1" source="set.tsx"/>{layer}').format(layer=layer(CSV)),
        "the first numbers of its tilesets do not ascend",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_maps_are_one_line_of_error(folder: Path, name: str) -> None:
    (folder / "link.tsx").symlink_to("/etc/hostname")
    made, message = HOSTILE[name]
    text = made() if callable(made) else made
    before = time.process_time()
    with pytest.raises(tw.DataError) as caught:
        read(folder, text)
    assert time.process_time() - before < 5
    assert message.replace("{folder}", str(folder)) in str(caught.value)
    assert str(caught.value).startswith(str(folder))
    assert str(caught.value).isprintable()


SET = (
    '<tileset name="s" tilewidth="16" tileheight="16" tilecount="6" columns="3"><image source="set.png"/>'
    '<wangsets><wangset name="w" type="corner"><wangcolor name="a" color="#102030"/>{wang}</wangset></wangsets>{tile}'
    "</tileset>"
)
PLAIN = SET.format(wang="", tile="")


def wang(text: str) -> str:
    return SET.format(wang=text, tile="")


def tile(text: str) -> str:
    return SET.format(wang="", tile=f'<tile id="0">{text}</tile>')


HOSTILE_SETS = {
    "no image": (
        PLAIN.replace('<image source="set.png"/>', ""),
        "a tileset names no image",
    ),
    "missing image": (
        PLAIN.replace("set.png", "no.png"),
        "no.png: a broken link, or a file",
    ),
    "no picture": (
        PLAIN.replace("set.png", "set.tsx"),
        "not a PNG, GIF, BMP or WebP picture",
    ),
    "image outside": (
        PLAIN.replace("set.png", "../set.png"),
        "'../set.png' is outside of",
    ),
    "large tiles": (
        PLAIN.replace('"16"', '"99"', 1),
        "0 tiles of 99x16, not 1 to 65536",
    ),
    "no tiles": (
        PLAIN.replace('"16"', '"0"', 1),
        "tilewidth of <tileset> must be in 1..1024",
    ),
    "margin": (
        PLAIN.replace("tilecount", 'margin="-5" tilecount'),
        "margin of <tileset> must be in 0..1024",
    ),
    "tile": (SET.format(wang="", tile='<tile id="6"/>'), "id of <tile> must be in 0..5, not '6'"),
    "wang tile": (
        wang('<wangtile tileid="9" wangid="1,1,1,1,1,1,1,1"/>'),
        "tileid of <wangtile> must be in 0..5",
    ),
    "wang id": (
        wang('<wangtile tileid="0" wangid="2,1,1,1,1,1,1,1"/>'),
        "wangid must be eight of the 1 colours or 0",
    ),
    "old wang id": (
        wang('<wangtile tileid="0" wangid="0x11111111"/>'),
        "Wang sets of Tiled before 1.5",
    ),
    "colours": (
        wang("".join(f'<wangcolor name="{n}"/>' for n in range(300))),
        "more than 254 terrains",
    ),
    "frames": (
        SET.format(
            wang="",
            tile='<tile id="0"><animation>'
            + '<frame tileid="0" duration="9"/>' * 300
            + "</animation></tile>",
        ),
        "tile 0 has 300 frames, more than 256",
    ),
    "duration": (
        SET.format(
            wang="", tile='<tile id="0"><animation><frame tileid="0" duration="0"/></animation></tile>'
        ),
        "duration of <frame> must be in 1..60000",
    ),
    "probability": (
        SET.format(wang="", tile='<tile id="0" probability="nan"/>'),
        "probability of <tile> must be at most 1e+06, not 'nan'",
    ),
    "collection": (
        tile('<image source="a.png"/>'),
        "a collection of images",
    ),
    "terrain": (
        SET.format(wang="", tile='<tile id="0" terrain="0,7,,"/>'),
        "terrain must be four of the 1 terrains, not '0,7,,'",
    ),
}


@pytest.mark.parametrize("name", HOSTILE_SETS)
def test_hostile_tilesets_are_one_line_of_error(folder: Path, name: str) -> None:
    text, message = HOSTILE_SETS[name]
    (folder / "bad.tsx").write_text(text)
    with pytest.raises(tw.DataError) as caught:
        tw.load_tileset(folder / "bad.tsx")
    assert message in str(caught.value)
    assert str(caught.value).isprintable()
