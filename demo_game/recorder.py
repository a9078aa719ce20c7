"""Records the screen as a GIF. Pictures are taken in the frame loop, and written on a thread of their own."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pygame
from PIL import Image

import tilewright as tw
from tilewright.errors import command_text

from . import font
from .colours import BLOOD, INK, NIGHT
from .pictures import from_surface, save_gif
from .view import WIDTH

MILLISECONDS = 100  # between two pictures
LONGEST = 10_000  # milliseconds of a recording
_SAY = 4_000  # milliseconds for which a message is shown


class Recorder:
    """Recordings, one at a time. Times are in milliseconds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._frames: list[Image.Image] = []
        self._began: int | None = None
        self._path = folder
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="recorder")
        self._writing: Future[str] | None = None
        self._said, self._said_at = "", 0

    def toggle(self, seed: int, now: int) -> None:
        """Begin to record, or end and write; not while one is written."""
        if self._began is not None:
            self._end()
        elif self._writing is None:
            self._began, self._frames = now, []
            self._path = self._folder / f"tilewright-{seed}-{now}.gif"

    def frame(self, screen: pygame.Surface, now: int) -> None:
        """Take a picture of the logical screen if it is time for one."""
        if self._writing is not None and self._writing.done():
            self._said, self._said_at = self._writing.result(), now
            self._writing = None
        if self._began is None:
            return
        if now - self._began >= MILLISECONDS * len(self._frames):
            self._frames.append(from_surface(screen))
        if now - self._began >= LONGEST:
            self._end()

    def draw(self, screen: pygame.Surface, now: int, scale: int) -> None:
        """Draw the sign, which no picture of the recording contains."""
        if self._began is not None:
            text = f"REC {(now - self._began) // 1000} of {LONGEST // 1000} s, F11 ends"
        elif self._writing is not None:
            text = "writing the GIF"
        elif self._said and now - self._said_at < _SAY:
            text = self._said
        else:
            return
        shown = font.render(text, INK, scale)
        frame = shown.get_rect(midtop=(WIDTH // 2 + 10, 6))
        screen.fill(NIGHT, frame.inflate(36, 8))
        screen.blit(shown, frame)
        if self._began is not None:
            pygame.draw.circle(screen, BLOOD, (frame.left - 10, frame.centery), 5)

    def close(self) -> None:
        """Write what was recorded, wait until it is written, and end the thread."""
        if self._began is not None:
            self._end()
        self._pool.shutdown(wait=True)

    def _end(self) -> None:
        self._began = None
        frames, self._frames = self._frames, []
        if frames:
            self._writing = self._pool.submit(_write, frames, self._path)


def _write(frames: list[Image.Image], path: Path) -> str:
    try:
        save_gif(frames, path, MILLISECONDS)
        return f"wrote {path.name}, {path.stat().st_size // 1000} kB"
    except (tw.TilewrightError, OSError) as error:
        return f"no GIF: {command_text(error)}"
