"""What all screens have in common."""

from dataclasses import dataclass, field
from pathlib import Path

import pygame

import tilewright as tw

from ..assets import Assets, Scene
from ..music import Tune
from ..records import load_records
from ..rules.dice import mix
from ..rules.run import Run
from ..settings import Settings
from ..worker import Place, Worker


@dataclass
class Shared:
    """What all screens use. folder: for saves, replays, pictures and settings. seed: of the next run.

    real: a folder of real art.
    """

    assets: Assets
    worker: Worker
    folder: Path
    seed: int
    style: str | None = None
    settings: Settings = field(default_factory=Settings)
    notes: list[str] = field(default_factory=list)
    real: Path | None = None

    def __post_init__(self) -> None:
        """Read what is kept of earlier runs."""
        self.records = load_records(self.folder)
        self.notes += self.records.notes
        # A thread of its own: a draft must not wait for the tileset of another seed.
        self.drafts = None if self.assets.lands is None else Worker(self.assets.draft, "drafts")

    def next_seed(self) -> int:
        """Return another seed, for the next run."""
        self.seed = mix(self.seed) >> 32
        return self.seed

    @property
    def save(self) -> Path:
        """The file of the saved run."""
        return self.folder / "tilewright-save.json"

    def prepare(self, place: Place | None = None) -> None:
        """Begin to make the pictures of a place, with a draft if they take long, and no others. Without a place: those
        with which a run of the current seed begins.
        """
        place = (self.seed, 1, 0) if place is None else place
        self.worker.forget(place)
        if self.drafts is not None:
            self.drafts.forget(place)
            if not self.worker.ready(place):
                self.drafts.request(place)
        self.worker.request(place)

    def ready(self, place: Place) -> bool:
        """Whether there is something to show of a prepared place."""
        return self.worker.ready(place) or (self.drafts is not None and self.drafts.ready(place))

    def take(self, place: Place) -> tuple[Scene, bool]:
        """Return the scene of a place, and whether it is the draft. Waits for it, and raises the exception of both."""
        if self.drafts is not None and not self.worker.ready(place):
            self.prepare(place)
            try:
                return self.drafts.take(place), True
            except tw.TilewrightError:
                pass  # the scene itself may succeed
        if self.drafts is not None:
            self.drafts.forget()
        return self.worker.take(place), False

    def mute(self) -> str:
        """Turn the sound off, or on again. Returns what to tell the player."""
        self.settings.change("muted", 1)
        return "sound off" if self.settings.muted else "sound on"

    def close(self) -> None:
        """End the threads, without waiting for what they make."""
        self.worker.close()
        if self.drafts is not None:
            self.drafts.close()


def place_of(run: Run) -> Place:
    """Return the place where a run is, with its first pictures."""
    return run.seed, run.depth.number, 0


class Screen:
    """A state of the game. next: the screen that follows, itself until then. None leaves: for the title, and
    from there the game.
    """

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.next: Screen | None = self

    @property
    def tune(self) -> Tune | None:
        """The seed and the mood of the tune that plays, or None."""
        return None

    @property
    def waiting(self) -> bool:
        """Whether nothing happens until pictures are there."""
        return False

    def type(self, text: str) -> bool:
        """Take typed text. Returns whether it was taken, so that it is no action."""
        return False

    def press(self, name: str) -> bool:
        """Take a key by its name, or "button 3" of a gamepad. Returns whether it was taken, so that it is no action."""
        return False

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Advance by one sixtieth of a second. actions: those that began in this step."""
        raise NotImplementedError

    def draw(self, screen: pygame.Surface) -> None:
        """Draw on the logical screen."""
        raise NotImplementedError
