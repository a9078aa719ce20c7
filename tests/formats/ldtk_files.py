"""The structure of LDtk's projects, from its documentation (https://ldtk.io/json/), and its auto-layer rules.

Independent of tilewright's writer. LDtk refuses projects with missing keys or with numbers that do not resolve.
"""

from typing import Any

import numpy as np

Json = dict[str, Any]

# The required keys of each kind of object, by the schema of version 1.5.3.
KEYS = {
    "project": "appBuildId backupLimit backupOnSave bgColor customCommands defaultEntityHeight defaultEntityWidth "
    "defaultGridSize defaultLevelBgColor defaultPivotX defaultPivotY defs dummyWorldIid exportLevelBg exportTiled "
    "externalLevels flags identifierStyle iid imageExportMode jsonVersion levelNamePattern levels minifyJson nextUid "
    "simplifiedExport toc worlds worldLayout worldGridWidth worldGridHeight",
    "defs": "entities enums externalEnums layers levelFields tilesets",
    "level": "__bgColor __neighbours __smartColor bgPivotX bgPivotY fieldInstances identifier iid pxHei pxWid uid "
    "useAutoIdentifier worldDepth worldX worldY layerInstances",
    "layer instance": "__cHei __cWid __gridSize __identifier __opacity __pxTotalOffsetX __pxTotalOffsetY __type "
    "autoLayerTiles entityInstances gridTiles iid intGridCsv layerDefUid levelId optionalRules pxOffsetX pxOffsetY "
    "seed visible",
    "layer": "__type autoRuleGroups canSelectWhenInactive displayOpacity excludedTags gridSize guideGridHei "
    "guideGridWid hideFieldsWhenInactive hideInList identifier inactiveOpacity intGridValues intGridValuesGroups "
    "parallaxFactorX parallaxFactorY parallaxScaling pxOffsetX pxOffsetY renderInWorldView requiredTags tilePivotX "
    "tilePivotY type uiFilterTags uid useAsyncRender",
    "tileset": "__cHei __cWid customData enumTags identifier padding pxHei pxWid savedSelections spacing tags "
    "tileGridSize uid relPath",
    "rule group": "active biomeRequirementMode isOptional name requiredBiomeValues rules uid usesWizard",
    "rule": "active alpha breakOnMatch chance checker flipX flipY invalidated pattern perlinActive perlinOctaves "
    "perlinScale perlinSeed pivotX pivotY size tileMode tileRandomXMax tileRandomXMin tileRandomYMax tileRandomYMin "
    "tileRectsIds tileXOffset tileYOffset uid xModulo xOffset yModulo yOffset",
    "entity": "allowOutOfBounds color exportToToc fieldDefs fillOpacity height hollow identifier keepAspectRatio "
    "limitBehavior limitScope lineOpacity maxCount nineSliceBorders pivotX pivotY renderMode resizableX resizableY "
    "showName tags tileOpacity tileRenderMode uid width",
    "entity instance": "__grid __identifier __pivot __smartColor __tags defUid fieldInstances height iid px width",
    "field": "__type allowOutOfLevelRef allowedRefTags allowedRefs autoChainRef canBeNull editorAlwaysShow "
    "editorCutLongValues editorDisplayMode editorDisplayPos editorDisplayScale editorLinkStyle editorShowInWorld "
    "exportToToc identifier isArray searchable symmetricalRef type uid useForSmartColor",
    "field instance": "__identifier __type __value defUid realEditorValues",
    "enum": "identifier tags uid values",
    "tile": "a d f px src t",
}


def check(project: Json) -> None:
    """Assert that all keys are there, and that all numbers resolve."""
    has(project, "project")
    assert project["jsonVersion"] == "1.5.3" and project["externalLevels"] is False
    defs = has(project["defs"], "defs")
    uids: list[int] = [level["uid"] for level in project["levels"]]
    for kind, name in (
        ("layer", "layers"),
        ("tileset", "tilesets"),
        ("entity", "entities"),
        ("enum", "enums"),
    ):
        uids += [has(one, kind)["uid"] for one in defs[name]]
        names = [one["identifier"] for one in defs[name]]
        assert len(set(names)) == len(names)
    fields = defs["levelFields"] + [one for entity in defs["entities"] for one in entity["fieldDefs"]]
    uids += [has(one, "field")["uid"] for one in fields]
    tilesets = {one["uid"]: one for one in defs["tilesets"]}
    layers = {one["uid"]: one for one in defs["layers"]}
    for tileset in tilesets.values():
        assert tileset["tagsSourceEnumUid"] in [one["uid"] for one in defs["enums"]]
    for layer in layers.values():
        for group in layer["autoRuleGroups"]:
            uids += [has(group, "rule group")["uid"], *(has(rule, "rule")["uid"] for rule in group["rules"])]
            assert all(len(rule["pattern"]) == rule["size"] ** 2 for rule in group["rules"])
        assert layer["tilesetDefUid"] is None or layer["tilesetDefUid"] in tilesets
    assert len(set(uids)) == len(uids) and max(uids) < project["nextUid"]
    iids = [project["iid"], project["dummyWorldIid"]]
    for level in project["levels"]:
        iids.append(has(level, "level")["iid"])
        check_fields(level["fieldInstances"], defs["levelFields"])
        assert [one["layerDefUid"] for one in level["layerInstances"]] == [
            one["uid"] for one in defs["layers"]
        ]
        for layer in level["layerInstances"]:
            iids += check_layer(layer, level, layers[layer["layerDefUid"]], defs)
    assert len(set(iids)) == len(iids)


