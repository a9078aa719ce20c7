"""What a player can do, and the keys and buttons that do it."""

from collections.abc import Callable

import pygame

from .rules.keys import Keys

# An action's keys, by their pygame names. The first is shown in the help.
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
    "facts": ("f1",),
    "map": ("m",),
    "mute": ("v",),
    "help": ("?", "/"),
    "pause": ("escape",),
    "screenshot": ("f12",),
    "export": ("e",),
    "new": ("n",),
    "again": ("r",),
    "copy": ("c",),
    "daily": ("y",),
}  # fmt: skip

SAYS = (
    ("arrows, WASD, HJKL", "walk"),
    ("SPACE", "strike, or talk"),
    ("1 2 3 4", "use what is in the belt"),
    ("X", "explore alone"),
    (">", "go to the stairs"),
    ("G", "draw this depth anew"),
    ("P", "other colours and machines"),
    ("E", "write the depth for Tiled"),
    ("M  V  F1  F12", "map, sound, figures, screenshot"),
    ("ESC", "pause"),
)
_BUTTONS = {0: "act", 1: "explore", 2: "travel", 3: "use 1", 4: "use 2", 5: "use 3", 6: "palette", 7: "pause"}
_DEAD_ZONE = 0.4


def action_of(event: pygame.event.Event) -> str | None:
    """Return the action that a key or button event begins, or None."""
    if event.type == pygame.JOYBUTTONDOWN:
        return _BUTTONS.get(event.button)
    if event.type != pygame.KEYDOWN:
        return None
    names = (event.dict.get("unicode", ""), pygame.key.name(event.key))
    return next((action for action, keys in KEYS.items() if set(keys) & set(names)), None)


def held_direction(
    pressed: Callable[[int], bool], pads: list["pygame.joystick.JoystickType"]
) -> tuple[int, int]:
    """Return (dx, dy) of the keys and sticks that are held."""

    def down(action: str) -> int:
        return any(pressed(pygame.key.key_code(name)) for name in KEYS[action])

    dx, dy = down("right") - down("left"), down("down") - down("up")
    for pad in pads:
        if pad.get_numaxes() >= 2:
            dx += int(pad.get_axis(0) > _DEAD_ZONE) - int(pad.get_axis(0) < -_DEAD_ZONE)
            dy += int(pad.get_axis(1) > _DEAD_ZONE) - int(pad.get_axis(1) < -_DEAD_ZONE)
        if pad.get_numhats():
            across, up = pad.get_hat(0)
            dx, dy = dx + int(across), dy - int(up)
    return max(-1, min(dx, 1)), max(-1, min(dy, 1))


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
