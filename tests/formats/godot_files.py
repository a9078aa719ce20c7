"""A small reader of Godot's text resources, written from Godot's documentation, without tilewright's code.

https://docs.godotengine.org/en/stable/engine_details/file_formats/tscn.html
"""

import base64
import re
from dataclasses import dataclass, field
from typing import Any

TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>-?[0-9][0-9.e+-]*)|(?P<name>\w+)|(?P<mark>&(?=")|[(){}\[\],:=]))',
    re.S,
)


@dataclass
class Section:
    """A heading with its attributes, and the properties below it in their order."""

    name: str
    attributes: dict[str, Any]
    properties: dict[str, Any] = field(default_factory=dict)


class Reader:
    """Reads values from a text."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def token(self) -> tuple[str, str]:
        match = TOKEN.match(self.text, self.at)
        assert match is not None and match.lastgroup is not None, self.text[self.at : self.at + 40]
        self.at = match.end()
        return match.lastgroup, match[match.lastgroup]

    def peek(self) -> str:
        before = self.at
        token = self.token()[1]
        self.at = before
        return token

    def value(self) -> Any:
        kind, text = self.token()
        if kind == "string":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "number":
            return float(text) if re.search(r"[.e]", text) else int(text)
        if kind == "name":
            if text in ("true", "false", "null"):
                return {"true": True, "false": False, "null": None}[text]
            assert self.token()[1] == "("
            return (text, *self.values(")"))
        if text == "&":  # before the text of a StringName
            return self.value()
        if text == "[":
            return self.values("]")
        assert text == "{"
        pairs = {}
        while self.peek() != "}":
            key = self.value()
            assert self.token()[1] == ":"
            pairs[key] = self.value()
            if self.peek() == ",":
                self.token()
        self.token()
        return pairs

    def values(self, end: str) -> list[Any]:
        found = []
        while self.peek() != end:
            found.append(self.value())
            if self.peek() == ",":
                self.token()
        self.token()
        return found


def read(text: str) -> list[Section]:
    """Read a .tres or .tscn."""
    sections: list[Section] = []
    for line in text.splitlines():
        if line.startswith("["):
            reader = Reader(line[1:])
            name, attributes = reader.token()[1], {}
            while reader.peek() != "]":
                key = reader.token()[1]
                assert reader.token()[1] == "="
                attributes[key] = reader.value()
            sections.append(Section(name, attributes))
        elif line:
            key, _, value = line.partition(" = ")
            assert key not in sections[-1].properties
            reader = Reader(value)
            sections[-1].properties[key] = reader.value()
            assert reader.at == len(value)
    return sections


@dataclass
class Tile:
    """A tile of an atlas as Godot has it after reading. frames: cells in the sheet and seconds."""

    cell: tuple[int, int]
    data: dict[str, Any]
    frames: list[tuple[tuple[int, int], float]]


def tiles(source: Section) -> dict[tuple[int, int], Tile]:
    """The tiles of a TileSetAtlasSource. As in Godot, what belongs to a tile must follow it."""
    found: dict[tuple[int, int], Tile] = {}
    animated: dict[tuple[int, int], dict[str, Any]] = {}
    for key, value in source.properties.items():
        match = re.fullmatch(r"(\d+):(\d+)/(.*)", key)
        if match is None:
            continue
        cell, rest = (int(match[1]), int(match[2])), match[3]
        if rest == "0":
            assert value == 0 and cell not in found
            found[cell] = Tile(cell, {}, [(cell, 1.0)])
        elif rest.startswith("0/"):
            found[cell].data[rest[2:]] = value
        else:
            animated.setdefault(cell, {})[rest] = value
    taken = set(found)
    for (x, y), values in animated.items():
        count = sum(name.endswith("/duration") for name in values)
        assert values["animation_columns"] >= count
        frames = [((x + number, y), values[f"animation_frame_{number}/duration"]) for number in range(count)]
        found[x, y].frames = frames
        others = {cell for cell, _ in frames[1:]}
        assert not others & taken, "Godot refuses frames on the cells of other tiles"
        taken |= others
    return found


def cells(data: tuple[Any, ...]) -> dict[tuple[int, int], tuple[int, int]]:
    """The place in the sheet for each cell of a TileMapLayer, by (x, y)."""
    name, text = data
    assert name == "PackedByteArray"
    content = base64.b64decode(text, validate=True)
    assert content[:2] == b"\0\0" and len(content) % 12 == 2
    found = {}
    for at in range(2, len(content), 12):
        x, y, source, sheet_x, sheet_y, alternative = (
            int.from_bytes(content[at + 2 * i : at + 2 * i + 2], "little", signed=i < 2) for i in range(6)
        )
        assert (source, alternative) == (0, 0)
        found[x, y] = (sheet_x, sheet_y)
    return found
