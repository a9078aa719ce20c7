"""Survey the pictures of a folder and derive the tile size and the grid of each sheet from all of them."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from math import sqrt
from statistics import median

import numpy as np

from tilewright.pictures import Budget, UnreadableError

from ..art.figures import find_atlas, size_of_figures
from ..art.files import Listing, Picture
from ..art.frames import Frame, Stated, boxes_of_cells, corners_of, stated_beside
from ..art.grid import Grid, cut
from ..art.layouts import find_grid
from ..art.stated import GROUND, OPAQUE, count_colours, open_picture
from ..art.tile_size import SIZES, Candidate, candidates, size_in_name
from ..art.transparency import ground_colour, is_opaque, rim_colour, without_ground

TILE, SHEET, ATLAS, TRIMMED, OFF_GRID, PREVIEW, UNREADABLE = (
    "tile",
    "sheet",
    "atlas",
    "trimmed sprite",
    "off the grid",
    "preview or mock-up",
    "unreadable",
)
SURE = 2.5  # with this score, the sheet's own pixels decide
SQUARE_IS_SHEET = 3.5  # square pictures count as single tiles unless half of them exceed this score
SAMPLED = 15
NEAR = 3.0  # the size of nearby tiles is preferred if its score is lower by at most this much
STRANGE = 4.5  # score required for cells that are smaller than nearby tiles and unusual in the folder
COPY_WEIGHT = 0.1  # weight of a vote: enlarged pictures and animations are often previews of nearby sheets
COMMON = (
    # with this share of the votes, the common size applies to sheets that it divides, unless their pixels
    # disagree
    0.8
)
HALF_SIZE = 0.8  # if half of the size has this share of the size's votes, it is used instead
ENOUGH_VOTES = 0.1  # share of the pictures; with fewer votes there is no common size


@dataclass(frozen=True)
class Look:
    """The classification of one picture; lengths in pixels."""

    relative: str
    role: str  # TILE ... UNREADABLE
    width: int = 0
    height: int = 0
    tile: int = 0  # size of the tile or of the sheet's cells; 0 for neither
    grid: Grid | None = None
    sprites: tuple[int, ...] = ()  # of an atlas: the longer sides, ascending
    doubt: str = ""  # other grids that fit about as well
    enlarged: int = 1  # enlargement factor; all lengths refer to the original size
    convention: str = ""
    ground: tuple[int, int, int] | None = None  # colour behind the sprites, if the file does not state one
    half_transparent: int = 0
    shadows: int = 0  # half-transparent shadow pixels
    colours: int = 0
    why: str = ""


@dataclass
class Survey:
    """All pictures, and the tile sizes with most votes first."""

    looks: list[Look] = field(default_factory=list)
    votes: dict[int, float] = field(default_factory=dict)
    size: int | None = None  # None: there is no common tile size


@dataclass(frozen=True)
class _Draft:
    picture: Picture
    look: Look
    cuts: tuple[Candidate, ...] = ()
    pictures: float = 0.0  # number of distinct cells in the best cut; the weight of its vote
    figures: int = 0  # size suggested by the figures, if the best cut does not suit them


def survey(listing: Listing, size: int | None = None) -> Survey:
    """Classify all pictures. `size` is used as given, or detected if None."""
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
        most = next(iter(found.votes))
        # A grid of 16 is also a grid of 32 if four cells belong together.
        half = most // 2 if most % 2 == 0 else 0
        found.size = half if found.votes.get(half, 0.0) >= HALF_SIZE * found.votes[most] else most
    kin = _sizes_of_folders(drafts)
    common = found.votes.get(found.size or 0, 0.0) >= COMMON * sum(found.votes.values()) > 0
    found.looks = [
        _second_look(draft, _kin(kin, draft.picture.folder), found.size, common) for draft in drafts
    ]
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
        colours=count_colours(opened.pixels),
        shadows=opened.shadows,
        enlarged=opened.enlarged,
    )
    named = size_in_name(picture.relative, width, height)
    if picture.looks_like_preview() and not (width == height and width in SIZES):
        return _Draft(picture, replace(look, role=PREVIEW))
    if width == height and width in SIZES and named is None:
        return _Draft(picture, replace(look, role=TILE, tile=width))
    stated = stated_beside(picture, width, height) if opened.enlarged == 1 else Stated()
    frames = stated.frames
    if stated.cells is not None and stated.cells.is_square:
        cells = stated.cells
        found = find_grid(opened.pixels, cells.width, cells.margin, cells.spacing)
        if found.grid is not None:
            sheet = replace(look, role=SHEET, tile=cells.width, grid=found.grid, doubt=found.doubt)
            return _Draft(
                picture, _on_ground(sheet, opened.pixels), (), _different(opened.pixels, found.grid)
            )
    elif stated.cells is not None:
        frames = boxes_of_cells(stated.cells, width, height)
    if frames:
        return _Draft(picture, _atlas(look, frames, opened.pixels), (), float(len(frames)))
    look = replace(look, doubt=stated.doubt)
    cuts = candidates(opened.pixels)
    if not cuts:
        return _Draft(picture, look)
    figures, count = size_of_figures(opened.pixels, cuts[0].grid)
    if figures:
        return _Draft(picture, look, cuts, float(count), figures)
    return _Draft(picture, look, cuts, _different(opened.pixels, cuts[0].grid))


def _atlas(look: Look, frames: tuple[Frame, ...], pixels: np.ndarray) -> Look:
    sprites = tuple(sorted(max(f.width, f.height) for f in frames))
    look = replace(look, role=ATLAS, sprites=sprites)
    ground = None
    if is_opaque(pixels) and look.colours > 1:
        ground = ground_colour(corners_of(pixels, frames)) or rim_colour(pixels)
    return look if ground is None else replace(look, ground=ground, convention=GROUND)


def _on_ground(look: Look, pixels: np.ndarray) -> Look:
    """Add the ground colour of the cells, if the file does not state transparency."""
    assert look.grid is not None
    cells = cut(pixels, look.grid)
    ground = ground_colour(cells) if is_opaque(cells) and look.colours > 1 else None
    return look if ground is None else replace(look, ground=ground, convention=GROUND)


def _different(pixels: np.ndarray, grid: Grid) -> float:
    """Return the number of distinct pictures in a sheet; blank and repeated cells do not count."""
    cells = cut(pixels, grid).reshape(grid.rows * grid.columns, -1, 4)
    drawn = cells[(cells != cells[:, :1]).any(axis=(1, 2))]
    different = len({cell.tobytes() for cell in drawn})
    return different * min(1.0, 2 * different / len(cells))


def _squares(drafts: list[_Draft]) -> list[_Draft]:
    """Classify square pictures of one size with smaller cells as sheets, such as walk cycles in four
    directions.
    """
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
            pixels = _pixels(drafts[i])
            cuts = candidates(pixels)
            look = replace(drafts[i].look, role=OFF_GRID, tile=0)
            drafts[i] = _Draft(
                drafts[i].picture, look, cuts, _different(pixels, cuts[0].grid) if cuts else 0.0
            )
    return drafts


def _vote(draft: _Draft) -> dict[int, float]:
    """Return the size for which a picture votes, and the weight. Probable previews have a small weight."""
    look = draft.look
    weight = COPY_WEIGHT if look.enlarged > 1 or look.relative.lower().endswith(".gif") else 1.0
    if look.role == TILE:
        return {look.tile: weight}
    if look.role == SHEET:  # stated by a tileset beside it
        return {look.tile: weight * sqrt(draft.pictures)}
    if look.role == ATLAS:
        return {Counter(look.sprites).most_common(1)[0][0]: weight * sqrt(draft.pictures)}
    named = _named(draft)
    if named is not None:
        return {named: weight * (3.0 + sqrt(look.width * look.height) / named)}
    if draft.figures:
        return {draft.figures: weight * sqrt(draft.pictures)}
    if draft.cuts and draft.cuts[0].score >= SURE:
        return {draft.cuts[0].tile: weight * sqrt(draft.pictures)}
    return {}


def _named(draft: _Draft) -> int | None:
    """Return the cell size in the file name, unless the pixels clearly contradict it."""
    look = draft.look
    named = size_in_name(look.relative, look.width, look.height)
    if named is None or named[0] != named[1] or named[0] not in SIZES:
        return None
    fits = [one for one in draft.cuts if one.tile == named[0]]
    best = max((one.score for one in draft.cuts), default=0.0)
    alone = named == (look.width, look.height)
    return named[0] if alone or (fits and fits[0].score >= best - NEAR) else None


def _sizes_of_folders(drafts: list[_Draft]) -> dict[str, int]:
    """Return, for each folder, the size of most single tiles in and beneath it."""
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
    """Return the folder and its ancestors, ending with ""."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:depth]) for depth in range(len(parts), -1, -1)]


