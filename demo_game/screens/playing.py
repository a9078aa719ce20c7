"""A run in play."""

import pygame

import tilewright as tw
from tilewright.errors import command_text

from .. import memory
from ..actions import keys_of
from ..assets import STYLES, VILLAGERS, Names, Scene, epitaph, plan_of, restyle, texts
from ..audio import Audio
from ..hud import box, draw_facts, draw_hud, says
from ..morph import Morph
from ..music import Tune, tune_of
from ..replay import Replay, advance
from ..rules.keys import Keys
from ..rules.run import STEPS_PER_SECOND, Event, Run
from ..saves import save_run, saved
from ..view import HEIGHT, WIDTH, View
from .beginning import begin
from .boxes import Dead, Help, Paused
from .screen import Screen, Shared, place_of
from .settings import SettingsScreen

_MESSAGE_STEPS = 5 * STEPS_PER_SECOND


class Playing(Screen):
    """A depth in play. The pictures of the next depth are made meanwhile."""

    def __init__(self, shared: Shared, run: Run) -> None:
        super().__init__(shared)
        self.run, self.replay = run, Replay(saved(run))
        self.messages: list[str] = []
        self.audio = Audio(run.seed, shared.settings)
        self._met: list[str] = []  # monsters that the hero killed
        self._biomes: list[str] = []
        self._message_clock = 0
        self._again, self._minimap, self._facts = 0, True, False
        self._place_of_again: tuple[int, int, int] | None = None
        self._morph: Morph | None = None
        self._arrive()
        self._greet()

    @property
    def waiting(self) -> bool:
        """At stairs, until the next depth is drawn."""
        return self.run.below and not self.shared.worker.ready(self.place_below)

    @property
    def names(self) -> Names:
        """The names of all that can be met at this depth."""
        return self.scene.names

    @property
    def tune(self) -> Tune:
        """That of the biome: a run has one for each."""
        return tune_of(self.run)

    def step(self, actions: list[str], direction: tuple[int, int]) -> None:
        """Pass the keys to the rules, and react to what happens."""
        run = self.run
        if "unplugged" in actions:
            self.say("the gamepad is unplugged: the game waits, and any keyboard goes on")
        if "pause" in actions or "unplugged" in actions:
            self.next = Paused(self)
            return
        if "help" in actions:
            self.next = Help(self)
            return
        if "settings" in actions:
            self.next = SettingsScreen(self.shared, self)
            return
        self._other(actions)
        self._step_morph()
        if self._place_of_again is not None and self.shared.worker.ready(self._place_of_again):
            simple = self.view
            self._show(self.shared.worker.take(self._place_of_again))
            self.view.bloom(simple, run)
        keys = keys_of(actions, direction, bool(run.offers))
        before = run.depth.number
        if self.waiting:
            return  # the stairs last until the next depth is drawn
        self._take(keys)
        if run.depth.number != before:
            self._show(self.shared.worker.take(self.place_below))
            memory.collect()
            self._greet()
            self._save()
        if run.over:
            self._end_morph()
            self.next = Dead(self)

    def _take(self, keys: Keys) -> None:
        run = self.run
        advance(run, keys)
        self.replay.add(keys, run)
        for event in run.events:
            self.view.flash(run, event)
            self.audio.play(event.name)
            self._remember(event)
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

    def _remember(self, event: Event) -> None:
        """Add what the hero meets to the gallery."""
        scene, names, what = self.scene, self.names, event.what
        see, place = self.shared.records.see, (scene.seed, scene.depth)
        if event.name in ("notice", "killed") and what in scene.monsters:
            see(
                names.guardian if what == "boss" else names.monsters[what],
                what,
                *place,
                scene.monsters[what][0, 0],
            )
        elif event.name in ("picked", "found") and what in scene.items and what in names.items:
            see(names.items[what], what, *place, scene.items[what])

    def say(self, text: str) -> None:
        """Show a message for some seconds."""
        self.messages = [*self.messages[-3:], text]
        self._message_clock = _MESSAGE_STEPS

    def draw(self, screen: pygame.Surface) -> None:
        """Draw the depth, and what is chosen from."""
        settings = self.shared.settings
        self.view.draw(self.run, screen, settings.still, self._morph)
        draw_hud(self.run, self.view, screen, self.messages, self._minimap, settings.text)
        if self._facts:
            draw_facts(self.scene, self._morph, screen, settings.text)
        if self.run.offers:
            lines = [f"LEVEL {self.run.hero.level}: choose"]
            lines += [f"{place + 1}  {perk.says}" for place, perk in enumerate(self.run.offers)]
            box(screen, lines, (WIDTH // 2, HEIGHT // 2), 0, settings.text)
        if self.run.below or (self._place_of_again is not None and not self.draft):
            box(screen, ["drawing..."], (WIDTH // 2, 40), scale=settings.text)

    def _save(self) -> None:
        """Write the run and the records; a full disk ends no game."""
        try:
            save_run(self.run, self.shared.save)
            self.shared.records.save()
        except tw.TilewrightError as error:
            self.say(f"not saved: {command_text(error)}")

    def another(self, seed: int) -> Screen:
        """Begin another run."""
        return begin(self.shared, Run(seed, plan_of), Playing)

    def epitaph(self) -> str:
        """Return an epitaph of the hero, with the facts of the run."""
        run = self.run
        told = texts(run.seed, run.depth.number, self.names, self._biomes, self._met, run.killer)
        kills = "1 monster" if run.hero.kills == 1 else f"{run.hero.kills} monsters"
        return f"{epitaph(told, self.names.hero)} Fell in the {run.depth.biome.name}, after {kills}."

    def _talk(self, person: int) -> None:
        """Let a villager tell something about this run."""
        place = person % VILLAGERS
        name = f"{self.names.people[place]} the {self.names.trades[place]}"
        text = self._lore.tell("gossip")[0]
        self.audio.speak(name, text[:200])
        self.messages = []
        self.say(f"{name}: {text}")

    def _greet(self) -> None:
        depth = self.run.depth
        if depth.biome.name not in self._biomes:
            self._biomes.append(depth.biome.name)
        self._lore = texts(self.run.seed, depth.number, self.names, self._biomes, self._met)
        place = f"the village of {self.names.town}" if depth.people else depth.biome.name
        self.say(
            f"depth {depth.number}: {place}"
            + ("" if depth.boss is None else f", guarded by {self.names.guardian}")
        )
        if self.draft:
            self.say("its tiles are being painted")

    @property
    def flows(self) -> bool:
        """Whether tiles flow."""
        return self._morph is not None

    @property
    def draft(self) -> bool:
        """Whether simple tiles are shown, until the tileset is there."""
        return self._place_of_again is not None and self._place_of_again[2] == 0

    def _arrive(self) -> None:
        """Show where the run is, at first with simple tiles if its tileset is not there yet."""
        place = place_of(self.run)
        scene, draft = self.shared.take(place)
        self._show(scene)
        if draft:
            self._place_of_again = place

    def _show(self, scene: Scene) -> None:
        self._end_morph()
        self.scene = scene
        self.view = View(restyle(scene, self.shared.style))
        self._place_of_again = None
        self._prefetch()

    def _prefetch(self) -> None:
        self.place_below = self.run.seed, self.run.depth.number + 1, 0
        self.shared.worker.request(self.place_below)

    def _begin_morph(self) -> None:
        """Let the tiles flow, from the hero outwards."""
        try:
            self._morph = Morph(self.shared.assets, self.scene, self.shared.style, self.run.hero.cell)
            self.say("the tiles flow through latent space")
        except tw.TilewrightError as error:
            self.say(command_text(error))

    def _end_morph(self) -> None:
        if self._morph is not None:
            self._morph.close()
            self._morph = None

    def _step_morph(self) -> None:
        if self._morph is None or self.run.clock % 2:
            return
        try:
            self._morph.step()
            if self._morph.over:
                self._end_morph()
        except tw.TilewrightError as error:
            self._end_morph()
            self.say(command_text(error))

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
            if self._morph is not None:
                self._end_morph()
                self._begin_morph()
        if "morph" in actions:
            if self._morph is None:
                self._begin_morph()
            else:
                self._morph.stop()
        if "mute" in actions:
            self.say(shared.mute())
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
