"""The doctor's findings: the contents of a folder of art, problems, and recommendations."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path

import numpy as np

from tilewright.errors import DataError, UsageError
from tilewright.files import read_text, write_atomically

from ..art.files import Listing
from ..art.gather import list_folder
from ..art.kinds import too_small
from ..art.recipe import read_recipe
from ..art.relatives import RELATIONS, find_pairs
from ..art.sources import licence_file
from ..art.stated import GROUND
from ..data.dataset import Dataset, Report, read_art
from ..data.stored_set import is_stored_set, open_stored_set
from ..size import as_size, size_text
from .advice import Advice, advise
from .choice import ENTRIES, Art, choose, look_at
from .road import Step, road
from .survey import OFF_GRID, PREVIEW, SHEET, TRIMMED, UNREADABLE, Survey, survey

FEW_TILES = 64  # a network memorises fewer tiles
FEW_OF_A_KIND = 8
DOUBTS_SHOWN = 6
MOST_PAIRS = 48  # pairs kept for display


@dataclass
class Findings:
    """The result of `inspect_art`. Paths are relative to `folder`. Counts refer to tiles unless stated
    otherwise.
    """

    folder: Path
    survey: Survey
    advice: Advice | None = None  # None for a stored set
    data: Dataset | None = None  # read according to the advice; None if nothing is usable
    report: Report | None = None
    art: Art | None = None  # the facts on which the choice of a network depends
    steps: list[Step] = field(default_factory=list)  # commands to run next
    joined: dict[str, tuple[int, str]] = field(
        default_factory=dict
    )  # kind -> (number of tiles, kind into which they are merged)
    colours: np.ndarray = field(default_factory=lambda: np.zeros((0, 4), np.uint8))  # most frequent first
    colours_per_tile: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    # near-duplicates, for display
    pairs: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    pairs_how: list[str] = field(default_factory=list)
    # relation -> number of tiles that resemble an earlier one
    near_duplicates: dict[str, int] = field(default_factory=dict)
    licences: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def half_transparent(self) -> int:
        """Number of pictures with half-transparent pixels."""
        return sum(look.half_transparent > 0 for look in self.survey.looks)

    def conventions(self) -> dict[str, int]:
        """Number of pictures per convention for transparency."""
        return dict(Counter(look.convention for look in self.survey.looks if look.convention).most_common())

    def roles(self) -> dict[str, int]:
        """Number of pictures per role: tiles, sheets, trimmed sprites and so on."""
        return dict(Counter(look.role for look in self.survey.looks).most_common())


def inspect_art(
    folder: Path, size: int | None = None, *, kinds: Path | None = None, recipe: Path | None = None
) -> Findings:
    """Examine a folder of art or a stored set. `size`: tile size in pixels, detected if not given.

    kinds: a recipe to use instead of the recommended one. recipe: the file to which the recommended one will
    be written.

    Raises `UsageError` for a size out of range, and `DataError` for a folder that is missing or without
    pictures. All other faults are reported in the findings.
    """
    if size is not None and not 4 <= size <= 128:
        raise UsageError(f"data inspect: --size must be 4 to 128 pixels, not {size}")
    if is_stored_set(folder):
        if kinds is not None:
            raise UsageError(
                f"data inspect: {folder} is a set that was built: --kinds has nothing to say of it"
            )
        return _inspect_set(folder, size)
    listing = list_folder(folder)
    stated = None if kinds is None else _stated_size(kinds)
    found = Findings(folder, survey(listing, stated if size is None else size))
    found.advice = advise(folder, listing, found.survey)
    if kinds is not None:
        own = found.advice.size if stated is None else stated
        found.advice = replace(found.advice, size=own, recipe=read_text(kinds), needs_recipe=True)
    found.licences = _licences(folder, {picture.folder for picture in listing.pictures})
    if "kind = " not in found.advice.recipe:
        found.warnings.append(f"There is nothing usable here at {found.advice.size} pixels.")
    else:
        _read(found, found.advice)
        if kinds is None:
            _join_small_kinds(found, listing)
    if found.data is not None:
        found.art = look_at(found.data)
        found.steps = road(folder, found.advice, choose(found.art), size, recipe if kinds is None else kinds)
    for path, reason in listing.skipped:
        found.warnings.append(f"{path}: {reason}")
    _examine(found)
    return found


def _stated_size(recipe: Path) -> int | None:
    """Return the size of a recipe. Raises UsageError for tiles that are not square."""
    size = read_recipe(recipe).size
    if size is not None and size[0] != size[1]:
        raise UsageError(
            f"data inspect: {recipe.name} is for {size_text(size)} pixels, and only square tiles are examined"
        )
    return None if size is None else size[0]


def _read(found: Findings, advice: Advice) -> None:
    """Read the art with the recommended recipe."""
    try:
        with tempfile.TemporaryDirectory() as place:
            recipe = Path(place) / "recipe.toml"
            write_atomically(recipe, advice.recipe.encode())
            found.data, found.report = read_art([found.folder], advice.size, kinds=recipe)
    except DataError as error:
        found.warnings.append(str(error).removeprefix("read_art(): "))


def _join_small_kinds(found: Findings, listing: Listing) -> None:
    """Merge kinds with too few tiles, and read again if there are any."""
    counts = found.report.kinds if found.report is not None else {}
    joined = too_small(counts)
    if joined:
        found.advice = advise(found.folder, listing, found.survey, joined)
        _read(found, found.advice)
        found.joined = {kind: (counts[kind], other) for kind, other in joined.items()}


def _inspect_set(path: Path, size: int | None) -> Findings:
    found = Findings(path, Survey())
    wanted = open_stored_set(path).images.shape[1:3] if size is None else as_size(size)
    found.survey.size = wanted[0] if wanted[0] == wanted[1] else None
    found.data, found.report = read_art([path], wanted)
    _examine(found)
    return found


def _examine(found: Findings) -> None:
    """Compute colours, near-duplicates and warnings."""
    data = found.data
    if data is not None:
        found.colours, found.colours_per_tile = count_colours(data.images)
        pairs, how = find_pairs(data.images)
        for number, name in enumerate(RELATIONS):
            later = len(np.unique(pairs[how == number, 1]))
            if later:
                found.near_duplicates[name] = later
        shown = np.concatenate(
            [np.flatnonzero(how == number)[: MOST_PAIRS // 4] for number in range(len(RELATIONS))]
        )
        found.pairs, found.pairs_how = pairs[shown], [RELATIONS[number] for number in how[shown]]
    found.warnings += _warnings(found)


def count_colours(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the opaque colours uint8 (K,4), most frequent first, and the number per tile, int64 (N,). Works
    in chunks.
    """
    seen: Counter[int] = Counter()
    each = np.zeros(len(images), np.int64)
    step = max(1, (1 << 22) // int(np.prod(images.shape[1:])))
    for start in range(0, len(images), step):
        value = (
            np.ascontiguousarray(images[start : start + step])
            .view("<u4")
            .reshape(-1, prod(images.shape[1:3]))
        )
        ordered = np.sort(value, axis=1)
        fresh = np.ones(ordered.shape, dtype=bool)
        fresh[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
        each[start : start + step] = (fresh & (ordered >> 24 > 0)).sum(axis=1)
        colours, counts = np.unique(value, return_counts=True)
        solid = colours >> 24 > 0
        seen.update(dict(zip(colours[solid].tolist(), counts[solid].tolist(), strict=True)))
    ranked = sorted(seen, key=lambda colour: (-seen[colour], colour))
    return np.array(ranked, "<u4").view(np.uint8).reshape(-1, 4), each


def hex_name(colour: Sequence[int]) -> str:
    """Format the first three values as `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*(int(value) for value in colour[:3]))


def _licences(folder: Path, folders: set[str]) -> list[str]:
    """List SOURCE.json and licence files in the folder and in the folders that hold pictures."""
    found = []
    places = sorted({"", *folders, *(place.split("/")[0] for place in folders)})
    for place in places:
        prefix = f"{place}/" if place else ""
        if (folder / place / "SOURCE.json").is_file():
            found.append(f"{prefix}SOURCE.json")
        name = licence_file(folder / place)
        if name is not None:
            found.append(f"{prefix}{name}")
    return found


def _warnings(found: Findings) -> list[str]:
    """Return one sentence for each problem of the art, most severe first."""
    roles, looks, texts = found.roles(), found.survey.looks, []
    data, advice = found.data, found.advice
    if data is not None:
        count = len(data.labels)
        if count < FEW_TILES:
            texts.append(
                f"Only {_number(count, 'tile')}: a network memorises so few. Start with some hundreds."
            )
        if len(found.colours) < 2:
            texts.append("All pictures together have a single colour: a network can learn shapes at most.")
        if found.art is not None and found.art.painted:
            texts.append(
                f"{len(found.colours)} colours, of which the {ENTRIES} most used ones cover {found.art.held:.0%} "
                "of the drawn pixels: painted, scaled or photographed art rather than pixel art. Training maps it to "
                "256 colours; --model flow takes the similarity of colours into account."
            )
        for kind, (n, other) in found.joined.items():
            texts.append(
                f"{kind} has {_number(n, 'tile')}, too few for a kind: counted as {other}. A recipe may say otherwise."
            )
        small = {kind: n for kind, n in _balance(found).items() if n < FEW_OF_A_KIND}
        if small and len(data.kinds) > 1:
            named = ", ".join(f"{kind} ({n})" for kind, n in list(small.items())[:6])
            more = f" and {len(small) - 6} more" if len(small) > 6 else ""
            texts.append(
                f"Kinds with fewer than {FEW_OF_A_KIND} tiles: {named}{more}. Merge them, or leave them out."
            )
        if len(data.kinds) > 1 and max(_balance(found).values()) > 20 * min(_balance(found).values()):
            texts.append(
                "Kinds differ in number by more than twenty times; training draws rare ones more often."
            )
        if count >= FEW_TILES and int(data.groups.max()) + 1 < count / 4:
            texts.append(
                f"{count} tiles are {int(data.groups.max()) + 1} groups of relatives: less variety than it seems."
            )
    if looks and found.survey.size is None:
        texts.append(
            "No common tile size: trimmed or large sprites. Say --size, or put sprites of one size on a grid."
        )
    if roles.get(UNREADABLE):
        bad = [look for look in looks if look.role == UNREADABLE]
        texts.append(
            f"{_number(len(bad), 'file')} skipped as unreadable, such as {bad[0].relative}: {bad[0].why}."
        )
    doubts = [look for look in looks if look.doubt]
    texts += [f"{look.relative}: {look.doubt}." for look in doubts[:DOUBTS_SHOWN]]
    if len(doubts) > DOUBTS_SHOWN:
        texts.append(f"{len(doubts) - DOUBTS_SHOWN} more sheets are in doubt.")
    enlarged = Counter(look.enlarged for look in looks if look.enlarged > 1)
    for times, number in sorted(enlarged.items()):
        texts.append(f"{_number(number, 'picture')} enlarged {times} times: read at 1/{times}.")
    if roles.get(OFF_GRID):
        off = [look for look in looks if look.role == OFF_GRID]
        texts.append(
            f"{_number(len(off), 'picture')} on no grid skipped, such as {off[0].relative}: "
            f"{off[0].why or 'its size fits no tile'}."
        )
    larger = [look for look in looks if advice is not None and look.tile > advice.size]
    if larger and advice is not None:
        sizes = ", ".join(str(tile) for tile in sorted({look.tile for look in larger})[:6])
        texts.append(
            f"{_number(len(larger), 'picture')} of larger tiles ({sizes} pixels) left out: a pack has one size. "
            "Train a second one with that --size."
        )
    if roles.get(TRIMMED):
        texts.append(
            f"{_number(roles[TRIMMED], 'trimmed sprite')} smaller than a tile: centred on a transparent ground."
        )
    if roles.get(PREVIEW):
        texts.append(f"{_number(roles[PREVIEW], 'preview or mock-up')} left out.")
    if found.half_transparent:
        texts.append(
            f"{_number(found.half_transparent, 'picture')} with half-transparent pixels: each pixel becomes opaque "
            "or transparent."
        )
    shadowed = sum(look.shadows > 0 for look in looks)
    if shadowed:
        texts.append(
            f"{_number(shadowed, 'picture')} with half-transparent shadows, which become transparent: --shadows keep "
            '(in a recipe: shadows = "keep") makes them a dark colour of the palette.'
        )
    grounds = [look for look in looks if look.convention == GROUND]
    if grounds:
        colours = sorted({hex_name(look.ground) for look in grounds if look.ground})
        action = "cleared" if advice and (advice.transparent or grounds[0].role == SHEET) else "kept"
        texts.append(
            f"{_number(len(grounds), 'picture')} on a ground of one colour ({', '.join(colours[:4])}) that no file "
            f"calls transparent: {action}. --transparent clears it, --opaque keeps it."
        )
    if looks and not found.licences:
        texts.append("No SOURCE.json and no licence file: you are responsible for the rights to the art.")
    return texts


def _balance(found: Findings) -> dict[str, int]:
    return found.report.kinds if found.report is not None else {}


def _number(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count} " + " or ".join(f"{word}s" for word in noun.split(" or "))
