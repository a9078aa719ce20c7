"""Describe a run's figures in words: is it improving, and is it worth continuing?"""

from .rules import LOOK_EVERY, Figures

PATIENCE = 10  # looks without improvement after which a run counts as level
BY_HEART = 1.1  # ratio of the held-out loss to its best value; equals the rule "overfitting"
# The most informative figure comes first. Lower is better for all.
TELLING = (("distance", "distance to the art"), ("held_out", "loss on unseen art"), ("trained", "loss"))
FALLING, LEVEL, RISING = "falling: good", "level: little more to gain", "rising: needs more art"


class Words:
    """Follows the figures of one run."""

    def __init__(self) -> None:
        self.trend = ""  # FALLING, LEVEL or RISING, after the first look
        self._best = float("inf")
        self._best_step = 0
        self._text = "first look soon"

    def read(self, step: int, figures: Figures) -> str:
        """Describe the figures of a step. They change every LOOK_EVERY steps."""
        telling = next(((name, words) for name, words in TELLING if name in figures), None)
        if telling is None or step % LOOK_EVERY:
            return self._text
        value = figures[telling[0]]
        if value < self._best:
            self._best, self._best_step = value, step
        still = step - self._best_step > PATIENCE * LOOK_EVERY
        by_heart = telling[0] == "held_out" and value > BY_HEART * self._best
        self.trend = RISING if by_heart else LEVEL if still else FALLING
        self._text = f"{telling[1]} {value:.3f}, {_trouble(figures) or self.trend}"
        return self._text


def _trouble(figures: Figures) -> str:
    """Describe what is unhealthy about a GAN, by the table in docs/training.md; "" for other families."""
    if figures.get("spread", 1.0) < 0.5:
        return "but all much alike: bad"
    if figures.get("accuracy", 0.5) >= 0.95 and figures.get("lead", 0.0) >= 2.0:
        return "but the critic leads: bad"
    return ""
