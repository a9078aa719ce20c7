"""The exceptions tilewright raises.

Every one derives from `TilewrightError`. What the caller got wrong is also a `ValueError`, what the
machine cannot do is also a `RuntimeError`. A message names the public function, the offending value
and the cure.
"""

import re

MAX_TEXT = 500


class TilewrightError(Exception):
    """Root of every exception tilewright raises on purpose."""


class UsageError(TilewrightError, ValueError):
    """The caller passed something that cannot be served: a negative count, an unknown kind."""


class NotFoundError(UsageError, FileNotFoundError):
    """There is no pack or palette of that name, and no such file."""


class PackError(TilewrightError, ValueError):
    """A file is not a pack, or is one that tilewright does not run."""


class DataError(TilewrightError, ValueError):
    """A folder of art, a map or a palette cannot be read."""


class MachineError(TilewrightError, RuntimeError):
    """This machine lacks what was asked for by name: a GPU, a package, disk space."""


def printable(text: object) -> str:
    """`text` as one line of at most 500 characters that a terminal shows as they are.

    Names of files and what a file says may hold line breaks and escape sequences: they become backslash escapes. Of
    a longer text the middle is left out, as the ends say which file it is and what is wrong.
    """
    whole = str(text)
    if len(whole) > MAX_TEXT:
        whole = f"{whole[:MAX_TEXT]} ... {whole[-MAX_TEXT:]}"
    whole = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in whole)
    if len(whole) > MAX_TEXT:
        whole = f"{whole[: MAX_TEXT - 205]} ... {whole[-200:]}"
    return whole


def command_text(error: Exception) -> str:
    """The message of `error` on a command line: printable, without the Python function that it begins with."""
    return printable(re.sub(r"^[\w.]+\(\): ", "", str(error)))
