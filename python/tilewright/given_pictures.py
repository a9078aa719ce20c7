"""Pictures that a caller gives to a pack: as palette entries, and as cells of which some are known."""

import numpy as np

from tilewright.arrays import AnyArray, BoolArray, Uint8Array
from tilewright.errors import UsageError
from tilewright.heads import Frames
from tilewright.pack import PackFile
from tilewright.palette import remap


def to_indices(
    file: PackFile, pictures: AnyArray, caller: str, size: tuple[int, int] | None = None
) -> tuple[Uint8Array, float]:
    """Return pictures as palette entries, uint8 (N, H, W), and the largest distance of a colour from its entry.

    pictures: uint8 palette entries (H, W) or (N, H, W), or RGBA (H, W, 4) or (N, H, W, 4). size: their H and W; by
    default, those of the pack's pictures. RGBA is mapped to the nearest entries in OKLab; the distance is in RGB,
    0 .. 441. Raises UsageError.
    """
    palette = file.head.palette
    if palette is None:
        raise UsageError(f"{caller}: {file.name} has no palette of its own, so no picture can be given")
    if not isinstance(pictures, np.ndarray) or pictures.dtype != np.uint8:
        raise UsageError(f"{caller}: pictures must be uint8 arrays of palette entries or RGBA")
    height, width = size or file.shape
    if pictures.shape[-3:] == (height, width, 4) and pictures.ndim in (3, 4):
        return _nearest(pictures.reshape(-1, height, width, 4), palette)
    if pictures.shape[-2:] != (height, width) or pictures.ndim not in (2, 3):
        shape = f"{height}, {width}"
        raise UsageError(
            f"{caller}: pictures for {file.name} must be ({shape}), (N, {shape}) or the same with RGBA, not "
            f"{pictures.shape}"
        )
    if pictures.size and pictures.max() >= len(palette):
        raise UsageError(
            f"{caller}: a picture has entry {pictures.max()}, but the palette of {file.name} ends at "
            f"{len(palette) - 1}"
        )
    return np.array(pictures).reshape(-1, height, width), 0.0


def first_frames(file: PackFile, pictures: AnyArray, caller: str) -> tuple[Uint8Array, BoolArray]:
    """Return sheets of which only the first frames are known, uint8 (N, H, W), and the entries that occur in each of
    these, bool (N, K).

    pictures: as in `to_indices`, of the size of a frame. Raises UsageError, also for a pack that cannot animate.
    """
    head, sampler = file.head, file.plan.sampler
    if sampler is None or file.frame_kinds is None or not isinstance(head, Frames):
        raise UsageError(
            f"{caller}: {file.name} does not generate animation sheets from a first frame; packs of `tilewright train "
            "--sheets` do"
        )
    height, width = head.height // head.rows, head.width // head.columns
    given, _ = to_indices(file, pictures, caller, (height, width))
    cells = np.full((len(given), head.height, head.width), sampler.colours, np.uint8)
    cells[:, :height, :width] = given
    occurs = np.zeros((len(given), sampler.colours), np.bool_)
    occurs[np.arange(len(given))[:, None], given.reshape(len(given), -1)] = True
    return cells, occurs


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


def _nearest(rgba: Uint8Array, palette: Uint8Array) -> tuple[Uint8Array, float]:
    colours, places = np.unique(rgba.reshape(-1, 4), axis=0, return_inverse=True)
    nearest = remap(colours, palette)
    entries = (nearest[:, None] == palette[None]).all(axis=2).argmax(axis=1)
    visible = (colours[:, 3] >= 128) & (nearest[:, 3] > 0)
    offset = colours[visible, :3].astype(np.int64) - nearest[visible, :3]
    distance = float(np.sqrt((offset**2).sum(axis=1).max(initial=0)))
    return entries.astype(np.uint8)[places].reshape(rgba.shape[:3]), distance
