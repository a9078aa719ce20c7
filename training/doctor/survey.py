"""A look at every picture of a folder, and from all of them together: the tile size and the grid of each sheet."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from math import sqrt
from statistics import median

import numpy as np

from ..art.files import Listing, Picture
from ..art.grid import Grid, cut, find_grid
from ..art.pictures import Budget, UnreadableError
from ..art.stated import GROUND, OPAQUE, open_picture
from ..art.tile_size import SIZES, Candidate, candidates, size_in_name
from ..art.transparency import ground_colour, is_opaque

TILE, SHEET, TRIMMED, OFF_GRID, PREVIEW, UNREADABLE = (
    "tile",
    "sheet",
    "trimmed sprite",
    "off the grid",
    "preview or mock-up",
    "unreadable",
)
SURE = 2.5  # a score of `candidates` from which a sheet's own pixels are believed
SQUARE_IS_SHEET = 3.5  # square pictures are single tiles unless half of them score higher
SAMPLED = 15
NEAR = 3.0  # the size of single tiles nearby is taken where it scores at most so much less
STRANGE = 4.5  # smaller cells than the tiles nearby, which the folder as a whole does not have, need so much
ENOUGH_VOTES = 0.1  # of the pictures: less is no common size


@dataclass(frozen=True)
class Look:
    """What one picture is; lengths in pixels."""

    relative: str
    role: str  # TILE ... UNREADABLE
    width: int = 0
    height: int = 0
    tile: int = 0  # the size of a tile or of a sheet's cells, 0 for neither
    grid: Grid | None = None
    plain: bool = True  # whether `read_art` finds this grid by itself, once it knows the size
    convention: str = ""
    ground: tuple[int, int, int] | None = None  # the colour behind sprites that no file states
    half_transparent: int = 0
    colours: int = 0
    why: str = ""


@dataclass
class Survey:
    """Every picture, and the sizes that they speak for, most votes first."""

    looks: list[Look] = field(default_factory=list)
    votes: dict[int, float] = field(default_factory=dict)
    size: int | None = None  # None: the art has no common tile size


@dataclass(frozen=True)
class _Draft:
    picture: Picture
    look: Look
    cuts: tuple[Candidate, ...] = ()


def survey(listing: Listing, size: int | None = None) -> Survey:
    """Look at all pictures; `size` is believed where it is given."""
    budget = Budget()
    drafts = [_first_look(picture, budget) for picture in listing.pictures]
    drafts = _squares(drafts)
    found = Survey()
    votes: Counter[int] = Counter()
    for draft in drafts:
        votes.update(_vote(draft))
    found.votes = dict(sorted(votes.items(), key=lambda item: (-item[1], item[0])))
    real = sum(draft.look.role not in (PREVIEW, UNREADABLE) for draft in drafts)
    if size is not None:
        found.size = size
    elif found.votes and next(iter(found.votes.values())) >= ENOUGH_VOTES * real:
        found.size = next(iter(found.votes))
    kin = _sizes_of_folders(drafts)
    found.looks = [_second_look(draft, _kin(kin, draft.picture.folder), found.size) for draft in drafts]
    found.looks = _grounds_of_tiles(found.looks, {d.picture.relative: d.picture for d in drafts})
    return found


def _first_look(picture: Picture, budget: Budget) -> _Draft:
    try:
        opened = open_picture(picture.path, budget)
    except UnreadableError as reason:
        return _Draft(picture, Look(picture.relative, UNREADABLE, why=str(reason)))
    height, width = opened.pixels.shape[:2]
    look = Look(
        picture.relative,
        OFF_GRID,
        width,
        height,
        convention=opened.convention,
        half_transparent=opened.half_transparent,
        colours=opened.colours,
    )
    named = size_in_name(picture.relative)
    if picture.looks_like_preview() and not (width == height and width in SIZES):
        return _Draft(picture, replace(look, role=PREVIEW))
    if width == height and width in SIZES and named is None:
        return _Draft(picture, replace(look, role=TILE, tile=width))
    return _Draft(picture, look, candidates(opened.pixels))


def _squares(drafts: list[_Draft]) -> list[_Draft]:
    """Square pictures of one size that fall into smaller cells are sheets: walks in four directions, say."""
    by_size: dict[int, list[int]] = defaultdict(list)
    for i, draft in enumerate(drafts):
        if draft.look.role == TILE and draft.look.tile >= 2 * SIZES[0]:
            by_size[draft.look.tile].append(i)
    for members in by_size.values():
        sampled = members[:: -(-len(members) // SAMPLED)]
        best = [max([c.score for c in candidates(_pixels(drafts[i]))], default=-9.0) for i in sampled]
        if median(best) < SQUARE_IS_SHEET:
            continue
        for i in members:
            cuts = candidates(_pixels(drafts[i]))
            drafts[i] = replace(drafts[i], look=replace(drafts[i].look, role=OFF_GRID, tile=0), cuts=cuts)
    return drafts


def _vote(draft: _Draft) -> dict[int, float]:
    look = draft.look
    if look.role == TILE:
        return {look.tile: 1.0}
    named = size_in_name(look.relative)
    if named is not None and named[0] == named[1] and named[0] in SIZES:
        return {named[0]: 3.0 + sqrt(look.width * look.height) / named[0]}
    if draft.cuts and draft.cuts[0].score >= SURE:
        tile = draft.cuts[0].tile
        return {tile: sqrt(look.width * look.height) / tile}
    return {}


def _sizes_of_folders(drafts: list[_Draft]) -> dict[str, int]:
    """The size of most single tiles in and beneath each folder."""
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for draft in drafts:
        if draft.look.role == TILE:
            for folder in _chain(draft.picture.folder):
                counts[folder][draft.look.tile] += 1
    return {
        folder: found.most_common(1)[0][0]
        for folder, found in counts.items()
        if found.most_common(1)[0][1] * 2 > found.total() > 2
    }


def _chain(folder: str) -> list[str]:
    """The folder, those above it, and "" at last."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:depth]) for depth in range(len(parts), -1, -1)]


