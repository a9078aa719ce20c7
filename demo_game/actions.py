"""What a player can do, and the keys and buttons that do it."""

from collections.abc import Sequence
from typing import Protocol

import pygame

from .rules.keys import Keys

# An action's keys at first, by their pygame names. The first is shown in the help.
KEYS: dict[str, tuple[str, ...]] = {
    "left": ("left", "a", "h"),
    "right": ("right", "d", "l"),
    "up": ("up", "w", "k"),
    "down": ("down", "s", "j"),
    "act": ("space", "return"),
    "use 1": ("1",), "use 2": ("2",), "use 3": ("3",), "use 4": ("4",),
    "explore": ("x",),
    "travel": (">", "."),
    "regenerate": ("g",),
    "palette": ("p",),
    "morph": ("t",),
    "facts": ("f1",),
    "map": ("m",),
    "mute": ("v",),
    "help": ("?", "/"),
    "pause": ("escape",),
    "settings": ("o",),
    "window": ("f10",),
    "record": ("f11",),
    "screenshot": ("f12",),
    "export": ("e",),
    "new": ("n",),
    "again": ("r",),
    "copy": ("c",),
    "daily": ("y",),
    "best": ("b",),
    "guess": ("q",),
}  # fmt: skip
BUTTONS = {
    "act": 0, "explore": 1, "travel": 2, "use 1": 3, "use 2": 4, "use 3": 5, "palette": 6, "pause": 7,
}  # fmt: skip

SAYS = {
    "left": "walk left",
    "right": "walk right",
    "up": "walk up",
    "down": "walk down",
    "act": "strike, or talk",
    "use 1": "use the first of the belt",
    "use 2": "use the second",
    "use 3": "use the third",
    "use 4": "use the fourth",
    "explore": "explore alone",
    "travel": "go to the stairs",
    "regenerate": "draw this depth anew",
    "palette": "other colours and machines",
    "morph": "tiles flow, and stop",
    "facts": "figures",
    "map": "map",
    "mute": "sound on and off",
    "help": "help",
    "pause": "pause, back",
    "settings": "settings",
    "window": "full screen",
    "record": "record a GIF",
    "screenshot": "screenshot",
    "export": "write the depth for Tiled",
    "new": "another seed",
    "again": "again; the saved run",
    "copy": "copy the seed",
    "daily": "seed of the day",
    "best": "best runs, gallery",
    "guess": "real or generated?",
}
_DEAD_ZONE = 0.4


class Bindings(Protocol):
    """The keys and buttons of actions, as in `settings.Settings`."""

    keys: dict[str, list[str]]
    buttons: dict[str, int]


class Controls:
    """Turns events into actions, and knows which keys are held."""

    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings
        self._held: set[str] = set()
        self._leans: dict[tuple[int, int], int] = {}  # of each axis of each gamepad: -1, 0 or 1

    def action_of(self, event: pygame.event.Event) -> str | None:
        """Return the action that an event begins, or None."""
        if event.type == pygame.KEYDOWN:
            name = pygame.key.name(event.key)
            self._held.add(name)
            names = {event.dict.get("unicode", ""), name}
            return next((action for action, keys in self._bindings.keys.items() if names & set(keys)), None)
        if event.type == pygame.KEYUP:
            self._held.discard(pygame.key.name(event.key))
        elif event.type == pygame.WINDOWFOCUSLOST:
            self._held.clear()
        elif event.type == pygame.JOYBUTTONDOWN:
            return next(
                (action for action, one in self._bindings.buttons.items() if one == event.button), None
            )
        elif event.type == pygame.JOYHATMOTION:
            across, up = event.value
            return _heading(across, -up)
        elif event.type == pygame.JOYAXISMOTION and event.axis < 2:
            lean = int(event.value > _DEAD_ZONE) - int(event.value < -_DEAD_ZONE)
            pad = event.dict.get("instance_id", 0), event.axis
            if lean != self._leans.get(pad, 0):
                self._leans[pad] = lean
                return _heading(*((lean, 0) if event.axis == 0 else (0, lean)))
        return None

    def direction(self, pads: Sequence["pygame.joystick.JoystickType"]) -> tuple[int, int]:
        """Return (dx, dy) of the keys and sticks that are held."""

        def down(action: str) -> int:
            return not self._held.isdisjoint(self._bindings.keys[action])

        dx, dy = down("right") - down("left"), down("down") - down("up")
        for pad in pads:
            if pad.get_numaxes() >= 2:
                dx += int(pad.get_axis(0) > _DEAD_ZONE) - int(pad.get_axis(0) < -_DEAD_ZONE)
                dy += int(pad.get_axis(1) > _DEAD_ZONE) - int(pad.get_axis(1) < -_DEAD_ZONE)
            if pad.get_numhats():
                across, up = pad.get_hat(0)
                dx, dy = dx + int(across), dy - int(up)
        return max(-1, min(dx, 1)), max(-1, min(dy, 1))


def _heading(dx: int, dy: int) -> str | None:
    return {(-1, 0): "left", (1, 0): "right", (0, -1): "up", (0, 1): "down"}.get((dx, dy))


def key_text(keys: Sequence[str]) -> str:
    """Return keys as a text for the player."""
    return " ".join(key.upper() for key in keys)


def keys_of(actions: list[str], direction: tuple[int, int], choosing: bool) -> Keys:
    """Return the keys of one step: the actions that began, and the direction that is held."""
    used = next((int(action[4:]) for action in actions if action.startswith("use ")), 0)
    return Keys(
        *direction,
        act="act" in actions,
        use=0 if choosing else used,
        choose=min(used, 3) if choosing else 0,
        explore="explore" in actions,
        travel="travel" in actions,
    )
