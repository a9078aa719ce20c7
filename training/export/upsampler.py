"""Add an upsampler to a pack."""

import base64
from pathlib import Path

from tilewright.errors import UsageError
from tilewright.pack import MAX_UPSAMPLER, PackFile, check_pack, open_pack, upsampler_misfit

from .export_onnx import with_fields


def read_upsampler(path: Path) -> PackFile:
    """Open the pack of a run of `tilewright train --upsampler`. Raises UsageError, NotFoundError or PackError."""
    return open_pack(path, "export --upsampler")


def check_upsampler(pack: PackFile, upsampler: PackFile) -> None:
    """Raise UsageError for an upsampler that does not suit the pack."""
    wrong = upsampler_misfit(pack, upsampler)
    if len(upsampler.content) > MAX_UPSAMPLER:
        wrong = f"its file is larger than {MAX_UPSAMPLER:,} bytes"
    if wrong:
        raise UsageError(
            f"export: {upsampler.path} is no upsampler for this run: {wrong}; train both on the same art with the same "
            "recipe, one with --halve and the other with --upsampler"
        )


def with_upsampler(content: bytes, path: Path, upsampler: PackFile) -> bytes:
    """Return a pack that draws pictures of twice the size. path: is used in errors only.

    Raises UsageError for an upsampler that does not suit it.
    """
    pack = check_pack(content, path)
    check_upsampler(pack, upsampler)
    more = [source for source in upsampler.sources if source not in pack.sources]
    sources = [{"name": s.name, "licence": s.licence, "author": s.author} for s in (*pack.sources, *more)]
    return with_fields(
        content, {"upsampler": base64.b64encode(upsampler.content).decode(), "sources": sources}
    )
