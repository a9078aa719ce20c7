"""Writing files so that a crash leaves the old file whole."""

import os
import tempfile
from pathlib import Path

from tilewright.errors import MachineError


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to a temporary file beside `path`, flush it to the disk and rename it to `path`.

    The folder is made if it is missing. MachineError if it cannot be, or written to, or the disk is full; nothing is
    left behind, whatever interrupts.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = file.name
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        if isinstance(error, OSError):
            raise MachineError(f"cannot write {path}: {error.strerror or error}") from error
        raise
