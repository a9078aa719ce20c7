"""What a run knows about its own health: part of every checkpoint, so that a resumed run judges as it would have."""

import dataclasses
import json
import math
from dataclasses import dataclass, field
from typing import Any

from ..config import MOST_RESCUES, Config
from ..config_ranges import MAX_STEPS
from ..data.augment import MOST_STRENGTH

STRONGER = 0.2  # what a rescue adds to the strength of augmentation


@dataclass
class Care:
    """Changes at every look and every rescue."""

    strength: float = 0.0  # probability of an augmentation
    rescues: int = 0
    healthy_step: int = 0  # of the last look at which no rule was near to firing
    best: float | None = None  # the best (lowest) of the figure that progress is measured by
    best_step: int = 0
    streaks: dict[str, int] = field(default_factory=dict)  # rule -> looks in a row at which it held
    said: list[str] = field(
        default_factory=list
    )  # rules that have had their say since they last did not hold

    def to_json(self) -> str:
        """For a checkpoint."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Care":
        """The Care that `to_json` wrote; ValueError or TypeError for anything else."""
        values: Any = json.loads(text)
        care = cls(**values)
        right = {
            "strength": _is_within(care.strength, MOST_STRENGTH, float),
            "rescues": _is_within(care.rescues, MOST_RESCUES, int),
            "healthy_step": _is_within(care.healthy_step, MAX_STEPS, int),
            "best": care.best is None or (isinstance(care.best, (int, float)) and math.isfinite(care.best)),
            "best_step": _is_within(care.best_step, MAX_STEPS, int),
            "streaks": isinstance(care.streaks, dict)
            and all(_is_within(streak, MAX_STEPS, int) for streak in care.streaks.values()),
            "said": isinstance(care.said, list) and all(isinstance(rule, str) for rule in care.said),
        }
        for name, fits in right.items():
            if not fits:
                raise ValueError(f"its care has {name} {getattr(care, name)!r:.40}")
        return care

    def after_rescue(self, step: int) -> "Care":
        """The care of a run that is put back to `step`."""
        strength = min(MOST_STRENGTH, self.strength + STRONGER)
        return Care(strength=strength, rescues=self.rescues + 1, healthy_step=step)


def eased(config: Config, rescues: int) -> Config:
    """The configuration after so many rescues: half the learning rate and twice the gradient penalty for each.

    A critic that learnt faster than its generator, or without a penalty, no longer does.
    """
    if rescues == 0:
        return config
    gamma = max(config.gamma, Config.gamma) * 2.0**rescues
    critic_lr = min(config.critic_lr, 1.0)
    return dataclasses.replace(config, lr=config.lr * 0.5**rescues, gamma=gamma, critic_lr=critic_lr)


def remedy(config: Config) -> str:
    """What a rescue changes, as its sentence says it."""
    changes = ["half the learning rate"]
    if config.traits.has_penalty:
        changes.append("twice the gradient penalty")
    if config.traits.is_augmented:
        changes.append("more augmentation")
    *first, last = changes
    return f"{', '.join(first)} and {last}" if first else last


def _is_within(value: object, most: float, kind: type) -> bool:
    return (
        isinstance(value, (int, float))
        and isinstance(value, (int, kind))
        and not isinstance(value, bool)
        and bool(0 <= value <= most)
    )
