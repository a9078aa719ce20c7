"""The exceptions tilewright raises.

Every one derives from `TilewrightError`. What the caller got wrong is also a `ValueError`, what the
machine cannot do is also a `RuntimeError`. A message names the public function, the offending value
and the cure.
"""


class TilewrightError(Exception):
    """Root of every exception tilewright raises on purpose."""


class UsageError(TilewrightError, ValueError):
    """The caller passed something that cannot be served: a negative count, an unknown kind."""


class PackError(TilewrightError, ValueError):
    """A file is not a pack, or is one that tilewright does not run."""


class DataError(TilewrightError, ValueError):
    """A folder of art, a map or a palette cannot be read."""


class MachineError(TilewrightError, RuntimeError):
    """This machine lacks what was asked for by name: a GPU, a package, disk space."""
