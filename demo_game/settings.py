"""What a player chooses: keys and buttons, volumes, text size, motion and the window. Kept in a file."""

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from .actions import BUTTONS, KEYS
from .kept import read_kept, write_kept

VERSION = 1
LOUDEST = 10
RANGES = {
    "text": (2, 3), "effects": (0, LOUDEST), "voices": (0, LOUDEST), "music": (0, LOUDEST), "scale": (1, 32),
}  # fmt: skip
_MOST_KEYS, _LONGEST_KEY = 8, 32


@dataclass
class Settings:
    """text: pixels per pixel of the font. effects, voices, music: volumes, 0 .. LOUDEST. still: no flashes, no bobbing,
    no moving tiles. full: the whole screen. scale: of the window. keys: names of each action's keys. buttons: the
    gamepad button of an action.
    """

    text: int = 2
    effects: int = 8
    voices: int = 8
    music: int = 6
    muted: bool = False
    still: bool = False
    full: bool = False
    scale: int = 2
    keys: dict[str, list[str]] = field(
        default_factory=lambda: {name: list(keys) for name, keys in KEYS.items()}
    )
    buttons: dict[str, int] = field(default_factory=lambda: dict(BUTTONS))

    def change(self, name: str, by: int) -> None:
        """Change a number within its range, or turn a switch."""
        value = getattr(self, name)
        if isinstance(value, bool):
            setattr(self, name, not value)
        else:
            least, most = RANGES[name]
            setattr(self, name, max(least, min(most, value + by)))

    def bind_key(self, action: str, key: str) -> str | None:
        """Give an action one key. Who had it takes the key that the action gives up. Returns who, or None."""
        other = next((name for name, keys in self.keys.items() if key in keys and name != action), None)
        if other is not None:
            kept = [one for one in self.keys[other] if one != key]
            self.keys[other] = kept or self.keys[action][:1]
        self.keys[action] = [key]
        return other

    def bind_button(self, action: str, button: int) -> str | None:
        """Give an action a gamepad button, as `bind_key` gives a key."""
        other = next((name for name, one in self.buttons.items() if one == button and name != action), None)
        if other is not None:
            del self.buttons[other]
            if action in self.buttons:
                self.buttons[other] = self.buttons[action]
        self.buttons[action] = button
        return other


def load_settings(path: Path) -> tuple[Settings, str]:
    """Return the settings of a file, or those of a new game; and "" or why the file was not read."""
    settings, said = read_kept(path, "settings", VERSION, _checked)
    return settings or Settings(), said


def save_settings(settings: Settings, path: Path) -> None:
    """Write the settings. Raises MachineError on failure."""
    write_kept(path, "settings", VERSION, asdict(settings))


def _checked(content: dict[str, object]) -> Settings:
    """Return settings, with those that are missing as in a new game. Raises ValueError for values out of range."""
    made = Settings()
    for name in (one.name for one in fields(Settings)):
        value = content.get(name, getattr(made, name))
        if name in RANGES:
            least, most = RANGES[name]
            good = type(value) is int and least <= value <= most
        elif name == "keys":
            good = isinstance(value, dict) and all(map(_are_keys, value.values()))
            value = made.keys | {one: keys for one, keys in value.items() if one in KEYS} if good else None  # type: ignore[attr-defined]
        elif name == "buttons":
            good = isinstance(value, dict) and all(type(b) is int and 0 <= b < 64 for b in value.values())
            value = {one: button for one, button in value.items() if one in KEYS} if good else None  # type: ignore[attr-defined]
        else:
            good = type(value) is bool
        if not good:
            raise ValueError(f"{name} is {content[name]!r:.30}")
        setattr(made, name, value)
    return made


def _are_keys(keys: object) -> bool:
    return (
        isinstance(keys, list)
        and 1 <= len(keys) <= _MOST_KEYS
        and all(isinstance(key, str) and 1 <= len(key) <= _LONGEST_KEY for key in keys)
    )
