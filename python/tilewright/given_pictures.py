"""Pictures and grids of tokens that a caller gives to a pack: as entries, and as cells of which some are known."""

import numpy as np

from tilewright.arrays import AnyArray, BoolArray, Uint8Array
from tilewright.errors import UsageError
from tilewright.heads import Frames, Tokens
from tilewright.pack import PackFile
from tilewright.palette import remap
from tilewright.requests import Request


def to_indices(
    file: PackFile, pictures: AnyArray, caller: str, size: tuple[int, int] | None = None
) -> tuple[Uint8Array, float]:
    """Return pictures as palette entries, uint8 (N, H, W), and the largest distance of a colour from its entry.

    pictures: uint8 palette entries (H, W) or (N, H, W), or RGBA (H, W, 4) or (N, H, W, 4); for packs of tokens,
    numbers of symbols (H, W) or (N, H, W). size: their H and W; by default, those of the pack's pictures. RGBA is
    mapped to the nearest entries in OKLab; the distance is in RGB, 0 .. 441. Raises UsageError.
    """
    head, palette = file.head, file.head.palette
    tokens = isinstance(head, Tokens)
    if palette is None and not tokens:
        raise UsageError(f"{caller}: {file.name} has no palette of its own, so no picture can be given")
    content = "numbers of symbols" if tokens else "palette entries or RGBA"
    if not isinstance(pictures, np.ndarray) or pictures.dtype != np.uint8:
        raise UsageError(f"{caller}: {'grids' if tokens else 'pictures'} must be uint8 arrays of {content}")
    height, width = size or file.shape
    if palette is not None and pictures.shape[-3:] == (height, width, 4) and pictures.ndim in (3, 4):
        return _nearest(pictures.reshape(-1, height, width, 4), palette)
    if pictures.shape[-2:] != (height, width) or pictures.ndim not in (2, 3):
        shape = f"{height}, {width}"
        shapes = f"({shape}) or (N, {shape})" if tokens else f"({shape}), (N, {shape}) or the same with RGBA"
        raise UsageError(
            f"{caller}: {'grids' if tokens else 'pictures'} for {file.name} must be {shapes}, not {pictures.shape}"
        )
    entries = len(head.alphabet) if isinstance(head, Tokens) else head.palette_size
    if pictures.size and pictures.max() >= entries:
        whole, of_it, all_of_it = (
            ("grid", "symbol", "alphabet") if tokens else ("picture", "entry", "palette")
        )
        raise UsageError(
            f"{caller}: a {whole} has {of_it} {pictures.max()}, but the {all_of_it} of {file.name} ends at "
            f"{entries - 1}"
        )
    return np.array(pictures).reshape(-1, height, width), 0.0


def first_frames(file: PackFile, pictures: AnyArray, caller: str) -> Uint8Array:
    """Return first frames of sheets, uint8 (N, h, w), palette entries.

    pictures: as in `to_indices`, of the size of a frame. Raises UsageError, also for a pack that cannot animate.
    """
    if file.plan.sampler is None or file.frame_kinds is None or not isinstance(file.head, Frames):
        raise UsageError(
            f"{caller}: {file.name} does not generate animation sheets from a first frame; packs of `tilewright train "
            "--sheets` do"
        )
    return to_indices(file, pictures, caller, file.head.frame)[0]


def complete(file: PackFile, request: Request, fronts: Uint8Array, new_colours: bool) -> None:
    """Ask for sheets with the first frames uint8 (N, h, w), of a pack that animates.

    new_colours: whether other frames may have entries that the first lacks.
    """
    head, sampler = file.head, file.plan.sampler
    assert isinstance(head, Frames) and sampler is not None
    height, width = head.frame
    cells = np.full((len(fronts), head.height, head.width), sampler.colours, np.uint8)
    cells[:, :height, :width] = fronts
    request.give("cells", head.sheet.with_copies(cells), 3)
    if not new_colours:
        request.give("allowed", occurring(fronts, sampler.colours), 2)


def occurring(pictures: Uint8Array, entries: int) -> BoolArray:
    """Return which of so many palette entries each picture uint8 (N, H, W) has, bool (N, entries)."""
    found = np.zeros((len(pictures), entries), np.bool_)
    count, height, width = pictures.shape
    found[np.arange(count)[:, None], pictures.reshape(count, height * width)] = True
    return found


def hide(file: PackFile, indices: Uint8Array, mask: AnyArray, caller: str) -> Uint8Array:
    """Return cells uint8 (N, H, W): the indices, and the value for unknown cells where the mask is True.

    mask: bool (H, W) or (N, H, W). Raises UsageError for another mask, and for a pack without a sampler.
    """
    sampler = file.plan.sampler
    if sampler is None:
        raise UsageError(
            f"{caller}: {file.name} generates a picture in one pass and cannot keep parts of one; packs of the "
            "models ar and diffusion can"
        )
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
        raise UsageError(f"{caller}: mask must be a bool array, True where pixels are generated")
    if mask.shape not in (indices.shape, indices.shape[1:]):
        raise UsageError(
            f"{caller}: mask must be {indices.shape[1:]} or {indices.shape}, like the pictures, not {mask.shape}"
        )
    cells: Uint8Array = np.where(mask, np.uint8(sampler.colours), indices)
    return cells


def checked_entries(file: PackFile, allowed: AnyArray, count: int, caller: str) -> BoolArray:
    """Return the entries that may be drawn, bool (K,) or (count, K). Raises UsageError for another array."""
    assert file.plan.sampler is not None
    entries = file.plan.sampler.colours
    if not isinstance(allowed, np.ndarray) or allowed.dtype != np.bool_:
        raise UsageError(f"{caller}: allowed must be a bool array, True for entries that may be drawn")
    if allowed.shape not in ((entries,), (count, entries)):
        raise UsageError(
            f"{caller}: allowed must be ({entries},) or ({count}, {entries}), an entry each, not {allowed.shape}"
        )
    if not allowed.any(axis=-1).all():
        raise UsageError(f"{caller}: allowed must have at least one entry that may be drawn for each picture")
    return allowed


def nearest_entries(rgba: Uint8Array, palette: Uint8Array) -> Uint8Array:
    """Return the nearest entries of a palette uint8 (K, 4) in OKLab, uint8 (...), for colours uint8 (..., 4)."""
    nearest = remap(rgba, palette)
    colours, places = np.unique(nearest.reshape(-1, 4), axis=0, return_inverse=True)
    entries = (colours[:, None] == palette[None]).all(axis=2).argmax(axis=1)
    found: Uint8Array = entries.astype(np.uint8)[places].reshape(rgba.shape[:-1])
    return found


def _nearest(rgba: Uint8Array, palette: Uint8Array) -> tuple[Uint8Array, float]:
    colours, places = np.unique(rgba.reshape(-1, 4), axis=0, return_inverse=True)
    entries = nearest_entries(colours, palette)
    nearest = palette[entries]
    visible = (colours[:, 3] >= 128) & (nearest[:, 3] > 0)
    offset = colours[visible, :3].astype(np.int64) - nearest[visible, :3]
    distance = float(np.sqrt((offset**2).sum(axis=1).max(initial=0)))
    return entries[places].reshape(rgba.shape[:3]), distance
