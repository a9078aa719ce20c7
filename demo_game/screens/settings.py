"""The settings screen."""

from dataclasses import replace

import tilewright as tw
from tilewright.errors import command_text

from ..actions import SAYS, key_text
from ..settings import LOUDEST, Settings, save_settings
from .menu import Menu
from .screen import Screen, Shared

_NUMBERS = {
    "text": "text size",
    "effects": "volume of effects",
    "voices": "volume of voices",
    "music": "volume of music",
    "muted": "sound off",
    "still": "reduced motion",
    "full": "full screen",
    "scale": "window scale",
}
_RESET = "all as in a new game"


class SettingsScreen(Menu):
    """All settings, each on a row; those of keys wait for a key or a button."""

    def __init__(self, shared: Shared, back: Screen | None = None) -> None:
        super().__init__(shared, back)
        self.waits = ""  # the action that waits for its key
        self.said = ""

    def head(self) -> str:
        """The title of the screen."""
        return "SETTINGS"

    def foot(self) -> str:
        """What can be done, or what happened."""
        if self.waits:
            return "press its new key or button (ESC: as it was)"
        return self.said or "ARROWS change   ENTER binds   ESC goes back"

    def rows(self) -> list[str]:
        """A row per setting, then one per action."""
        settings = self.shared.settings
        return [
            *(f"{text:<28}{_value(settings, name)}" for name, text in _NUMBERS.items()),
            *(f"{text:<28}{_keys(settings, action)}" for action, text in SAYS.items()),
            _RESET,
        ]

    def press(self, name: str) -> bool:
        """Take the key or the button for which an action waits."""
        if not self.waits:
            return super().press(name)
        settings, action, self.waits = self.shared.settings, self.waits, ""
        if name == "escape" and action != "pause":
            return True
        if name.startswith("button "):
            other = settings.bind_button(action, int(name[7:]))
        else:
            other = settings.bind_key(action, name)
        self.said = f"{SAYS[action]}: {name.upper()}"
        if other is not None:
            self.said += f"; {SAYS[other]}: {_keys(settings, other) or 'nothing'}"
        self._save()
        return True

    def change(self, row: int, by: int) -> None:
        """Change a number, wait for a key, or reset all."""
        settings, names, self.said = self.shared.settings, list(_NUMBERS), ""
        if row < len(names):
            settings.change(names[row], by or 1)
        elif row < len(names) + len(SAYS):
            if by == 0:
                self.waits = list(SAYS)[row - len(names)]
            return
        elif by == 0:
            vars(settings).update(vars(replace(Settings())))
        self._save()

    def _save(self) -> None:
        try:
            save_settings(self.shared.settings, self.shared.folder / "tilewright-settings.json")
        except tw.TilewrightError as error:
            self.said = command_text(error)


def _value(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "text":
        return {2: "normal", 3: "large"}[value]
    return str(value) if name == "scale" else "=" * value + "-" * (LOUDEST - value)


def _keys(settings: Settings, action: str) -> str:
    button = settings.buttons.get(action)
    return (key_text(settings.keys[action][:2]) + ("" if button is None else f" PAD {button}"))[:18]
