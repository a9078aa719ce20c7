"""What a hero can learn at a new level: the player chooses one of three."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Perk:
    """name: a field of the hero (rules/hero.py) that grows by `gain`. says: for the player."""

    name: str
    gain: int
    says: str


PERKS = (
    Perk("most_health", 4, "two more hearts"),
    Perk("might", 1, "strikes harder"),
    Perk("pace", 2, "walks faster"),
    Perk("reach", 40, "strikes farther"),
    Perk("swiftness", 4, "strikes more often"),
    Perk("thirst", 1, "every fifth kill heals a heart"),
    Perk("hide", 1, "takes less damage"),
    Perk("eyes", 2, "sees farther"),
)
