"""Draws a depth and what is in it on the logical screen of WIDTH x HEIGHT pixels."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pygame

from . import font
from .assets import Scene
from .bloom import Bloom
from .colours import BLOOD, BRIGHT, NIGHT, SPARK, WOOD
from .morph import Morph
from .rules.depth import Monster
from .rules.grid import CELL, Body, Cell
from .rules.run import Event, Run

WIDTH, HEIGHT = 640, 360

_FRAME_STEPS = 20  # steps per frame of the water
_BREATH_STEPS = 24
_STRIDE_STEPS = 8
_FLASH_STEPS = 8
_BLINK_STEPS = 12  # less than three times a second
Frames = list[tuple[pygame.Surface, pygame.Surface]]  # of a sprite, each to the right and to the left


class View:
    """The view of one depth. Cells stay dark until the hero has seen them."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.tile = scene.tile_size
        _, height, width, _ = scene.ground.shape
        self._maps = [pygame.image.frombuffer(frame, (width, height), "RGBX") for frame in scene.ground]
        self._hero = _frames(scene.hero)
        self._people = [_frames(one) for one in scene.people]
        self._monsters = {kind: [_frames(look) for look in looks] for kind, looks in scene.monsters.items()}
        self.items = {name: surface(picture) for name, picture in scene.items.items()}
        self._large: dict[int, Frames] = {}
        self._shadow = _shadow(self.tile)
        self._fog = pygame.Surface(self._maps[0].get_size())
        self._fog.set_colorkey((255, 0, 255))
        self._fog.fill(NIGHT)
        self._clear: set[Cell] = set()
        self._flashes: list[tuple[int, Event]] = []
        self._bloom: Bloom | None = None

    def bloom(self, before: "View", run: Run) -> None:
        """Appear in place of another view of the same depth, from the hero outwards."""
        if before.tile == self.tile:
            self._bloom = Bloom(before._shown, self._maps, self.tile, run.hero.cell, run.clock)

    @property
    def _shown(self) -> list[pygame.Surface]:
        return self._maps if self._bloom is None else self._bloom.maps

    def draw(self, run: Run, screen: pygame.Surface, still: bool = False, morph: Morph | None = None) -> None:
        """Draw the current state of a run. still: with reduced motion: nothing flashes, bobs or flows. morph: of the
        tiles.
        """
        self._lift_fog(run)
        if self._bloom is not None and (still or not self._bloom.advance(run.clock)):
            self._bloom = None
        left, top = self.camera(run)
        number = 0 if still else run.clock // _FRAME_STEPS % len(self._maps)
        frame = self._shown[number]
        screen.fill(NIGHT)
        place = (max(0, -left), max(0, -top))
        area = (max(0, left), max(0, top), WIDTH, HEIGHT)
        screen.blit(frame, place, area)
        if morph is not None and morph.begun:
            size = min(WIDTH, frame.get_width()), min(HEIGHT, frame.get_height())
            pixels = morph.pixels(number, area[0], area[1], *size, still)
            flowing = pygame.image.frombuffer(pixels.data.cast("B"), size, "RGBX")
            flowing.set_colorkey((255, 0, 255))
            screen.blit(flowing, place)
        self._draw_ground(run, screen, left, top)
        self._draw_bodies(run, screen, left, top, still)
        screen.blit(self._fog, place, area)

    def flash(self, run: Run, event: Event) -> None:
        """Show a blow or a death for a moment."""
        if event.name in ("hit", "killed", "wounded", "opened"):
            self._flashes.append((run.clock + _FLASH_STEPS, event))

    def camera(self, run: Run) -> tuple[int, int]:
        """Return the map pixel at the top left: centred on the hero, limited to the map, which is centred if small."""
        width, height = self._maps[0].get_size()

        def start(at: int, screen: int, whole: int) -> int:
            return (whole - screen) // 2 if whole < screen else min(max(at - screen // 2, 0), whole - screen)

        return (
            start(run.hero.x * self.tile // CELL, WIDTH, width),
            start(run.hero.y * self.tile // CELL, HEIGHT, height),
        )

    def _lift_fog(self, run: Run) -> None:
        new = run.depth.seen - self._clear
        if len(self._clear) > len(run.depth.seen):  # another run of the same depth
            self._fog.fill(NIGHT)
            new = set(run.depth.seen)
        for row, column in new:
            self._fog.fill((255, 0, 255), (column * self.tile, row * self.tile, self.tile, self.tile))
        self._clear = set(run.depth.seen) if new else self._clear

    def _draw_ground(self, run: Run, screen: pygame.Surface, left: int, top: int) -> None:
        """Draw stairs, doors and traps."""
        tile, depth = self.tile, run.depth

        def rectangle(cell: Cell) -> pygame.Rect:
            return pygame.Rect(cell[1] * tile - left, cell[0] * tile - top, tile, tile)

        stairs = rectangle(depth.plan.exit)
        for step in range(4):
            shade = 150 - 36 * step if depth.boss is None else 50 - 10 * step
            height = tile // 4
            screen.fill(
                (shade, shade * 9 // 10, shade * 7 // 8),
                (stairs.x + step * tile // 10, stairs.y + step * height, tile - step * tile // 5, height - 1),
            )
        for cell in depth.doors:
            box = rectangle(cell)
            screen.fill(NIGHT, box)
            screen.fill(WOOD, box.inflate(-2, -2))
            for line in range(1, 3):
                x = box.x + line * tile // 3
                pygame.draw.line(screen, NIGHT, (x, box.y + 1), (x, box.bottom - 2))
            screen.fill(BRIGHT, (box.right - 5, box.centery, 2, 2))
        for cell in depth.traps:
            box, up = rectangle(cell), depth.trap_is_up(cell)
            for row in range(3):
                for column in range(3):
                    x, y = box.x + 3 + column * (tile - 6) // 2, box.y + 3 + row * (tile - 6) // 2
                    if up:
                        pygame.draw.line(screen, SPARK, (x, y + 1), (x, y - 3))
                    screen.set_at((x, y + 1), NIGHT)

    def _draw_bodies(self, run: Run, screen: pygame.Surface, left: int, top: int, still: bool) -> None:
        """Draw items, characters and shots from back to front, each with a shadow."""
        queue: list[tuple[int, Callable[[], None]]] = []
        clock, hero = run.clock, run.hero

        def put(picture: pygame.Surface, x: int, y: int, lift: int, ground: bool = True) -> None:
            centre, feet = x * self.tile // CELL - left, y * self.tile // CELL - top + self.tile // 4
            if -40 < centre < WIDTH + 40 and -40 < feet < HEIGHT + 40:
                queue.append((y, lambda: self._blit(screen, picture, centre, feet, lift, ground)))

        for number, thing in enumerate(run.depth.pickups):
            picture = font.sign("key", BRIGHT) if thing.what == "key" else self.items[thing.what]
            put(picture, thing.x, thing.y, 0 if still else (clock // 16 + number) % 4 // 2)
        for number, person in enumerate(run.depth.people):
            frames = self._people[person.look % len(self._people)]
            put(frames[_frame(person, clock + 9 * number)][person.left], person.x, person.y, 0)
        for number, monster in enumerate(run.depth.monsters):
            frames = self._looks(monster)
            picture = frames[_frame(monster, clock + 7 * number)][monster.left]
            put(
                _flashed(picture) if 8 < monster.stunned <= 14 and not still else picture,
                monster.x,
                monster.y,
                0,
            )
            if monster.awake and monster.timer > -30 and monster.kind not in ("jelly", "boss"):
                put(font.render("!", BRIGHT), monster.x, monster.y - CELL, 0, ground=False)
        if still or hero.safe // _BLINK_STEPS % 2 == 0 or run.over:
            put(self._hero[_frame(hero, clock)][hero.left], hero.x, hero.y, 0)
        for _, draw in sorted(queue, key=lambda thing: thing[0]):
            draw()
        self._draw_strokes(run, screen, left, top, still)

    def _draw_strokes(self, run: Run, screen: pygame.Surface, left: int, top: int, still: bool) -> None:
        hero, tile = run.hero, self.tile

        def at(x: int, y: int) -> tuple[int, int]:
            return x * tile // CELL - left, y * tile // CELL - top

        if hero.swing:
            x, y = at(hero.x, hero.y - 40)
            reach = hero.reach * tile // CELL + 4
            angle = {(1, 0): -45, (0, -1): 45, (-1, 0): 135, (0, 1): 225}[hero.facing]
            begin = np.deg2rad(angle + (0 if still else 9 * (10 - hero.swing) - 40))
            box = pygame.Rect(0, 0, 2 * reach, 2 * reach)
            box.center = x, y
            pygame.draw.arc(screen, SPARK, box, begin, begin + np.deg2rad(60), 3)
        for shot in run.depth.shots:
            x, y = at(shot.x, shot.y - 60)
            pygame.draw.circle(screen, NIGHT, (x, y), 4)
            pygame.draw.circle(screen, BLOOD, (x, y), 3)
            screen.set_at((x - 1, y - 1), SPARK)
        self._flashes = [(end, event) for end, event in self._flashes if end > run.clock]
        for end, event in self._flashes:
            x, y = at(event.x, event.y - 60)
            radius = 11 if still else 3 + 2 * (_FLASH_STEPS - (end - run.clock))
            colour = BLOOD if event.name == "wounded" else SPARK
            pygame.draw.circle(screen, colour, (x, y), radius, 1)
            if event.name == "killed":
                pygame.draw.circle(screen, BRIGHT, (x, y), radius + 4, 1)

    def _looks(self, monster: Monster) -> Frames:
        looks = self._monsters.get(monster.kind) or next(iter(self._monsters.values()))
        look = monster.look % len(looks)
        if monster.kind != "boss":
            return looks[look]
        if look not in self._large:
            self._large[look] = [
                (pygame.transform.scale_by(right, 3), pygame.transform.scale_by(left, 3))
                for right, left in looks[look]
            ]
        return self._large[look]

    def _blit(
        self, screen: pygame.Surface, picture: pygame.Surface, centre: int, feet: int, lift: int, ground: bool
    ) -> None:
        if ground:
            screen.blit(self._shadow, self._shadow.get_rect(midbottom=(centre, feet + 1)))
        screen.blit(picture, picture.get_rect(midbottom=(centre, feet - lift)))


def enlarge(picture: pygame.Surface, factor: int) -> pygame.Surface:
    """Enlarge each pixel to a square of factor x factor."""
    return pygame.transform.scale(picture, (picture.get_width() * factor, picture.get_height() * factor))


def present(screen: pygame.Surface, window: pygame.Surface) -> None:
    """Show the logical screen centred in the window at the largest integer factor, cut off where it is too large."""
    across, down = window.get_width() // screen.get_width(), window.get_height() // screen.get_height()
    factor = max(1, min(across, down))
    picture = enlarge(screen, factor) if factor > 1 else screen
    if picture.get_size() != window.get_size():
        window.fill(NIGHT)
    window.blit(picture, picture.get_rect(center=window.get_rect().center))


def surface(picture: npt.NDArray[np.uint8]) -> pygame.Surface:
    """Return a surface of a picture uint8 (H, W, 3) or (H, W, 4), of 32 bits a pixel as the screen."""
    opaque = picture.shape[2] == 3
    whole = np.pad(picture, ((0, 0), (0, 0), (0, 1))) if opaque else np.ascontiguousarray(picture)
    return pygame.image.frombytes(
        whole.tobytes(), (picture.shape[1], picture.shape[0]), "RGBX" if opaque else "RGBA"
    )


def _frames(pictures: npt.NDArray[np.uint8]) -> Frames:
    """Return the frames of a sprite, and their mirror images."""
    right = [surface(picture) for picture in pictures]
    return [(one, pygame.transform.flip(one, True, False)) for one in right]


def _frame(body: Body, clock: int) -> int:
    """Which of two frames shows a body now."""
    return body.stride // _STRIDE_STEPS % 2 if body.stride else clock // _BREATH_STEPS % 2


def _flashed(picture: pygame.Surface) -> pygame.Surface:
    """Return a brighter copy."""
    bright = picture.copy()
    bright.fill((90, 90, 90, 0), special_flags=pygame.BLEND_RGBA_ADD)
    return bright


def _shadow(tile: int) -> pygame.Surface:
    shadow = pygame.Surface((tile * 5 // 8, max(2, tile // 5)), pygame.SRCALPHA)
    pygame.draw.ellipse(shadow, (*NIGHT, 110), shadow.get_rect())
    return shadow
