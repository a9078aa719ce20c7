"""Projects of the editor LDtk 1.5.3 (.ldtk): one level with terrain, auto-layer rules, tiles and entities.

LDtk requires nearly all keys of its objects, and refuses a project in which a uid does not resolve. The schema is
https://ldtk.io/json/; layers are listed from the top.
"""

import json
import re
import uuid
from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np

from tilewright.errors import UsageError
from tilewright.formats import ldtk_parts
from tilewright.formats.ldtk_parts import Json
from tilewright.formats.ldtk_rules import Rule, rules_of, terrain_at_corners
from tilewright.formats.png import columns_of, tileset_png
from tilewright.level.map import EMPTY, Layer, Map

VERSION = "1.5.3"


def map_files(level: Map, stem: str) -> dict[str, bytes]:
    """Return NAME.png and NAME.ldtk."""
    height, width = level.tileset.shape
    if height != width:
        raise UsageError(f"Map.save(): LDtk has square tiles, and these are {width}x{height}")
    project = _Project(level, f"{stem}.png").to_json()
    text = json.dumps(project, ensure_ascii=False, separators=(",", ":"))
    return {f"{stem}.png": tileset_png(level.tileset), f"{stem}.ldtk": text.encode()}


class _Project:
    """Numbers and names that the parts of one project share."""

    def __init__(self, level: Map, image: str) -> None:
        self.level = level
        self.tileset = level.tileset
        self.size = level.tileset.shape[0]
        self.image = image
        self._uids = count(1)
        self._names: set[str] = set()
        self.level_uid, self.tileset_uid, self.enum_uid, self.field_uid = (self.uid() for _ in range(4))
        self.definitions: list[Json] = []
        self.instances: list[Json] = []

    def uid(self) -> int:
        return next(self._uids)

    def iid(self, *what: object) -> str:
        """A unique identifier of a part, the same for the same map."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"tilewright/{self.level.name}/{self.level.seed}/{what}"))

    def name(self, text: str, scope: str) -> str:
        """An identifier as LDtk has them: letters, digits and _, unique in its scope."""
        plain = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_") or scope
        plain = plain[0].upper() + plain[1:] if plain[0].isalpha() else f"{scope}_{plain}"
        for number in count(1):
            free = plain if number == 1 else f"{plain}_{number}"
            if f"{scope}/{free}" not in self._names:
                self._names.add(f"{scope}/{free}")
                return free
        raise AssertionError

    def to_json(self) -> Json:
        """Return the whole project."""
        entities = self._entities()
        rules = rules_of(self.level)
        for layer in reversed(self.level.layers[1:] if rules else self.level.layers):
            self._tile_layer(layer)
        if self.level.terrain is not None:
            self._terrain_layer(rules)
        definitions = {
            "layers": self.definitions,
            "entities": entities,
            "tilesets": [self._tileset()],
            "enums": [ldtk_parts.enum(self.enum_uid)],
            "externalEnums": [],
            "levelFields": [ldtk_parts.text_field(self.field_uid, "Provenance", "Multilines", "F_Text")],
        }
        return _project(self, definitions, [self._level()])

    def _level(self) -> Json:
        rows, columns = self.level.shape
        groups = {"tileset": self.tileset.provenance, "map": self.level.facts}
        text = "\n".join(
            f"{of} {key}: {value}" for of, facts in groups.items() for key, value in facts.items()
        )
        return {
            "identifier": self.name(self.level.name, "Level"),
            "iid": self.iid("level"),
            "uid": self.level_uid,
            "worldX": 0,
            "worldY": 0,
            "worldDepth": 0,
            "pxWid": columns * self.size,
            "pxHei": rows * self.size,
            "__bgColor": "#40465B",
            "bgColor": None,
            "useAutoIdentifier": False,
            "bgRelPath": None,
            "bgPos": None,
            "bgPivotX": 0.5,
            "bgPivotY": 0.5,
            "__smartColor": "#ADADB5",
            "__bgPos": None,
            "externalRelPath": None,
            "fieldInstances": [ldtk_parts.text_value(self.field_uid, "Provenance", "Multilines", text)],
            "layerInstances": self.instances,
            "__neighbours": [],
        }

    def _tileset(self) -> Json:
        columns = columns_of(len(self.tileset))
        rows = -(-len(self.tileset) // columns)
        solid = np.flatnonzero(self.tileset.solid).tolist()
        return {
            "__cWid": columns,
            "__cHei": rows,
            "identifier": self.name(self.tileset.name, "Tileset"),
            "uid": self.tileset_uid,
            "relPath": self.image,
            "embedAtlas": None,
            "pxWid": columns * self.size,
            "pxHei": rows * self.size,
            "tileGridSize": self.size,
            "spacing": 0,
            "padding": 0,
            "tags": [],
            "tagsSourceEnumUid": self.enum_uid,
            "enumTags": [{"enumValueId": "Solid", "tileIds": solid}],
            "customData": [],
            "savedSelections": [],
            "cachedPixelData": None,
        }

    def _tile(self, tile: int, x: int, y: int, place: list[int]) -> Json:
        """A tile at a pixel of its layer. place: where the editor keeps it."""
        columns = columns_of(len(self.tileset))
        source = [tile % columns * self.size, tile // columns * self.size]
        return {"px": [x, y], "src": source, "f": 0, "t": tile, "d": place, "a": 1}

    def _add_layer(self, kind: str, name: str, offset: tuple[int, int], **fields: Any) -> tuple[Json, Json]:
        """Add a layer below those there are. Returns its definition and its instance, to be completed.

        offset: pixels, of the definition.
        """
        uid, (rows, columns) = self.uid(), self.level.shape
        identifier = self.name(name, "Layer")
        definition = ldtk_parts.layer_definition(kind, identifier, uid, self.size, offset)
        has_tiles = kind != "Entities"
        definition["tilesetDefUid"] = self.tileset_uid if has_tiles else None
        instance: Json = {
            "__identifier": identifier,
            "__type": kind,
            "__cWid": columns,
            "__cHei": rows,
            "__gridSize": self.size,
            "__opacity": 1,
            "__pxTotalOffsetX": offset[0],
            "__pxTotalOffsetY": offset[1],
            "__tilesetDefUid": self.tileset_uid if has_tiles else None,
            "__tilesetRelPath": self.image if has_tiles else None,
            "iid": self.iid("layer", identifier),
            "levelId": self.level_uid,
            "layerDefUid": uid,
            "pxOffsetX": 0,
            "pxOffsetY": 0,
            "visible": True,
            "optionalRules": [],
            "intGridCsv": [],
            "autoLayerTiles": [],
            "seed": (self.level.seed or 0) % 10**7,
            "overrideTilesetUid": None,
            "gridTiles": [],
            "entityInstances": [],
            **fields,
        }
        self.definitions.append(definition)
        self.instances.append(instance)
        return definition, instance

    def _tile_layer(self, layer: Layer) -> None:
        columns = layer.tiles.shape[1]
        tiles = [
            self._tile(tile, x * self.size, y * self.size, [y * columns + x])
            for y, x, tile in _cells_of(layer)
        ]
        self._add_layer("Tiles", layer.name, layer.offset, gridTiles=tiles)

    def _terrain_layer(self, rules: Sequence[Rule]) -> None:
        """Add the IntGrid of the terrain. With rules, it also draws the lowest layer of the map.

        Terrain of corners has a cell more in each direction, and lies half a cell up and left.
        """
        terrain, half = self.level.terrain, 0
        assert terrain is not None
        definition, instance = self._add_layer("IntGrid", "Terrain", (0, 0))
        if terrain_at_corners(self.level):
            half = self.size // 2
            instance |= {"pxOffsetX": -half, "pxOffsetY": -half}
            instance |= {"__pxTotalOffsetX": -half, "__pxTotalOffsetY": -half}
        rows, columns = terrain.shape
        instance |= {"__cWid": columns, "__cHei": rows, "intGridCsv": (terrain.ravel() + 1).tolist()}
        names: set[str] = set()
        definition["intGridValues"] = [
            ldtk_parts.grid_value(number, _value_name(material.name, names), material.colour)
            for number, material in enumerate(self.tileset.terrains, 1)
        ]
        if not rules:
            return
        group = self.uid()
        uids = [self.uid() for _ in rules]
        definition["autoRuleGroups"] = [
            ldtk_parts.rule_group(
                group, [ldtk_parts.rule(u, r, half) for u, r in zip(uids, rules, strict=True)]
            )
        ]
        rule_of = {tile: uid for uid, rule in zip(uids, rules, strict=True) for tile in rule.tiles}
        instance["autoLayerTiles"] = [
            self._tile(tile, x * self.size + half, y * self.size + half, [rule_of[tile], y * columns + x])
            for y, x, tile in _cells_of(self.level.layers[0])
        ]

    def _entities(self) -> list[Json]:
        """Add the layer of objects, if there are any. Returns the definitions of their kinds."""
        if not self.level.objects:
            return []
        kinds: dict[str, Json] = {}
        _, instance = self._add_layer("Entities", "Entities", (0, 0))
        for number, thing in enumerate(self.level.objects):
            width, height = thing.width or self.size, thing.height or self.size
            if thing.kind not in kinds:
                identifier = self.name(thing.kind, "Entity")
                kinds[thing.kind] = ldtk_parts.entity_definition(self.uid, identifier, width, height)
            kind = kinds[thing.kind]
            instance["entityInstances"].append(
                {
                    "__identifier": kind["identifier"],
                    "__grid": [thing.x // self.size, thing.y // self.size],
                    "__pivot": [0, 0],
                    "__tags": [],
                    "__tile": None,
                    "__smartColor": kind["color"],
                    "__worldX": thing.x,
                    "__worldY": thing.y,
                    "iid": self.iid("entity", number),
                    "width": width,
                    "height": height,
                    "defUid": kind["uid"],
                    "px": [thing.x, thing.y],
                    "fieldInstances": [
                        ldtk_parts.text_value(kind["fieldDefs"][0]["uid"], "Name", "String", thing.name)
                    ],
                }
            )
        return list(kinds.values())


def _cells_of(layer: Layer) -> list[tuple[int, int, int]]:
    """Row, column and tile of all cells that are not empty."""
    rows, columns = np.nonzero(layer.tiles != EMPTY)
    return list(zip(rows.tolist(), columns.tolist(), layer.tiles[rows, columns].tolist(), strict=True))


def _value_name(text: str, names: set[str]) -> str:
    """An identifier of an IntGrid value, which no earlier one has."""
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", text) or "_"
    while plain in names:
        plain += "_"
    names.add(plain)
    return plain


def _project(project: _Project, definitions: Json, levels: list[Json]) -> Json:
    size, (rows, columns) = project.size, project.level.shape
    return {
        "__header__": {
            "fileType": "LDtk Project JSON",
            "app": "LDtk",
            "doc": "https://ldtk.io/json",
            "schema": "https://ldtk.io/files/JSON_SCHEMA.json",
            "appAuthor": "Sebastien 'deepnight' Benard",
            "appVersion": VERSION,
            "url": "https://ldtk.io",
        },
        "iid": project.iid("project"),
        "jsonVersion": VERSION,
        "appBuildId": 473703,
        "nextUid": project.uid(),
        "identifierStyle": "Capitalize",
        "toc": [],
        "worldLayout": "Free",
        "worldGridWidth": columns * size,
        "worldGridHeight": rows * size,
        "defaultLevelWidth": columns * size,
        "defaultLevelHeight": rows * size,
        "defaultPivotX": 0,
        "defaultPivotY": 0,
        "defaultGridSize": size,
        "defaultEntityWidth": size,
        "defaultEntityHeight": size,
        "bgColor": "#40465B",
        "defaultLevelBgColor": "#40465B",
        "minifyJson": True,
        "externalLevels": False,
        "exportTiled": False,
        "simplifiedExport": False,
        "imageExportMode": "None",
        "exportLevelBg": True,
        "pngFilePattern": None,
        "backupOnSave": False,
        "backupLimit": 10,
        "backupRelPath": None,
        "levelNamePattern": "Level_%idx",
        "tutorialDesc": None,
        "customCommands": [],
        "flags": [],
        "defs": definitions,
        "levels": levels,
        "worlds": [],
        "dummyWorldIid": project.iid("world"),
    }
