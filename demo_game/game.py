"""The game without input and display: the current world, and the next one while it is generated."""

from collections.abc import Callable

import pygame

from .assets import STYLES, Scene, next_seed, restyle
from .view import View
from .worker import Imaginer
from .world import STEPS_PER_SECOND, World

_TITLE = "tilewright: a seed is a world"
_NOTE_STEPS = 2 * STEPS_PER_SECOND


class Game:
    """Holds the current world. `imagine` maps a seed to a scene and is called at once for the first world."""

    def __init__(self, imagine: Callable[[int], Scene], seed: int) -> None:
        self._imaginer = Imaginer(imagine)
        self._style: str | None = None
        self._enter(imagine(seed))

    @property
    def seed(self) -> int:
        """The seed of the current world."""
        return self.scene.seed

    @property
    def imagining(self) -> bool:
        """Whether the next world is being generated."""
        return self._imaginer.busy

    def new_world(self) -> None:
        """Start to generate the next world. The current one continues until the next one is ready."""
        self._imaginer.start(next_seed(self.seed))

    def next_style(self) -> None:
        """Show the world in the next palette, or as the next machine could; after the last as it was made."""
        styles = (None, *STYLES)
        self._style = styles[(styles.index(self._style) + 1) % len(styles)]
        self.view = View(restyle(self.scene, self._style))
        self._say(self._style or "all colours")

    def step(self, dx: int, dy: int) -> None:
        """Advance by one sixtieth of a second with the pressed keys as (dx, dy), each -1, 0 or 1."""
        self.world.step(dx, dy)

    def enter_new_world(self, wait: bool = False) -> bool:
        """Switch to the next world if it is ready, or wait for it. Returns whether it switched."""
        scene = self._imaginer.take(wait)
        if scene is None:
            return False
        self._enter(scene)
        return True

    def draw(self) -> pygame.Surface:
        """Draw the current state of the world on the logical surface."""
        if self.imagining:
            return self.view.draw(self.world, f"imagining seed {self._imaginer.seed}...")
        return self.view.draw(self.world, self._note if self.world.clock < self._note_until else "")

    def close(self) -> None:
        """End the thread that generates worlds."""
        self._imaginer.close()

    def _enter(self, scene: Scene) -> None:
        self.scene = scene
        self.view = View(restyle(scene, self._style))
        self.world = World.populate(
            scene.level.walkable, scene.level.start, scene.seed, len(scene.monsters), len(scene.items)
        )
        self._say(_TITLE)

    def _say(self, note: str) -> None:
        """Show a note for two seconds."""
        self._note, self._note_until = note, self.world.clock + _NOTE_STEPS
