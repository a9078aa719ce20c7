"""The table of failures: the figures that indicate each, for how long, the message, and whether a rescue
helps.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .rescue_state import RescueState

Figures = dict[str, float]
LOOK_EVERY = 50  # steps
MOST_COPIES = 2.0  # times the share of near copies in held-out art
LEAST_COPIES = 0.02  # share below which near copies may be chance


@dataclass(frozen=True)
class Rule:
    """Fires if `holds` is true for `looks` consecutive looks. The sentence may contain any figure, and
    {steps}.

    rescue: put the run back to a healthy checkpoint. fatal: stop it if rescues are used up. doubt: condition
    under which a checkpoint does not count as healthy, if wider than `holds`. ends: put the run back to the last
    look without copies, where it ends.
    """

    name: str
    needs: tuple[str, ...]  # figures without which the rule is skipped
    holds: Callable[[Figures], bool]
    looks: int
    rescue: bool
    fatal: bool
    sentence: str
    doubt: Callable[[Figures], bool] | None = None
    ends: bool = False


def copies(figures: Figures) -> bool:
    """Whether clearly more generated pictures than held-out ones are near copies of training pictures."""
    return figures["copies"] > max(LEAST_COPIES, MOST_COPIES * figures["usual_copies"])


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
        "the critic separates all pictures (accuracy {accuracy:.2f} for {steps} steps) and the generator no longer "
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
        "the critic has memorised its pictures (overfitting {overfitting:.2f}) and augmentation is at its maximum: "
        "more art would help, or a smaller critic",
    ),
    Rule(
        "memorising",
        ("novelty",),
        lambda f: f["novelty"] < 0.4,
        4,
        False,
        False,
        "pictures are {novelty:.2f} times as far from the training art as unseen art is: the network memorises",
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
        "the loss on held-out art is {held_out:.3f} and was {best_held_out:.3f}: the network overfits to its "
        "training pictures",
    ),
    Rule(
        "copying",
        ("copies", "usual_copies"),
        copies,
        1,
        False,
        False,
        "{copies:.1%} of the pictures are near copies of training pictures, and {usual_copies:.1%} of held-out art are",
        ends=True,
    ),
)


@dataclass(frozen=True)
class Alarm:
    """A rule that has fired."""

    rule: str
    rescue: bool
    fatal: bool
    sentence: str
    ends: bool = False


def check_rules(
    figures: Figures, rescue: RescueState, step: int, rules: tuple[Rule, ...] = RULES
) -> list[Alarm]:
    """Apply every rule, count consecutive looks in `rescue`, and return the rules that fire now, once per
    spell.
    """
    alarms = []
    near = False
    for rule in rules:
        if not all(name in figures for name in rule.needs):
            continue
        near = near or (rule.rescue and (rule.doubt or rule.holds)(figures))
        if not rule.holds(figures):
            rescue.streaks.pop(rule.name, None)
            rescue.said = [name for name in rescue.said if name != rule.name]
            continue
        rescue.streaks[rule.name] = rescue.streaks.get(rule.name, 0) + 1
        if rescue.streaks[rule.name] >= rule.looks and rule.name not in rescue.said:
            rescue.said.append(rule.name)
            steps = rescue.streaks[rule.name] * LOOK_EVERY
            sentence = rule.sentence.format(**figures, steps=steps)
            alarms.append(Alarm(rule.name, rule.rescue, rule.fatal, sentence, rule.ends))
    if not near:
        rescue.healthy_step = step
    if "copies" in figures and not copies(figures):
        rescue.original_step = step
    return alarms
