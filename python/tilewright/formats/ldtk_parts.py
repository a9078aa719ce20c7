"""The objects of a project of LDtk whose keys mostly have fixed values. LDtk requires them all."""

from collections.abc import Callable
from typing import Any

from tilewright.formats.ldtk_rules import Rule

Json = dict[str, Any]


def layer_definition(kind: str, identifier: str, uid: int, size: int, offset: tuple[int, int]) -> Json:
    """A layer, without values and rules. offset: pixels by which it is drawn to the right and down."""
    return {
        "__type": kind,
        "identifier": identifier,
        "type": kind,
        "uid": uid,
        "doc": None,
        "uiColor": None,
        "gridSize": size,
        "guideGridWid": 0,
        "guideGridHei": 0,
        "displayOpacity": 1,
        "inactiveOpacity": 1,
        "hideInList": False,
        "hideFieldsWhenInactive": True,
        "canSelectWhenInactive": True,
        "renderInWorldView": True,
        "pxOffsetX": offset[0],
        "pxOffsetY": offset[1],
        "parallaxFactorX": 0,
        "parallaxFactorY": 0,
        "parallaxScaling": True,
        "requiredTags": [],
        "excludedTags": [],
        "autoTilesKilledByOtherLayerUid": None,
        "uiFilterTags": [],
        "useAsyncRender": False,
        "intGridValues": [],
        "intGridValuesGroups": [],
        "autoRuleGroups": [],
        "autoSourceLayerDefUid": None,
        "tilesetDefUid": None,
        "tilePivotX": 0,
        "tilePivotY": 0,
        "biomeFieldUid": None,
    }


def grid_value(value: int, identifier: str, colour: tuple[int, int, int]) -> Json:
    """A value of an IntGrid layer, 1 or more. 0 is empty."""
    text = "#{:02X}{:02X}{:02X}".format(*colour)
    return {"value": value, "identifier": identifier, "color": text, "tile": None, "groupUid": 0}


def rule_group(uid: int, rules: list[Json]) -> Json:
    """The rules of an auto-layer."""
    return {
        "uid": uid,
        "name": "Terrains",
        "color": None,
        "icon": None,
        "active": True,
        "isOptional": False,
        "rules": rules,
        "usesWizard": False,
        "requiredBiomeValues": [],
        "biomeRequirementMode": 0,
    }


def rule(uid: int, rule: Rule, offset: int) -> Json:
    """A rule of an auto-layer. offset: pixels by which the tile is drawn to the lower right of the cell."""
    middle = rule.pattern[4]
    return {
        "uid": uid,
        "active": True,
        "size": 3,
        "tileRectsIds": [[tile] for tile in rule.tiles],
        "alpha": 1,
        "chance": 1,
        "breakOnMatch": True,
        "pattern": list(rule.pattern),
        "flipX": False,
        "flipY": False,
        "xModulo": 1,
        "yModulo": 1,
        "xOffset": 0,
        "yOffset": 0,
        "tileXOffset": offset,
        "tileYOffset": offset,
        "tileRandomXMin": 0,
        "tileRandomXMax": 0,
        "tileRandomYMin": 0,
        "tileRandomYMax": 0,
        "checker": "None",
        "tileMode": "Single",
        "pivotX": 0,
        "pivotY": 0,
        "outOfBoundsValue": None if offset else middle,  # the outside continues a cell, and has no corners
        "invalidated": False,
        "perlinActive": False,
        "perlinSeed": 1,
        "perlinScale": 0.2,
        "perlinOctaves": 2,
    }


def enum(uid: int) -> Json:
    """The tags of tiles."""
    value = {"id": "Solid", "tileRect": None, "color": 0}
    return {
        "identifier": "TileTag",
        "uid": uid,
        "values": [value],
        "iconTilesetUid": None,
        "externalRelPath": None,
        "externalFileChecksum": None,
        "tags": [],
    }


def entity_definition(uid: Callable[[], int], identifier: str, width: int, height: int) -> Json:
    """A kind of entities, which have a name. uid: returns new numbers."""
    return {
        "identifier": identifier,
        "uid": uid(),
        "tags": [],
        "exportToToc": False,
        "allowOutOfBounds": True,
        "doc": None,
        "width": width,
        "height": height,
        "resizableX": True,
        "resizableY": True,
        "minWidth": None,
        "maxWidth": None,
        "minHeight": None,
        "maxHeight": None,
        "keepAspectRatio": False,
        "tileOpacity": 1,
        "fillOpacity": 0.3,
        "lineOpacity": 1,
        "hollow": False,
        "color": "#B8DE4F",
        "renderMode": "Rectangle",
        "showName": True,
        "tilesetId": None,
        "tileRenderMode": "FitInside",
        "tileRect": None,
        "uiTileRect": None,
        "nineSliceBorders": [],
        "maxCount": 0,
        "limitScope": "PerLevel",
        "limitBehavior": "MoveLastOne",
        "pivotX": 0,
        "pivotY": 0,
        "fieldDefs": [text_field(uid(), "Name", "String", "F_String")],
    }


def text_field(uid: int, identifier: str, shown: str, kind: str) -> Json:
    """A text of levels or entities. shown, kind: LDtk's names of its type."""
    return {
        "identifier": identifier,
        "doc": None,
        "__type": shown,
        "uid": uid,
        "type": kind,
        "isArray": False,
        "canBeNull": True,
        "arrayMinLength": None,
        "arrayMaxLength": None,
        "editorDisplayMode": "Hidden",
        "editorDisplayScale": 1,
        "editorDisplayPos": "Above",
        "editorLinkStyle": "StraightArrow",
        "editorDisplayColor": None,
        "editorAlwaysShow": False,
        "editorShowInWorld": False,
        "editorCutLongValues": True,
        "editorTextSuffix": None,
        "editorTextPrefix": None,
        "useForSmartColor": False,
        "exportToToc": False,
        "searchable": False,
        "min": None,
        "max": None,
        "regex": None,
        "acceptFileTypes": None,
        "defaultOverride": None,
        "textLanguageMode": None,
        "symmetricalRef": False,
        "autoChainRef": False,
        "allowOutOfLevelRef": True,
        "allowedRefs": "OnlySame",
        "allowedRefsEntityUid": None,
        "allowedRefTags": [],
        "tilesetUid": None,
    }


def text_value(uid: int, identifier: str, shown: str, text: str) -> Json:
    """The text of one level or entity."""
    return {
        "__identifier": identifier,
        "__type": shown,
        "__value": text,
        "__tile": None,
        "defUid": uid,
        "realEditorValues": [{"id": "V_String", "params": [text]}],
    }
