"""The exceptions of tilewright.

All derive from `TilewrightError`. Errors of the caller are also a `ValueError`, limits of the machine also a
`RuntimeError`. A message names the public function, the offending value and the remedy.
"""

import re

MAX_TEXT = 500


class TilewrightError(Exception):
    """Base class of all exceptions that tilewright raises deliberately."""


class UsageError(TilewrightError, ValueError):
    """An invalid argument, such as a negative count or an unknown kind."""


class NotFoundError(UsageError, FileNotFoundError):
    """No pack or palette has this name, and no such file exists."""


class PackError(TilewrightError, ValueError):
    """A file is no pack, or tilewright does not support it."""


class DataError(TilewrightError, ValueError):
    """A folder of art, a map or a palette cannot be read."""


class MachineError(TilewrightError, RuntimeError):
    """The machine lacks something requested: a GPU, a package, disk space."""


def printable(text: object) -> str:
    """Return `text` as one printable line of at most 500 characters.

    File names and file contents may contain line breaks and escape sequences, which become backslash escapes.
    Long texts are shortened in the middle, because the ends identify the file and the fault.
    """
    whole = str(text)
    if len(whole) > MAX_TEXT:
        whole = f"{whole[:MAX_TEXT]} ... {whole[-MAX_TEXT:]}"
    whole = escaped(whole)
    if len(whole) > MAX_TEXT:
        whole = f"{whole[: MAX_TEXT - 205]} ... {whole[-200:]}"
    return whole


def escaped(text: str) -> str:
    """Return `text` with backslash escapes for characters that are not printable, such as line breaks."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def command_text(error: Exception) -> str:
    """Return the message of `error` for a command line: printable, without the name of the Python function."""
    return printable(re.sub(r"^[\w.]+\(\): ", "", str(error)))
