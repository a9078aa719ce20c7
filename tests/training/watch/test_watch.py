"""Figures of a run, and the rules on them."""

import numpy as np
import pytest
import torch

from tilewright_training.config import preset
from tilewright_training.watch import figures
from tilewright_training.watch.rescue_state import RescueState, eased
from tilewright_training.watch.rules import LOOK_EVERY, RULES, check_rules

from ..drawn import draw_set

ART = np.stack(draw_set(("hero", "slime"), 30))
KINDS = np.repeat([0, 1], 30)
SOME, OTHER = np.tile(np.arange(30) < 15, 2), np.tile(np.arange(30) >= 15, 2)


def test_spread_falls_to_nothing_in_a_collapse() -> None:
    alike = ART[np.repeat([0, 30], 30)]
    half = ART.copy()
    half[::2] = alike[::2]
    spreads = [figures.spread(pictures, KINDS) for pictures in (ART, half, alike)]
    assert spreads[0] > spreads[1] > spreads[2] == 0.0


def test_energy_distance_tells_art_from_art_of_other_kinds() -> None:
    noise = np.random.default_rng(0).integers(0, 256, ART.shape, np.uint8)
    same = figures.energy_distance(ART[SOME], ART[OTHER])
    assert abs(same) < 0.05
    assert same < figures.energy_distance(ART[:30], ART) < figures.energy_distance(noise, ART)


def test_critic_overfitting() -> None:
    fake, real = torch.zeros(8), torch.ones(8)
    assert figures.critic_overfitting(real, real, fake) == 0.0
    assert figures.critic_overfitting(real, fake, fake) == 1.0
    assert figures.critic_overfitting(real, 0.5 * real, fake) == 0.5
    assert figures.critic_overfitting(fake, real, fake) == 0.0  # a critic without information


def test_novelty_tells_copies_from_new_pictures() -> None:
    training, unseen = ART[SOME], ART[OTHER]
    assert figures.novelty(training, training, unseen) == 0.0
    assert figures.novelty(unseen, training, unseen) == 1.0


def test_shares_and_pairs() -> None:
    assert figures.distinct_share(np.concatenate([ART[:2], ART[:2]])) == 0.5
    assert figures.colour_share(ART, ART) == 1.0
    assert figures.colour_share(ART[:1], ART) < 1.0
    assert figures.pair_accuracy(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 3.0])) == 0.5


def test_a_weight_that_is_not_a_number_is_found() -> None:
    layer = torch.nn.Linear(2, 2)
    assert figures.all_finite({"a": layer})
    with torch.no_grad():
        layer.weight[0, 0] = float("nan")
    assert not figures.all_finite({"a": layer})


HEALTHY = {
    "broken": 0.0,
    "spread": 0.9,
    "distance": 0.1,
    "best_distance": 0.1,
    "stalled": 0.0,
    "accuracy": 0.8,
    "lead": 0.5,
    "overfitting": 0.2,
    "strength": 0.1,
    "novelty": 1.0,
    "colours": 0.9,
    "held_out": 1.0,
    "best_held_out": 1.0,
    "copies": 0.01,
    "usual_copies": 0.0,
}
ILL = {
    "broken weights": {"broken": 1.0},
    "collapse": {"spread": 0.1},
    "divergence": {"distance": 0.9},
    "overpowering critic": {"accuracy": 1.0, "lead": 8.0, "stalled": 1000.0},
    "beaten critic": {"accuracy": 0.2},
    "overfitting critic": {"overfitting": 0.9, "strength": 0.8},
    "memorising": {"novelty": 0.1},
    "few colours": {"colours": 0.1},
    "overfitting": {"held_out": 1.5},
    "copying": {"copies": 0.03},
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_fires_once_when_its_time_has_come(rule: object) -> None:
    rescue = RescueState()
    name, looks = rule.name, rule.looks  # type: ignore[attr-defined]
    for look in range(looks + 3):
        alarms = check_rules(HEALTHY | ILL[name], rescue, LOOK_EVERY * (look + 1))
        assert [alarm.rule for alarm in alarms] == ([name] if look == looks - 1 else [])
    assert check_rules(HEALTHY, rescue, 10_000) == []
    assert rescue.healthy_step == 10_000 and rescue.streaks == {} and rescue.said == []
    assert rescue.original_step == 10_000


def test_a_run_in_doubt_is_not_called_healthy() -> None:
    rescue = RescueState()
    check_rules(HEALTHY, rescue, 50)
    check_rules(HEALTHY | {"spread": 0.1}, rescue, 100)
    assert rescue.healthy_step == 50
    check_rules(HEALTHY | {"accuracy": 1.0, "lead": 8.0}, rescue, 150)  # not yet stalled, but close
    assert rescue.healthy_step == 50 and rescue.streaks == {}


def test_copies_are_compared_with_those_of_held_out_art() -> None:
    rescue = RescueState()
    check_rules({"copies": 0.15, "usual_copies": 0.08}, rescue, 500)
    check_rules({"held_out": 1.0, "best_held_out": 1.0}, rescue, 550)  # a look without a search for copies
    assert (rescue.original_step, rescue.healthy_step) == (500, 550)
    (alarm,) = check_rules({"copies": 0.17, "usual_copies": 0.08}, rescue, 1000)
    assert alarm.ends and alarm.sentence == (
        "17.0% of the pictures are near copies of training pictures, and 8.0% of held-out art are"
    )
    assert rescue.original_step == 500


def test_near_copies_differ_in_a_twentieth_of_their_pixels() -> None:
    pictures = ART[:4].copy()
    limit = ART.shape[1] * ART.shape[2] // 20
    for picture, changed in zip(pictures, (0, 1, limit, limit + 1), strict=True):
        picture.reshape(-1, 4)[:changed] = (1, 2, 3, 255)
    assert figures.near_copies(pictures, ART[:4]) == 0.75


def test_the_sentence_of_the_overpowering_critic() -> None:
    rescue = RescueState()
    for step in range(0, 4 * LOOK_EVERY, LOOK_EVERY):
        alarms = check_rules(HEALTHY | ILL["overpowering critic"], rescue, step)
    assert alarms[0].sentence == (
        "the critic separates all pictures (accuracy 1.00 for 200 steps) and the generator no longer learns from it"
    )


def test_care_is_kept_as_json() -> None:
    rescue = RescueState(0.4, 1, 100, 75, 0.25, 50, {"collapse": 2}, ["memorising"])
    assert RescueState.from_json(rescue.to_json()) == rescue
    for text in ("3", "[]", '{"strength": -1}', '{"rescues": 1e400}', '{"unknown": 1}', '{"streaks": 3}'):
        with pytest.raises((ValueError, TypeError)):
            RescueState.from_json(text)


def test_a_rescue_slows_the_run_and_restores_the_balance() -> None:
    config = preset("tiny", steps=1, gamma=0.0, critic_lr=10.0)
    assert eased(config, 0) == config
    once = eased(config, 1)
    assert (once.lr, once.gamma, once.critic_lr) == (config.lr / 2, 2.0, 1.0)
    assert eased(config, 2).lr == config.lr / 4
    after = RescueState(strength=0.7, rescues=1, original_step=500).after_rescue(300)
    assert after == RescueState(strength=0.8, rescues=2, healthy_step=300, original_step=300)
