"""The findings as text for terminal and page: (name, value) pairs, and sample tiles."""

from collections import Counter

import numpy as np

from ..size import LEAST, MOST, size_text
from .findings import Findings
from .survey import SHEET, TILE


def facts(found: Findings) -> list[tuple[str, str]]:
    """Return the facts in one line each, as (name, text)."""
    survey, report, data = found.survey, found.report, found.data
    lines = []
    if survey.looks:
        lines.append(
            (
                "pictures",
                ", ".join(f"{count} {_plural(role, count)}" for role, count in found.roles().items()),
            )
        )
    lines.append(("tile size", _size(found)))
    grids = Counter(look.grid.layout for look in survey.looks if look.role == SHEET and look.grid)
    if grids:
        lines.append(("sheets", "; ".join(f"{count} of {layout}" for layout, count in grids.most_common(6))))
    if survey.looks:
        lines.append(("transparency", ", ".join(f"{name} ({n})" for name, n in found.conventions().items())))
        lines.append(("half-transparent", _pictures(found.half_transparent)))
    if data is not None and report is not None:
        lines.append(("tiles", f"{len(data.labels)} of {len(data.kinds)} {_plural('kind', len(data.kinds))}"))
        if survey.looks:
            lines.append(("exact duplicates", f"{report.duplicates} dropped"))
            lines.append(("blanks", f"{report.blanks} dropped"))
        near = ", ".join(f"{count} {how}" for how, count in found.near_duplicates.items())
        lines.append(("near-duplicates", near or "none"))
        lines.append(
            (
                "similar tiles",
                f"{int(data.groups.max()) + 1} groups, the largest of {_largest(data.groups)} tiles",
            )
        )
        each = found.colours_per_tile
        middle, most = int(np.median(each)), int(each.max())
        lines.append(("colours", f"{len(found.colours)} in all; {middle} in a median tile, at most {most}"))
    lines.append(("licences", ", ".join(found.licences[:6]) or "none found"))
    if data is not None:
        told = "; ".join(f"{source.name}, {source.author}: {source.licence}" for source in data.sources[:4])
        lines.append(("sources", told))
    return lines


def samples(found: Findings, most: int) -> dict[str, list[np.ndarray]]:
    """Return tiles per kind, taken at even intervals."""
    if found.data is None:
        return {}
    shown = {}
    for number, kind in enumerate(found.data.kinds):
        members = np.flatnonzero(found.data.labels == number)
        picked = members[np.unique(np.linspace(0, len(members) - 1, min(most, len(members))).astype(int))]
        shown[kind] = [np.asarray(found.data.images[i]) for i in picked]
    return shown


def _size(found: Findings) -> str:
    survey, advice = found.survey, found.advice
    if survey.size is None and found.data is not None and not survey.looks:
        text = f"{size_text(found.data.images.shape[1:3])} pixels"
    elif survey.size is None:
        text = "none in common"
    else:
        text = f"{survey.size} pixels"
        rest = [f"{size} ({_files(found, size)})" for size in list(survey.votes)[:4] if size != survey.size]
        rest = [text for text in rest if not text.endswith("(0)")]
        if rest:
            text += f"; also {', '.join(rest)}"
    if advice is not None and advice.size != survey.size:
        text += f"; networks make {LEAST} to {MOST}: read as {advice.size}"
    return text


def _files(found: Findings, size: int) -> int:
    return sum(look.role in (TILE, SHEET) and look.tile == size for look in found.survey.looks)


def _pictures(count: int) -> str:
    return f"{count} {_plural('picture', count)}" if count else "none"


def _largest(groups: np.ndarray) -> int:
    return int(np.bincount(groups).max())


def _plural(noun: str, count: int) -> str:
    if count == 1 or noun in ("off the grid", "unreadable"):
        return noun
    return " or ".join(f"{word}s" for word in noun.split(" or "))