def _kin(sizes: dict[str, int], folder: str) -> list[int]:
    """Return the sizes of single tiles in the same folder, in its parent folder, and so on."""
    return list(dict.fromkeys(sizes[place] for place in _chain(folder) if place in sizes))


def _second_look(draft: _Draft, kin: list[int], size: int | None, common: bool) -> Look:
    """Classify the picture, given the sizes of its neighbours."""
    look = draft.look
    if look.role != OFF_GRID:
        return look
    stated = size_in_name(look.relative, look.width, look.height)
    # A name that agrees with the other pictures is right, whatever its own pixels look like.
    named = size if stated is not None and stated == (size, size) else _named(draft)
    if stated is not None and stated[0] != stated[1] and not (draft.cuts and draft.cuts[0].score >= STRANGE):
        return replace(look, why=f"frames of {stated[0]}x{stated[1]} pixels, which are no squares")
    if named is not None and (look.width, look.height) == (named, named):
        return replace(look, role=TILE, tile=named)
    chosen = named or _choose(draft.cuts, kin, size, common and _fills(draft.look, size))
    if draft.figures == size and chosen != size:
        chosen = None  # another grid would cut its figures
    if chosen or size:
        pixels = _pixels(draft)
        tile = chosen or size or 0
        found = find_grid(pixels, tile)
        if not chosen and not (found.doubt and found.grid is not None and not found.grid.margin):
            # Autotiles of half a tile break inside tiles: a bare grid exists, but another one fits better.
            found = replace(found, grid=None)
        # A sheet with other cells is skipped, or cut as the recipe says. Figures on an opaque ground are no cells.
        figures = without_ground(pixels)
        large = max(look.width, look.height) > tile and (tile == size or figures is not pixels)
        atlas = find_atlas(figures, tile, found.grid) if large else None
        if atlas is not None and atlas.is_plain:
            return _atlas(look, atlas.figures, pixels)
        if atlas is not None:
            found = atlas.doubted(found)
        grid = found.grid
        if grid is not None:
            doubt = "; ".join(filter(None, (look.doubt, found.doubt)))
            look = replace(look, role=SHEET, tile=tile, grid=grid, doubt=doubt)
            # The corners of autotiles also share a colour, but it is part of the drawing.
            return _on_ground(look, pixels) if chosen else look
        look = replace(look, why=found.doubt)
    if size is not None and max(look.width, look.height) <= size:
        return replace(look, role=TRIMMED)
    return replace(look, why=look.why or f"{look.width}x{look.height} pixels fit no grid of square cells")


