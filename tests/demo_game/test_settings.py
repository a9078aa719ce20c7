"""Settings: what is chosen is kept, keys and buttons never collide, and damaged files are told."""

import json
import random

import pygame
import pytest

from tilewright_demo.actions import BUTTONS, KEYS, SAYS, Controls
from tilewright_demo.audio import Audio
from tilewright_demo.screens.settings import SettingsScreen
from tilewright_demo.settings import RANGES, VERSION, Settings, load_settings, save_settings

from .test_beginning import STILL, pixels


def press(name):
    return pygame.event.Event(pygame.KEYDOWN, key=pygame.key.key_code(name), unicode="")


def row_of(screen, text):
    return next(number for number, row in enumerate(screen.rows()) if row.startswith(text))


@pytest.fixture
def screen(shared):
    return SettingsScreen(shared)


def test_every_action_has_a_key_and_a_text():
    assert set(KEYS) == set(SAYS) and set(BUTTONS) <= set(KEYS)
    assert len({key for keys in KEYS.values() for key in keys}) == sum(map(len, KEYS.values()))


def test_settings_are_kept(tmp_path):
    path = tmp_path / "settings.json"
    chosen = Settings(text=3, effects=0, muted=True, still=True, scale=4)
    chosen.bind_key("act", "f")
    save_settings(chosen, path)
    assert load_settings(path) == (chosen, "")
    assert load_settings(tmp_path / "none.json") == (Settings(), "")


@pytest.mark.parametrize(
    "change",
    [
        {"text": 9}, {"text": True}, {"muted": 1}, {"effects": -1}, {"keys": {"act": []}},
        {"keys": {"act": ["x" * 99]}}, {"keys": []}, {"buttons": {"act": -1}}, {"buttons": {"act": "1"}},
        {"version": VERSION + 1}, {"tilewright": "?"},
    ],
)  # fmt: skip
def test_damaged_settings_begin_anew_and_say_so(change, tmp_path):
    path = tmp_path / "settings.json"
    save_settings(Settings(text=3), path)
    path.write_text(json.dumps(json.loads(path.read_bytes()) | change))
    settings, said = load_settings(path)
    assert settings == Settings() and said.startswith("settings.json is not read: ") and "\n" not in said
    assert said.endswith("it is now settings.unread.json")
    assert not path.exists() and (tmp_path / "settings.unread.json").exists()


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 9999])
def test_files_that_are_no_settings(content, tmp_path):
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    settings, said = load_settings(path)
    assert settings == Settings() and said


def test_numbers_stay_in_range():
    settings = Settings()
    for name, (least, most) in RANGES.items():
        for by, end in ((-1, least), (1, most)):
            for _ in range(40):
                settings.change(name, by)
            assert getattr(settings, name) == end


def test_bindings_never_collide():
    """Whatever is bound in whatever order, every action keeps a key, and no key or button has two actions."""
    dice, settings = random.Random(1), Settings()
    keys = [*"abcdefghij1234", "space", "return", "left", "f1"]
    for _ in range(400):
        settings.bind_key(dice.choice(list(KEYS)), dice.choice(keys))
        settings.bind_button(dice.choice(list(KEYS)), dice.randrange(8))
        bound = [key for keys in settings.keys.values() for key in keys]
        assert all(settings.keys.values()) and len(set(bound)) == len(bound)
        assert len(set(settings.buttons.values())) == len(settings.buttons)


def test_a_key_is_bound_on_the_screen_and_its_former_action_keeps_one(screen, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.init()
    try:
        controls = Controls(screen.shared.settings)
        assert controls.action_of(press("x")) == "explore"
        screen.row = row_of(screen, "strike")
        screen.step(["act"], STILL)
        assert "press its new key" in screen.foot()
        assert screen.press("x")
        assert controls.action_of(press("x")) == "act" and controls.action_of(press("space")) == "explore"
        assert "explore alone: SPACE" in screen.foot()
        screen.step(["act"], STILL)
        screen.press("button 7")
        event = pygame.event.Event(pygame.JOYBUTTONDOWN, button=7)
        assert controls.action_of(event) == "act" and screen.shared.settings.buttons["pause"] == 0
        kept, _ = load_settings(screen.shared.folder / "tilewright-settings.json")
        assert kept == screen.shared.settings
        screen.row = len(screen.rows()) - 1
        screen.step(["act"], STILL)
        assert screen.shared.settings == Settings()
        screen.press("escape")
        screen.step([], STILL)
        assert screen.next is None
    finally:
        pygame.display.quit()


def test_held_keys_and_gamepads_give_directions(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.init()
    try:
        controls = Controls(Settings())
        controls.action_of(press("a"))
        controls.action_of(press("up"))
        assert controls.direction([]) == (-1, -1)
        controls.action_of(pygame.event.Event(pygame.KEYUP, key=pygame.K_a))
        assert controls.direction([]) == (0, -1)
        controls.action_of(pygame.event.Event(pygame.WINDOWFOCUSLOST))
        assert controls.direction([]) == (0, 0)
        lean = pygame.event.Event(pygame.JOYAXISMOTION, axis=1, value=0.9, instance_id=0)
        assert [controls.action_of(lean), controls.action_of(lean)] == ["down", None]
        assert controls.action_of(pygame.event.Event(pygame.JOYHATMOTION, value=(0, 1))) == "up"
    finally:
        pygame.display.quit()


def test_large_text_and_a_full_disk(screen, monkeypatch):
    small = pixels(screen)
    screen.row = row_of(screen, "text size")
    screen.step(["right"], STILL)
    assert screen.shared.settings.text == 3 and pixels(screen) != small
    monkeypatch.setattr("tilewright_demo.kept.write_atomically", _full)
    screen.step(["left"], STILL)
    assert "disk full" in screen.foot()


def _full(path, content):
    import tilewright as tw

    raise tw.MachineError(f"cannot write {path}: disk full")


def test_volumes_and_mute(monkeypatch):
    class Sound:
        def __init__(self):
            self.played = []

        def set_volume(self, volume):
            self.volume = volume

        def play(self):
            self.played.append(self.volume)

    settings = Settings(effects=5)
    audio, sound = Audio(7, settings), Sound()
    audio._sounds = {"hit": sound}
    audio.play("hit")
    settings.muted = True
    audio.play("hit")
    settings.muted, settings.effects = False, 0
    audio.play("hit")
    assert sound.played == [0.5]
