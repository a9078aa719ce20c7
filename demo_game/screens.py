"""The screens of the game as states: each handles actions, takes steps, draws, and names its successor."""

import datetime
from dataclasses import dataclass, field
from pathlib import Path

import pygame

import tilewright as tw
from tilewright.errors import command_text

from . import font, seed_words
from .actions import SAYS, keys_of
from .assets import STYLES, VILLAGERS, Assets, Scene, names_of, plan_of, restyle, texts, title_tiles
from .audio import Audio
from .colours import NIGHT, SPARK
from .hud import box, draw_facts, draw_hud, says
from .replay import Replay, advance
from .rules.dice import mix
from .rules.keys import Keys
from .rules.run import STEPS_PER_SECOND, Run
from .saves import load_run, save_run, saved
from .view import HEIGHT, WIDTH, View, surface
from .worker import Worker

_BLOOM_STEPS = 240  # until all tiles of the title have changed
_MESSAGE_STEPS = 5 * STEPS_PER_SECOND


@dataclass
class Shared:
    """What all screens use. folder: for saves, replays and pictures. typed: the seed given by the player, for one run.

    draw_seed: returns a new seed below 2**32.
    """

    assets: Assets
    worker: Worker
    folder: Path
    seed: int
    style: str | None = None
    muted: bool = False
    notes: list[str] = field(default_factory=list)

    def next_seed(self) -> int:
        """Return another seed, for the next run."""
        self.seed = mix(self.seed) >> 32
        return self.seed

    @property
    def save(self) -> Path:
        """The file of the saved run."""
        return self.folder / "tilewright-save.json"

    def prepare(self) -> None:
        """Begin to make the pictures with which a run of the current seed begins."""
        self.worker.request((self.seed, 1, 0))


class Screen:
    """A state of the game. next: the screen that follows, itself until then; None ends the game."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.next: Screen | None = self

    def type(self, text: str) -> bool:
        """Take typed text. Returns whether it was taken, so that it is no action."""
        return False

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Advance by one sixtieth of a second. actions: those that began in this step."""
        raise NotImplementedError

    def draw(self, screen: pygame.Surface) -> None:
        """Draw on the logical screen."""
        raise NotImplementedError