def _fills(look: Look, size: int | None) -> bool:
    return size is not None and look.width % size == look.height % size == 0


def _choose(cuts: tuple[Candidate, ...], kin: list[int], size: int | None, common: bool) -> int | None:
    """Return the tile size that best agrees with a sheet's pixels and its surroundings.

    common: whether nearly all other sheets have `size`, and it divides this one.
    """
    for tile in kin:
        for cut_ in cuts:
            if cut_.tile == tile and cut_.score >= cuts[0].score - NEAR:
                return tile
    for cut_ in cuts:
        least = cuts[0].score - NEAR
        if not (common and cut_.grid.margin == cut_.grid.spacing == 0):
            least = max(SURE, least)
        if cut_.tile == size and cut_.score >= least:
            return size
    if not cuts or cuts[0].score < (STRANGE if kin and cuts[0].tile < kin[0] else SURE):
        return None
    return cuts[0].tile


def _grounds_of_tiles(looks: list[Look], pictures: dict[str, Picture]) -> list[Look]:
    """Detect a ground colour shared by the corners of all single opaque tiles of a folder."""
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
    """Read a picture again; all pictures together may exceed the memory. Returns no pixels if the file became
    invalid.
    """
    try:
        return open_picture(draft.picture.path).pixels
    except UnreadableError:
        return np.zeros((1, 1, 4), np.uint8)
