"""Bounded reading of untrusted files, and atomic writing."""

import json
import os
import re
import secrets
import stat
from pathlib import Path
from typing import Any

from tilewright.errors import DataError, MachineError

MAX_TEXT_BYTES = 1 << 20  # of an untrusted text file
MAX_LINE = 200  # characters of a name, a licence or an author
_OPEN_FILE = re.compile(r"/dev/(?P<name>stdout|stderr)|/(?:dev|proc/self)/fd/(?P<number>[0-9]{1,6})")
_LEFT_OVER = re.compile(r"\..+\.[0-9a-f]{8}\.tmp")


def read_bounded(path: Path, most: int = MAX_TEXT_BYTES, *, follow: bool = True) -> bytes:
    """Read a regular file of at most `most` bytes. Never blocks, whatever `path` refers to.

    follow: whether `path` itself may be a link. Raises `DataError` "PATH: REASON".
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not follow:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        if not follow and path.is_symlink():
            raise DataError(f"{path}: a link, not a regular file")
        with open(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise DataError(f"{path}: not a regular file")
            content = file.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    if len(content) > most:
        raise DataError(f"{path}: more than {most} bytes")
    return content


def read_text(path: Path, most: int = MAX_TEXT_BYTES, *, follow: bool = True) -> str:
    """Like `read_bounded`, decoded as UTF-8, without a byte order mark."""
    try:
        return read_bounded(path, most, follow=follow).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text") from error


def read_json(path: Path, most: int = MAX_TEXT_BYTES, *, follow: bool = True) -> Any:
    """Read a JSON file with `read_text`. Also raises `DataError` for invalid JSON."""
    text = read_text(path, most, follow=follow)
    try:
        return json.loads(text)
    except RecursionError as error:
        raise DataError(f"{path}: not JSON: nested too deeply") from error
    except ValueError as error:  # also raised for integers of thousands of digits
        raise DataError(f"{path}: not JSON: {error}") from error


def printable_line(text: str) -> str:
    """Convert an untrusted text to one printable line of at most `MAX_LINE` characters, as pack metadata
    requires.
    """
    return "".join(c if c.isprintable() else " " for c in text).strip()[:MAX_LINE].strip()


def is_printable_line(value: object) -> bool:
    """Whether a value is a string that `printable_line` could return."""
    return isinstance(value, str) and len(value) <= MAX_LINE and value.isprintable()


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to a temporary file next to `path`, flush it to disk and rename it to `path`.

    If `path` is a link, its target is written. The mode of an existing file is kept; a new file gets the mode
    of the umask. Devices, FIFOs and open files (/dev/stdout) are written directly. A missing folder is
    created. Raises MachineError on failure, such as a full disk. An interruption leaves no temporary file.
    """
    try:
        mode = _mode_of(path)
        descriptor = _descriptor_of(path)
        if descriptor is not None:
            _write(os.dup(descriptor), content)
        elif mode is not None and not stat.S_ISREG(mode):
            _write(path, content)
        else:
            _replace(Path(os.path.realpath(path)), content, mode)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise MachineError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from error


def _write(where: Path | int, content: bytes) -> None:
    with open(where, "wb") as file:
        file.write(content)


def _replace(path: Path, content: bytes, mode: int | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".{path.name[:40]}.{secrets.token_hex(4)}.tmp"
    try:
        with temporary.open("xb") as file:
            if mode is not None:
                os.chmod(temporary, stat.S_IMODE(mode))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _mode_of(path: Path) -> int | None:
    """Return the mode of the file at `path`, following links, or None if there is none."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _descriptor_of(path: Path) -> int | None:
    """Return the descriptor of /dev/stdout, /dev/fd/3 and the like, which must not be replaced."""
    match = _OPEN_FILE.fullmatch(os.path.abspath(path)) if os.name == "posix" else None
    if match is None:
        return None
    return int(match["number"]) if match["number"] else {"stdout": 1, "stderr": 2}[match["name"]]


def remove_left_over(folder: Path) -> None:
    """Remove temporary files of a killed `write_atomically` in `folder`. No other process may write to it."""
    for path in folder.iterdir():
        if _LEFT_OVER.fullmatch(path.name) and not path.is_dir():
            path.unlink(missing_ok=True)
