"""The monitoring state of a run. It is part of every checkpoint, so a resumed run reaches the same decisions."""

import dataclasses
import json
import math
from dataclasses import dataclass, field
from typing import Any

from ..config import MOST_RESCUES, Config
from ..config_ranges import MAX_STEPS
from ..data.augment import MOST_STRENGTH

STRONGER = 0.2  # added to the strength of augmentation by a rescue


@dataclass
class RescueState:
    """Changes with every look and every rescue."""

    strength: float = 0.0  # probability of each augmentation
    rescues: int = 0
    healthy_step: int = 0  # last look at which no rule was close to firing
    original_step: int = 0  # last look at which few pictures were near copies
    best: float | None = None  # lowest value so far of the figure that measures progress
    best_step: int = 0
    # rule -> number of consecutive looks at which it held
    streaks: dict[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)  # rules that have fired since they last did not hold

    def to_json(self) -> str:
        """Serialise for a checkpoint."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "RescueState":
        """Parse the output of `to_json`. Raises ValueError or TypeError for anything else."""
        values: Any = json.loads(text)
        rescue = cls(**values)
        right = {
            "strength": _is_within(rescue.strength, MOST_STRENGTH, float),
            "rescues": _is_within(rescue.rescues, MOST_RESCUES, int),
            "healthy_step": _is_within(rescue.healthy_step, MAX_STEPS, int),
            "original_step": _is_within(rescue.original_step, MAX_STEPS, int),
            "best": rescue.best is None
            or (isinstance(rescue.best, (int, float)) and math.isfinite(rescue.best)),
            "best_step": _is_within(rescue.best_step, MAX_STEPS, int),
            "streaks": isinstance(rescue.streaks, dict)
            and all(_is_within(streak, MAX_STEPS, int) for streak in rescue.streaks.values()),
            "said": isinstance(rescue.said, list) and all(isinstance(rule, str) for rule in rescue.said),
        }
        for name, fits in right.items():
            if not fits:
                raise ValueError(f"its rescue state has {name} {getattr(rescue, name)!r:.40}")
        return rescue

    def after_rescue(self, step: int) -> "RescueState":
        """Return the state of a run that is put back to `step`."""
        strength = min(MOST_STRENGTH, self.strength + STRONGER)
        original = min(step, self.original_step)
        return RescueState(strength, self.rescues + 1, healthy_step=step, original_step=original)


def eased(config: Config, rescues: int) -> Config:
    """Return the configuration after `rescues` rescues: each halves the learning rate and doubles the
    gradient penalty.

    This slows a critic that learns faster than its generator.
    """
    if rescues == 0:
        return config
    gamma = max(config.gamma, Config.gamma) * 2.0**rescues
    critic_lr = min(config.critic_lr, 1.0)
    return dataclasses.replace(config, lr=config.lr * 0.5**rescues, gamma=gamma, critic_lr=critic_lr)


def remedy(config: Config) -> str:
    """Describe the changes of a rescue."""
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