class Title(Screen):
    """The title: tiles appear on the whole screen, and the seed of the next run is shown in words."""

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self._side = title_tiles(shared.assets, 0, 1).shape[1]
        self._columns, self._rows = -(-WIDTH // self._side), -(-HEIGHT // self._side)
        self._clock, self._typed = 0, ""
        self._wall = pygame.Surface((WIDTH, HEIGHT))
        self._wall.fill(NIGHT)
        self._tiles: list[pygame.Surface] = []
        shared.prepare()

    def type(self, text: str) -> bool:
        """Collect the letters of a seed in words, or the digits of one."""
        if text == "\b":
            self._typed = self._typed[:-1]
        elif text.isprintable() and (self._typed or text.isdecimal() or text == "-"):
            self._typed = (self._typed + text)[:60]
        else:
            return False
        return True

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Draw more tiles; begin a run, continue one, or change the seed."""
        self._bloom()
        shared = self.shared
        if "new" in actions:
            shared.next_seed()
            shared.prepare()
        if "daily" in actions:
            shared.seed = mix(datetime.date.today().toordinal()) >> 32
            shared.prepare()
        if "copy" in actions and pygame.display.get_init():
            _copy(seed_words.to_words(shared.seed))
        if "again" in actions and shared.save.exists():
            try:
                run = load_run(shared.save, plan_of)
                shared.seed = run.seed
                self.next = Playing(shared, run)
            except tw.TilewrightError as error:
                shared.notes = [command_text(error)]
        if "act" in actions:
            seed = seed_words.to_seed(self._typed.lstrip("-")) if self._typed else shared.seed
            if seed is None:
                shared.notes = [
                    "a seed is a number, or four words such as " + seed_words.to_words(mix(1) >> 32)
                ]
                self._typed = ""
            else:
                shared.seed = seed
                self.next = Playing(shared, Run(seed, plan_of))
        if "pause" in actions:
            self.next = None

    def draw(self, screen: pygame.Surface) -> None:
        """Draw the tiles, the name, the seed and the keys."""
        screen.blit(self._wall, (0, 0))
        name = font.render("TILEWRIGHT", SPARK, 8)
        plate = name.get_rect(center=(WIDTH // 2, 110)).inflate(24, 24)
        screen.fill(NIGHT, plate)
        screen.blit(name, name.get_rect(center=plate.center))
        words = self._typed + "_" if self._typed else seed_words.to_words(self.shared.seed)
        lines = [f"SEED: {words}", "", f"{'ENTER' if self._typed else 'SPACE'} begins"]
        if self.shared.save.exists():
            lines.append("R continues the saved run")
        lines += [
            "N another seed   Y the seed of the day",
            "- types a seed   C copies it   ESC leaves",
            *self.shared.notes,
        ]
        box(screen, lines, (WIDTH // 2, 230), bright=0)

    def _bloom(self) -> None:
        """Show some more of the generated tiles, in a scattered order."""
        count = self._columns * self._rows
        turn, step = divmod(self._clock, _BLOOM_STEPS)
        if step == 0:
            pictures = title_tiles(self.shared.assets, mix(self.shared.seed ^ turn), count)
            self._tiles = [surface(picture) for picture in pictures]
        for place in range(step * count // _BLOOM_STEPS, (step + 1) * count // _BLOOM_STEPS):
            cell = place * 389 % count  # 389 has no divisor in common with the number of cells
            at = (cell % self._columns * self._side, cell // self._columns * self._side)
            self._wall.blit(self._tiles[cell % len(self._tiles)], at)
        self._clock += 1


class Playing(Screen):
    """A depth in play. The pictures of the next depth are made meanwhile."""

    def __init__(self, shared: Shared, run: Run) -> None:
        super().__init__(shared)
        self.run, self.replay = run, Replay(saved(run))
        self.messages: list[str] = []
        self.audio = Audio(run.seed, shared.muted)
        self._met: list[str] = []  # monsters that the hero killed
        self._biomes: list[str] = []
        self.names = names_of(run.seed, run.depth.number)
        self._lore = texts(run.seed, run.depth.number, self.names, [], [])
        self._message_clock = 0
        self._again, self._minimap, self._facts = 0, True, False
        self._place_of_again: tuple[int, int, int] | None = None
        self._show(shared.worker.take((run.seed, run.depth.number, 0)))
        self._greet()

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Pass the keys to the rules, and react to what happens."""
        run = self.run
        if "pause" in actions:
            self.next = Paused(self)
            return
        if "help" in actions:
            self.next = Help(self)
            return
        self._other(actions)
        if self._place_of_again is not None and self.shared.worker.ready(self._place_of_again):
            self._show(self.shared.worker.take(self._place_of_again))
            self._place_of_again = None
            self._prefetch()
        keys = keys_of(actions, direction, bool(run.offers))
        before = run.depth.number
        if run.below and not self.shared.worker.ready(self._next_place):
            return  # the stairs last until the next depth is drawn
        self._take(keys)
        if run.depth.number != before:
            self._show(self.shared.worker.take(self._next_place))
            self._greet()
            save_run(run, self.shared.save)
        if run.over:
            self.next = Dead(self)

    def _take(self, keys: Keys) -> None:
        run = self.run
        advance(run, keys)
        self.replay.add(keys, run)
        for event in run.events:
            self.view.flash(run, event)
            self.audio.play(event.name)
            if event.name == "killed" and event.what not in self._met:
                self._met.append(event.what)
            if event.name == "talk":
                self._talk(int(event.what))
            text = says(event.name, event.what, self.names)
            if text:
                self.say(text)
        self._message_clock -= 1
        if self._message_clock < 0 and self.messages:
            self.messages.pop(0)
            self._message_clock = _MESSAGE_STEPS

    def say(self, text: str) -> None:
        """Show a message for some seconds."""
        self.messages = [*self.messages[-3:], text]
        self._message_clock = _MESSAGE_STEPS

    def draw(self, screen: pygame.Surface) -> None:
        """Draw the depth, and what is chosen from."""
        self.view.draw(self.run, screen)
        draw_hud(self.run, self.view, screen, self.messages, self._minimap)
        if self._facts:
            draw_facts(self.scene, screen)
        if self.run.offers:
            lines = [f"LEVEL {self.run.hero.level}: choose"]
            lines += [f"{place + 1}  {perk.says}" for place, perk in enumerate(self.run.offers)]
            box(screen, lines, (WIDTH // 2, HEIGHT // 2), bright=0)
        if self.run.below or self._place_of_again is not None:
            box(screen, ["drawing..."], (WIDTH // 2, 40))

    def epitaph(self) -> str:
        """Return an epitaph of the hero."""
        run = self.run
        told = texts(run.seed, run.depth.number, self.names, self._biomes, self._met, run.killer)
        return told.tell("epitaph")[0]

    def _talk(self, person: int) -> None:
        """Let a villager tell something about this run."""
        place = person % len(VILLAGERS)
        name = f"{self.names.people[place]} the {VILLAGERS[place]}"
        text = self._lore.tell("gossip")[0]
        self.audio.speak(name, text[:200])
        self.messages = []
        for line in font.wrap(f"{name}: {text}", WIDTH - 20):
            self.say(line)

    def _greet(self) -> None:
        depth = self.run.depth
        if depth.biome.name not in self._biomes:
            self._biomes.append(depth.biome.name)
        self.names = names_of(self.run.seed, depth.number)
        self._lore = texts(self.run.seed, depth.number, self.names, self._biomes, self._met)
        place = f"the village of {self.names.town}" if depth.people else depth.biome.name
        self.say(
            f"depth {depth.number}: {place}"
            + ("" if depth.boss is None else f", guarded by {self.names.guardian}")
        )

    def _show(self, scene: Scene) -> None:
        self.scene = scene
        self.view = View(restyle(scene, self.shared.style))
        self._place_of_again = None
        self._prefetch()

    def _prefetch(self) -> None:
        self._next_place = self.run.seed, self.run.depth.number + 1, 0
        self.shared.worker.request(self._next_place)

    def _other(self, actions: list[str]) -> None:
        """Do what does not concern the rules."""
        shared = self.shared
        if "regenerate" in actions and self._place_of_again is None:
            self._again += 1
            place = self.run.seed, self.run.depth.number, self._again
            self._place_of_again = place
            shared.worker.request(place)
        if "palette" in actions:
            styles = (None, *STYLES)
            shared.style = styles[(styles.index(shared.style) + 1) % len(styles)]
            self.view = View(restyle(self.scene, shared.style))
            self.say(shared.style or "its own colours")
        if "mute" in actions:
            shared.muted = self.audio.muted = not shared.muted
        if "map" in actions:
            self._minimap = not self._minimap
        if "facts" in actions:
            self._facts = not self._facts
        if "export" in actions:
            path = shared.folder / f"tilewright-{self.run.seed}-{self.run.depth.number}.tmx"
            try:
                self.scene.map.save(path)
                self.say(f"wrote {path.name}, for Tiled")
            except tw.TilewrightError as error:
                self.say(command_text(error))


class Over(Screen):
    """A box over a screen that stands still."""

    def __init__(self, below: Playing) -> None:
        super().__init__(below.shared)
        self.below = below

    def lines(self) -> list[str]:
        """The text of the box."""
        raise NotImplementedError

    def back(self) -> None:
        """Return to the screen below."""
        self.below.next = self.below
        self.next = self.below

    def draw(self, screen: pygame.Surface) -> None:
        """Draw the screen below, and the box."""
        self.below.draw(screen)
        box(screen, self.lines(), (WIDTH // 2, HEIGHT // 2), bright=0)


class Paused(Over):
    """The pause, with the seed."""

    def lines(self) -> list[str]:
        """The seed and the keys."""
        run = self.below.run
        return [
            "PAUSE",
            f"seed: {_seed_text(run.seed)}",
            f"depth {run.depth.number}, level {run.hero.level}, {run.hero.kills} killed",
            "",
            "ESC goes on   R begins again   N leaves for the title",
        ]

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Go on, begin again, or leave."""
        if "pause" in actions or "act" in actions:
            self.back()
        elif "again" in actions:
            self.next = Playing(self.shared, Run(self.below.run.seed, plan_of))
        elif "new" in actions:
            self.shared.next_seed()
            self.next = Title(self.shared)


class Help(Over):
    """The keys."""

    def lines(self) -> list[str]:
        """A line per key."""
        return ["KEYS", *(f"{key:<20}{what:<28}" for key, what in SAYS)]

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Return with any key."""
        if actions:
            self.back()


class Dead(Over):
    """The end of a run: who killed the hero, and what to do next."""

    def __init__(self, below: Playing) -> None:
        super().__init__(below)
        self._clock = 0
        self._epitaph = font.wrap(below.epitaph(), WIDTH - 120)
        self.replay_path = self.shared.folder / f"tilewright-{below.run.seed}.replay.json"
        try:
            below.replay.save(self.replay_path)
            self.shared.save.unlink(missing_ok=True)
        except (tw.TilewrightError, OSError) as error:
            below.say(f"not saved: {error}")

    def lines(self) -> list[str]:
        """The killer, the figures and the keys."""
        run = self.below.run
        minutes, seconds = divmod(run.clock // STEPS_PER_SECOND, 60)
        return [
            f"{self.below.names.hero}, killed by {self.below.names.of(run.killer)} at depth {run.depth.number}",
            f"level {run.hero.level}, {run.hero.kills} killed, {minutes}:{seconds:02}",
            f"seed: {_seed_text(run.seed)}",
            "",
            *self._epitaph,
            "",
            "SPACE or N: a new seed   R: the same again   ESC: title",
        ]

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Begin the next run at once; a typed seed is not kept for it."""
        self._clock += 1
        if self._clock < STEPS_PER_SECOND // 2:
            return  # keys of the last fight choose nothing
        if "again" in actions:
            self.next = Playing(self.shared, Run(self.below.run.seed, plan_of))
        elif "new" in actions or "act" in actions:
            self.next = Playing(self.shared, Run(self.shared.next_seed(), plan_of))
        elif "pause" in actions:
            self.shared.next_seed()
            self.next = Title(self.shared)


def _copy(text: str) -> None:
    """Put a text on the clipboard, where there is one."""
    put_text = getattr(pygame.scrap, "put_text", None)  # pygame-ce has it, pygame has not
    if put_text is not None:
        put_text(text)
    else:
        pygame.scrap.init()
        pygame.scrap.put(pygame.SCRAP_TEXT, text.encode())


def _seed_text(seed: int) -> str:
    return seed_words.to_words(seed) if seed < 1 << 32 else str(seed)
