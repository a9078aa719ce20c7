"""A small game whose every tile, sprite and level comes out of tilewright while it runs."""

import os
import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Play, with options as on the command line. Returns the exit code: 0, 1 (failed) or 2 (wrong use)."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    try:
        from .app import main as play
    except ModuleNotFoundError as error:
        if error.name != "pygame":
            raise
        print(
            "tilewright play: pygame is missing; install it with: pip install pygame-ce (or pygame)",
            file=sys.stderr,
        )
        return 1
    return play(argv)