def check_layer(layer: Json, level: Json, definition: Json, defs: Json) -> list[str]:
    """Check a layer of a level. Returns its identifiers."""
    has(layer, "layer instance")
    assert layer["levelId"] == level["uid"]
    assert (layer["__type"], layer["__identifier"]) == (definition["type"], definition["identifier"])
    size = definition["gridSize"]
    # As LDtk computes it: the offset of the instance counts, that of the definition does not.
    width, height = level["pxWid"] - layer["pxOffsetX"], level["pxHei"] - layer["pxOffsetY"]
    assert (layer["__cWid"], layer["__cHei"]) == (-(-width // size), -(-height // size))
    assert layer["__pxTotalOffsetX"] == layer["pxOffsetX"] + definition["pxOffsetX"]
    assert layer["__pxTotalOffsetY"] == layer["pxOffsetY"] + definition["pxOffsetY"]
    values = {0, *(one["value"] for one in definition["intGridValues"])}
    assert len(layer["intGridCsv"]) == (
        layer["__cWid"] * layer["__cHei"] if layer["__type"] == "IntGrid" else 0
    )
    assert set(layer["intGridCsv"]) <= values
    rules = {rule["uid"]: rule for group in definition["autoRuleGroups"] for rule in group["rules"]}
    for tile in layer["autoLayerTiles"]:
        rule, place = rules[has(tile, "tile")["d"][0]], tile["d"][1]
        x, y = place % layer["__cWid"] * size, place // layer["__cWid"] * size
        assert tile["px"] == [x + rule["tileXOffset"], y + rule["tileYOffset"]]
    for tile in layer["gridTiles"]:
        place = has(tile, "tile")["d"][0]
        assert tile["px"] == [place % layer["__cWid"] * size, place // layer["__cWid"] * size]
    entities = {one["uid"]: one for one in defs["entities"]}
    for entity in layer["entityInstances"]:
        check_fields(
            has(entity, "entity instance")["fieldInstances"], entities[entity["defUid"]]["fieldDefs"]
        )
    return [layer["iid"], *(entity["iid"] for entity in layer["entityInstances"])]


def check_fields(values: list[Json], fields: list[Json]) -> None:
    """Check the values of fields."""
    assert [has(value, "field instance")["defUid"] for value in values] == [field["uid"] for field in fields]


def has(one: Json, kind: str) -> Json:
    """Assert that an object has the required keys of its kind. Returns it."""
    assert not set(KEYS[kind].split()) - set(one), kind
    return one


def rule_tiles(project: Json) -> dict[tuple[int, int], tuple[int, ...]]:
    """The tiles that LDtk's rules allow for each cell of the IntGrid of the only level, by (x, y)."""
    (layer,) = (one for one in project["levels"][0]["layerInstances"] if one["__type"] == "IntGrid")
    (definition,) = (one for one in project["defs"]["layers"] if one["uid"] == layer["layerDefUid"])
    grid = np.array(layer["intGridCsv"]).reshape(layer["__cHei"], layer["__cWid"])
    found: dict[tuple[int, int], tuple[int, ...]] = {}
    for y, x in np.ndindex(grid.shape):
        for rule in (rule for group in definition["autoRuleGroups"] for rule in group["rules"]):
            if matches(rule, grid, x, y):
                assert rule["breakOnMatch"]
                found[x, y] = tuple(tile for (tile,) in rule["tileRectsIds"])
                break
    return found


def matches(rule: Json, grid: np.ndarray, x: int, y: int) -> bool:
    """Whether the pattern of a rule fits the values around a cell."""
    for place, wanted in enumerate(rule["pattern"]):
        row, column = y + place // 3 - 1, x + place % 3 - 1
        inside = 0 <= row < grid.shape[0] and 0 <= column < grid.shape[1]
        value = int(grid[row, column]) if inside else rule["outOfBoundsValue"]
        if wanted and (value is None or (value != wanted if wanted > 0 else value == -wanted)):
            return False
    return True
