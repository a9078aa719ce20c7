"""Add an upsampler to a pack."""

import base64
from pathlib import Path

from tilewright.errors import UsageError
from tilewright.pack import PackFile, check_pack, fits_upsampler, open_pack

from .export_onnx import with_fields


def read_upsampler(path: Path) -> PackFile:
    """Open the pack of a run of `tilewright train --upsampler`. Raises UsageError, NotFoundError or PackError."""
    return open_pack(path, "export --upsampler")


def with_upsampler(content: bytes, path: Path, upsampler: PackFile) -> bytes:
    """Return a pack that draws pictures of twice the size. path: is used in errors only.

    Raises UsageError for an upsampler of another size or palette.
    """
    pack = check_pack(content, path)
    if not fits_upsampler(pack, upsampler):
        height, width = pack.drawn
        raise UsageError(
            f"export: {upsampler.path} is no upsampler for pictures of {width}x{height} pixels in the palette of the "
            "run: train both on the same art with the same recipe, one with --halve and the other with --upsampler"
        )
    more = [source for source in upsampler.sources if source not in pack.sources]
    sources = [{"name": s.name, "licence": s.licence, "author": s.author} for s in (*pack.sources, *more)]
    return with_fields(
        content, {"upsampler": base64.b64encode(upsampler.content).decode(), "sources": sources}
    )
