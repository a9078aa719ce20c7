"""The table of what can go wrong: which figures say so, for how long, in which words, and whether a rescue helps."""

from collections.abc import Callable
from dataclasses import dataclass

from .care import Care

Figures = dict[str, float]
LOOK_EVERY = 50  # steps


@dataclass(frozen=True)
class Rule:
    """Fires when `holds` is true at `looks` looks in a row. The sentence may name any figure, and {steps}.

    rescue: the run is put back to where it was healthy; fatal: it is stopped once it has been rescued too often.
    doubt: when a checkpoint is not called healthy, if that is sooner than `holds`.
    """

    name: str
    needs: tuple[str, ...]  # figures without which it cannot be asked
    holds: Callable[[Figures], bool]
    looks: int
    rescue: bool
    fatal: bool
    sentence: str
    doubt: Callable[[Figures], bool] | None = None


RULES = (
    Rule(
        "broken weights",
        ("broken",),
        lambda f: f["broken"] > 0,
        1,
        True,
        True,
        "a weight is no longer a finite number",
    ),
    Rule(
        "collapse",
        ("spread",),
        lambda f: f["spread"] < 0.3,
        3,
        True,
        True,
        "the generator has collapsed: pictures of one kind differ {spread:.2f} times as much as the art's do, "
        "for {steps} steps",
    ),
    Rule(
        "divergence",
        ("distance", "best_distance"),
        lambda f: f["distance"] > 0.1 + 2.0 * f["best_distance"],
        4,
        True,
        True,
        "the pictures have moved away from the art: distance {distance:.2f} for {steps} steps, "
        "and it was {best_distance:.2f} before",
    ),
    Rule(
        "overpowering critic",
        ("accuracy", "lead", "stalled"),
        lambda f: f["accuracy"] >= 0.95 and f["lead"] >= 3.0 and f["stalled"] >= 4 * LOOK_EVERY,
        4,
        True,
        False,
        "the critic tells every picture apart (accuracy {accuracy:.2f} for {steps} steps) and the generator no longer "
        "learns from it",
        doubt=lambda f: f["accuracy"] >= 0.85 and f["lead"] >= 3.0,
    ),
    Rule(
        "beaten critic",
        ("accuracy", "distance"),
        lambda f: f["accuracy"] <= 0.35,
        4,
        False,
        False,
        "the critic is fooled more often than not (accuracy {accuracy:.2f} for {steps} steps): give it more "
        "channels, or a smaller gamma",
    ),
    Rule(
        "overfitting critic",
        ("overfitting", "strength"),
        lambda f: f["overfitting"] > 0.8 and f["strength"] >= 0.8,
        4,
        False,
        False,
        "the critic knows its pictures by heart (overfitting {overfitting:.2f}) and augmentation is at its strongest: "
        "more art would help, or a smaller critic",
    ),
    Rule(
        "memorising",
        ("novelty",),
        lambda f: f["novelty"] < 0.4,
        4,
        False,
        False,
        "pictures are {novelty:.2f} times as far from the training art as unseen art is: the network recites",
    ),
    Rule(
        "few colours",
        ("colours",),
        lambda f: f["colours"] < 0.25,
        6,
        False,
        False,
        "generated pictures use {colours:.0%} of the art's colours",
    ),
    Rule(
        "overfitting",
        ("held_out", "best_held_out"),
        lambda f: f["held_out"] > 1.1 * f["best_held_out"],
        6,
        False,
        False,
        "the loss on held-out art is {held_out:.3f} and was {best_held_out:.3f}: the network is learning its pictures "
        "by heart",
    ),
)


@dataclass(frozen=True)
class Alarm:
    """A rule that has fired."""

    rule: str
    rescue: bool
    fatal: bool
    sentence: str


def judge(figures: Figures, care: Care, step: int, rules: tuple[Rule, ...] = RULES) -> list[Alarm]:
    """Ask every rule, count its looks in `care`, and return those that fire now; each fires once per spell."""
    alarms = []
    near = False
    for rule in rules:
        if not all(name in figures for name in rule.needs):
            continue
        near = near or (rule.rescue and (rule.doubt or rule.holds)(figures))
        if not rule.holds(figures):
            care.streaks.pop(rule.name, None)
            care.said = [name for name in care.said if name != rule.name]
            continue
        care.streaks[rule.name] = care.streaks.get(rule.name, 0) + 1
        if care.streaks[rule.name] >= rule.looks and rule.name not in care.said:
            care.said.append(rule.name)
            steps = care.streaks[rule.name] * LOOK_EVERY
            alarms.append(
                Alarm(rule.name, rule.rescue, rule.fatal, rule.sentence.format(**figures, steps=steps))
            )
    if not near:
        care.healthy_step = step
    return alarms
