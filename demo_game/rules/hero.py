"""The hero: what lasts from depth to depth."""

from dataclasses import dataclass, field

from ..content.items import ITEMS
from .grid import Body

BELT = 4  # places
SAFE_STEPS = 45  # after a wound, during which nothing wounds
_SWING_STEPS = 10  # during which a stroke hits
_REST_STEPS = 26  # from the beginning of a stroke to the next
_FIRST_LEVEL = 12  # experience for level 2


@dataclass
class Hero(Body):
    """The hero. Times are in steps, distances in units, health in half hearts."""

    health: int = 12
    most_health: int = 12
    might: int = 2
    pace: int = 20
    reach: int = 190
    swiftness: int = 0
    thirst: int = 0
    hide: int = 0
    eyes: int = 8  # cells
    weapon: int = 0
    armour: int = 0
    belt: list[str] = field(default_factory=list)
    keys: set[int] = field(default_factory=set)
    level: int = 1
    experience: int = 0
    kills: int = 0
    strokes: int = 0
    safe: int = 0
    swing: int = 0
    rest: int = 0
    strength: int = 0
    haste: int = 0

    @property
    def damage(self) -> int:
        """What a stroke takes from a monster."""
        return (self.might + self.weapon) * (2 if self.strength else 1)

    @property
    def speed(self) -> int:
        """Units a step."""
        return self.pace + (10 if self.haste else 0)

    @property
    def next_level(self) -> int:
        """The experience at which the next level begins."""
        return _FIRST_LEVEL * self.level * (self.level + 1) // 2

    @property
    def level_began(self) -> int:
        """The experience at which this level began."""
        return _FIRST_LEVEL * (self.level - 1) * self.level // 2

    def pass_time(self) -> None:
        """Count down all that lasts for some steps."""
        for name in ("safe", "swing", "rest", "strength", "haste"):
            setattr(self, name, max(0, getattr(self, name) - 1))

    def strike(self) -> bool:
        """Begin a stroke, if the last one is over. Returns whether it began."""
        if self.rest:
            return False
        self.strokes += 1
        self.swing, self.rest = _SWING_STEPS, max(_SWING_STEPS, _REST_STEPS - self.swiftness)
        return True

    def wound(self, damage: int) -> bool:
        """Take damage, less the armour's part, unless just wounded. Returns whether it hurt."""
        if self.safe:
            return False
        self.health = max(0, self.health - max(1, damage - (self.armour + self.hide) // 3))
        self.safe = SAFE_STEPS
        return True

    def heal(self, amount: int) -> None:
        """Add health, up to the most."""
        self.health = min(self.most_health, self.health + amount)

    def take(self, name: str, power: int) -> bool:
        """Take an item that is worn or kept. Returns False if there is no use or place for it."""
        slot = ITEMS[name].slot
        if slot == "belt":
            if len(self.belt) == BELT:
                return False
            self.belt.append(name)
            return True
        if power <= getattr(self, slot):
            return False
        setattr(self, slot, power)
        return True
