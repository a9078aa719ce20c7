"""Draws a world on a small logical surface, which is enlarged by an integer factor."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pygame

from . import font
from .assets import Scene
from .world import CELL, Walker, World

COLUMNS, ROWS = 20, 12
BAR = 8  # pixels, below the map

_INK, _FAINT, _BRIGHT, _NIGHT = (222, 238, 214), (133, 149, 161), (218, 212, 94), (20, 12, 28)
_FRAME_STEPS = 20  # steps per frame of the water animation
_BOB_STEPS = 8


class View:
    """The view of one world."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.tile = scene.tile_size
        self.surface = pygame.Surface((COLUMNS * self.tile, ROWS * self.tile + BAR))
        self._maps = [_surface(frame) for frame in scene.ground]
        self._hero = _both_ways(scene.hero)
        self._monsters = [_both_ways(picture) for picture in scene.monsters]
        self._items = [_surface(picture) for picture in scene.items]
        self._shadow = _shadow(self.tile)

    def draw(self, world: World, note: str = "") -> pygame.Surface:
        """Draw the current state of the world, with `note` in a small box. Returns the logical surface."""
        left, top = self._camera(world)
        frame = self._maps[world.clock // _FRAME_STEPS % len(self._maps)]
        self.surface.blit(frame, (0, 0), (left, top, COLUMNS * self.tile, ROWS * self.tile))
        self._draw_things(world, left, top)
        self._draw_bar(world)
        if note:
            text = font.render(note, _BRIGHT)
            box = pygame.Rect(0, 0, text.get_width() + 7, font.HEIGHT + 6)
            box.midtop = (self.surface.get_width() // 2, self.tile // 2)
            self.surface.fill(_NIGHT, box)
            self.surface.blit(text, (box.x + 4, box.y + 3))
        return self.surface

    def _camera(self, world: World) -> tuple[int, int]:
        """Return the map pixel at the top left: centred on the hero, limited to the map."""
        height, width = world.walkable.shape
        left = world.hero.x * self.tile // CELL - COLUMNS * self.tile // 2
        top = world.hero.y * self.tile // CELL - ROWS * self.tile // 2
        return (
            min(max(left, 0), (width - COLUMNS) * self.tile),
            min(max(top, 0), (height - ROWS) * self.tile),
        )

    def _draw_things(self, world: World, left: int, top: int) -> None:
        """Draw items and characters from back to front, each with a shadow."""
        queue: list[tuple[int, Callable[[], None]]] = []

        def put(picture: pygame.Surface, x: int, y: int, lift: int) -> None:
            middle = x * self.tile // CELL - left
            feet = y * self.tile // CELL - top + self.tile // 4

            def draw() -> None:
                shadow = self._shadow.get_rect(midbottom=(middle, feet + 1))
                self.surface.blit(self._shadow, shadow)
                self.surface.blit(picture, picture.get_rect(midbottom=(middle, feet - lift)))

            queue.append((y, draw))

        for number, item in enumerate(world.items):
            if not item.taken:
                lift = (world.clock // 16 + number) % 4 // 2
                put(self._items[item.look], item.x, item.y, lift)
        for monster in world.monsters:
            put(self._monsters[monster.look][monster.left], monster.x, monster.y, _bob(monster))
        if world.safe // 4 % 2 == 0:  # the hero blinks after a collision
            put(self._hero[world.hero.left], world.hero.x, world.hero.y, _bob(world.hero))
        for _, draw in sorted(queue, key=lambda thing: thing[0]):
            draw()

    def _draw_bar(self, world: World) -> None:
        scene, width = self.scene, self.surface.get_width()
        bar = pygame.Rect(0, ROWS * self.tile, width, BAR)
        self.surface.fill(_NIGHT, bar)
        facts = f"{scene.pack}  seed {scene.seed}  {scene.made} tiles in {scene.milliseconds} ms"
        found = f"{len(world.found)}/{len(world.items)}"
        baseline = bar.y + 2
        self.surface.blit(font.render(facts, _FAINT), (3, baseline))
        count = font.render(found, _BRIGHT if len(world.found) == len(world.items) else _INK)
        self.surface.blit(count, count.get_rect(topright=(width - 2, baseline)))
        hint = font.render("R: new world  P: colours", _FAINT)
        self.surface.blit(hint, hint.get_rect(topright=(width - count.get_width() - 10, baseline)))


def enlarge(surface: pygame.Surface, factor: int) -> pygame.Surface:
    """Enlarge each pixel to a square of factor x factor."""
    return pygame.transform.scale(surface, (surface.get_width() * factor, surface.get_height() * factor))


def present(surface: pygame.Surface, window: pygame.Surface) -> None:
    """Show the logical surface centred in the window at the largest integer factor."""
    across, down = window.get_width() // surface.get_width(), window.get_height() // surface.get_height()
    picture = enlarge(surface, max(1, min(across, down)))
    window.fill(_NIGHT)
    window.blit(picture, picture.get_rect(center=window.get_rect().center))


def _surface(picture: npt.NDArray[np.uint8]) -> pygame.Surface:
    size = (picture.shape[1], picture.shape[0])
    return pygame.image.frombytes(picture.tobytes(), size, "RGBA" if picture.shape[2] == 4 else "RGB")


def _both_ways(picture: npt.NDArray[np.uint8]) -> tuple[pygame.Surface, pygame.Surface]:
    """Return the picture and its mirror image, indexed by whether the walker faces left."""
    surface = _surface(picture)
    return surface, pygame.transform.flip(surface, True, False)


def _bob(walker: Walker) -> int:
    return walker.stride // _BOB_STEPS % 2


def _shadow(tile: int) -> pygame.Surface:
    shadow = pygame.Surface((tile * 5 // 8, max(2, tile // 5)), pygame.SRCALPHA)
    pygame.draw.ellipse(shadow, (*_NIGHT, 110), shadow.get_rect())
    return shadow
