"""What is drawn over the depth: health, belt, messages, minimap, and boxes of text."""

from collections.abc import Sequence

import pygame

from . import font
from .assets import Names, Scene
from .colours import BLOOD, BRIGHT, FAINT, INK, NIGHT
from .content.items import ITEMS
from .morph import Morph
from .rules.grid import CELL
from .rules.hero import BELT
from .rules.run import Run
from .view import HEIGHT, WIDTH, View

_MARGIN = 6
_MAP_SCALE = 2
_MESSAGES = 4


def draw_hud(
    run: Run,
    view: View,
    screen: pygame.Surface,
    messages: Sequence[str],
    minimap: bool = True,
    scale: int = 2,
) -> None:
    """Draw health, experience, belt, the last messages and the minimap. scale: of the text."""
    _health(run, screen)
    _belt(run, view, screen)
    lines = [line for message in messages for line in font.wrap(message, WIDTH - 2 * _MARGIN, scale)][
        -_MESSAGES:
    ]
    bottom = HEIGHT - _MARGIN - 28  # above the belt
    for place, line in enumerate(lines):
        text = font.render(line, INK if place == len(lines) - 1 else FAINT, scale)
        _on_ground(screen, text, (_MARGIN, bottom - font.line(scale) * (len(lines) - place)))
    if minimap and run.depth.looked:
        _minimap(run, screen)
    boss = run.depth.boss
    if boss is not None and boss.awake:
        width = 240
        screen.fill(NIGHT, (WIDTH // 2 - width // 2 - 2, 8, width + 4, 8))
        screen.fill(BLOOD, (WIDTH // 2 - width // 2, 10, width * max(0, boss.health) // boss.most_health, 4))


def draw_facts(scene: Scene, morph: Morph | None, screen: pygame.Surface, scale: int = 2) -> None:
    """Draw what is generated, in numbers."""
    lines = [
        f"seed {scene.seed}  depth {scene.depth}  {scene.biome.name}",
        f"{scene.made} pictures in {scene.milliseconds} ms by {scene.pack}",
        f"{1000 * scene.made // max(1, scene.milliseconds)} pictures a second, with all that is drawn from them",
    ]
    if morph is not None:
        lines.append(f"{morph.shown} pictures flow here, {morph.rate} are made in a second of one core")
    box(screen, lines, (WIDTH // 2, 60), scale=scale)


def box(
    screen: pygame.Surface, lines: Sequence[str], centre: tuple[int, int], bright: int = -1, scale: int = 2
) -> None:
    """Draw lines of text in a box on the screen. bright: the line that is chosen. scale: of the text, less if it is too
    large for the screen.
    """
    while scale > 1 and (
        font.line(scale) * len(lines) + 14 > HEIGHT or font.WIDTH * scale * max(map(len, lines)) + 18 > WIDTH
    ):
        scale -= 1
    texts = [font.render(line, BRIGHT if row == bright else INK, scale) for row, line in enumerate(lines)]
    width = max(text.get_width() for text in texts) + 16
    frame = pygame.Rect(0, 0, width, font.line(scale) * len(texts) + 12)
    frame.center = centre
    frame.clamp_ip(screen.get_rect().inflate(-2, -2))
    screen.fill(FAINT, frame.inflate(2, 2))
    screen.fill(NIGHT, frame)
    for row, text in enumerate(texts):
        place = frame.centerx - text.get_width() // 2, frame.y + 4 * scale + font.line(scale) * row
        screen.blit(text, place)


def _on_ground(screen: pygame.Surface, text: pygame.Surface, place: tuple[int, int]) -> None:
    screen.fill(NIGHT, text.get_rect(topleft=place).inflate(4, 4))
    screen.blit(text, place)


def _health(run: Run, screen: pygame.Surface) -> None:
    hero = run.hero
    hearts = (hero.most_health + 1) // 2
    figures = font.render(f"L{hero.level} D{run.depth.number}", INK)
    width = max(15 * min(hearts, 12), 66 + figures.get_width())
    screen.fill(NIGHT, (_MARGIN - 2, _MARGIN - 2, width + 6, 14 * ((hearts + 11) // 12) + 16))
    for number in range(hearts):
        place = (_MARGIN + 15 * (number % 12), _MARGIN + 14 * (number // 12))
        screen.blit(font.sign("heart", (60, 52, 66)), place)
        if hero.health > 2 * number:
            screen.blit(font.sign("heart" if hero.health > 2 * number + 1 else "half", BLOOD), place)
    y = _MARGIN + 14 * ((hearts + 11) // 12)
    share = (hero.experience - hero.level_began) * 60 // (hero.next_level - hero.level_began)
    screen.fill((60, 52, 66), (_MARGIN, y + 5, 60, 3))
    screen.fill(BRIGHT, (_MARGIN, y + 5, max(0, min(60, share)), 3))
    screen.blit(figures, (_MARGIN + 66, y + 1))


def _belt(run: Run, view: View, screen: pygame.Surface) -> None:
    side = 26
    left = WIDTH // 2 - BELT * side // 2
    for place in range(BELT):
        frame = pygame.Rect(left + place * side, HEIGHT - side - 4, side - 2, side - 2)
        screen.fill(FAINT, frame)
        screen.fill(NIGHT, frame.inflate(-2, -2))
        if place < len(run.hero.belt):
            picture = view.items[run.hero.belt[place]]
            screen.blit(picture, picture.get_rect(center=frame.center))
        screen.blit(font.render(str(place + 1), FAINT, 1), (frame.x + 2, frame.y + 2))
    for number, _ in enumerate(sorted(run.hero.keys)):
        screen.blit(font.sign("key", BRIGHT), (left + BELT * side + 6 + 18 * number, HEIGHT - 18))


def _minimap(run: Run, screen: pygame.Surface) -> None:
    """Draw the cells seen; stairs as a square ring, items as dots, monsters in sight as crosses."""
    depth, scale = run.depth, _MAP_SCALE
    width, height = depth.grid.width * scale, depth.grid.height * scale
    left, top = WIDTH - width - _MARGIN, _MARGIN
    shade = pygame.Surface((width + 2, height + 2))
    shade.set_alpha(90)
    screen.blit(shade, (left - 1, top - 1))
    for row, column in depth.looked:
        screen.fill((128, 124, 150), (left + column * scale, top + row * scale, scale, scale))
    for row, column in depth.doors:
        if (row, column) in depth.seen:
            screen.fill(BRIGHT, (left + column * scale, top + row * scale, scale, scale))
    for thing in depth.pickups:
        if (thing.y // CELL, thing.x // CELL) in depth.seen:
            screen.set_at((left + thing.x * scale // CELL, top + thing.y * scale // CELL), INK)
    if depth.plan.exit in depth.seen:
        row, column = depth.plan.exit
        pygame.draw.rect(screen, INK, (left + column * scale - 2, top + row * scale - 2, 6, 6), 1)
    row, column = run.hero.cell
    screen.fill(BLOOD, (left + column * scale - 1, top + row * scale - 1, 4, 4))


def says(name: str, what: str, names: Names) -> str:
    """Return the message of an event, or "" if it has none."""
    item = ITEMS.get(what)
    told = f"{names.items[what]}: {item.says}" if item is not None else f"a {what}"
    return {
        "picked": told,
        "found": f"in the chest: {told}",
        "used": told,
        "stolen": f"{names.items.get(what, what)} is stolen",
        "locked": "the door is locked: find its key",
        "closed": "the stairs are closed while the guardian lives",
        "opened": "the door opens",
        "called": f"{names.of(what)} is called",
        "died": f"killed by {names.of(what)}",
    }.get(name, "")