def _kin(sizes: dict[str, int], folder: str) -> list[int]:
    """Sizes of single tiles beside a picture, in the folder above, and so on."""
    return list(dict.fromkeys(sizes[place] for place in _chain(folder) if place in sizes))


def _second_look(draft: _Draft, kin: list[int], size: int | None) -> Look:
    """Decide what the picture is, now that its relatives are known."""
    look = draft.look
    if look.role != OFF_GRID:
        return look
    named = size_in_name(look.relative)
    if named is not None:
        if named[0] != named[1]:
            return replace(look, why=f"frames of {named[0]}x{named[1]} pixels, which are no squares")
        if (look.width, look.height) == named:
            return replace(look, role=TILE, tile=named[0])
    chosen = _choose(draft.cuts, kin, size)
    if named or chosen:
        pixels = _pixels(draft)
        grid = None
        if named:
            whole = look.width % named[0] == look.height % named[0] == 0
            grid = find_grid(pixels, named[0], *((0, 0) if whole else (None, None)))
        if grid is None and chosen:
            grid = find_grid(pixels, chosen.tile, chosen.margin, chosen.spacing)
        if grid is not None:
            plain = find_grid(pixels, grid.tile, None, None) == grid
            look = replace(look, role=SHEET, tile=grid.tile, grid=grid, plain=plain)
            cells = cut(pixels, grid)
            ground = ground_colour(cells) if is_opaque(cells) and look.colours > 1 else None
            return look if ground is None else replace(look, ground=ground, convention=GROUND)
    if size is not None and max(look.width, look.height) <= size:
        return replace(look, role=TRIMMED)
    return replace(look, why=f"{look.width}x{look.height} pixels fit no grid of square cells")


def _choose(cuts: tuple[Candidate, ...], kin: list[int], size: int | None) -> Candidate | None:
    """The cut that a sheet's pixels and its surroundings agree on best."""
    for tile in kin:
        for cut_ in cuts:
            if cut_.tile == tile and cut_.score >= cuts[0].score - NEAR:
                return cut_
    for cut_ in cuts:
        if cut_.tile == size and cut_.score >= max(SURE, cuts[0].score - NEAR):
            return cut_
    if not cuts or cuts[0].score < (STRANGE if kin and cuts[0].tile < kin[0] else SURE):
        return None
    return cuts[0]


def _grounds_of_tiles(looks: list[Look], pictures: dict[str, Picture]) -> list[Look]:
    """Single opaque tiles of a folder whose corners agree, all together, stand on a ground."""
    by_folder: dict[tuple[str, int], list[int]] = defaultdict(list)
    for i, look in enumerate(looks):
        if look.role == TILE and look.convention == OPAQUE and look.colours > 1:
            by_folder[look.relative.rpartition("/")[0], look.tile].append(i)
    for members in by_folder.values():
        if len(members) < 8:
            continue
        corners = []
        for i in members[:: -(-len(members) // 64)]:
            try:
                corners.append(
                    open_picture(pictures[looks[i].relative].path).pixels[[0, 0, -1, -1], [0, -1, 0, -1]]
                )
            except UnreadableError:
                continue
        ground = ground_colour(np.stack(corners).reshape(-1, 2, 2, 4)) if corners else None
        for i in members if ground is not None else ():
            looks[i] = replace(looks[i], ground=ground, convention=GROUND)
    return looks


def _pixels(draft: _Draft) -> np.ndarray:
    """Read again: a folder's pictures may be too many to keep. Nothing, if the file has gone bad since."""
    try:
        return open_picture(draft.picture.path).pixels
    except UnreadableError:
        return np.zeros((1, 1, 4), np.uint8)
