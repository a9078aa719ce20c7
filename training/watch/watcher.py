"""Inspect a run at regular steps: figures for the logs, alarms for the loop, and the strength of
augmentation.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from tilewright.palette import remap

from ..config import Config
from ..data.augment import MOST_STRENGTH
from ..data.batches import Batches
from ..data.dataset import Dataset
from ..families.family import Family, WithCritic, WithLoss
from ..families.iterative import Iterative
from . import figures as measure
from .rescue_state import RescueState
from .rules import LOOK_EVERY, Alarm, Figures, check_rules

LOOKED_AT = 256  # pictures of each sort
NEIGHBOURS = 2048  # training pictures for nearest-neighbour searches
COPIED = 20_000  # the same for the search for copies
COPIES_EVERY = 10 * LOOK_EVERY  # steps between searches for copies, which take seconds
FEWEST_UNSEEN = 16  # held-out pictures without which the usual share of copies is unknown
TARGET = 0.6  # augmentation is increased while the critic overfits by more than this, otherwise decreased
FOR_RULES = (
    "broken",
    "stalled",
    "best_distance",
    "best_held_out",
    "best_trained",
    "usual_copies",
)  # figures that are not logged
RAMP_IMAGES = 100_000  # number of pictures over which the strength can rise from 0 to 1
GAP = 1.05  # counterpart of TARGET without a critic: ratio of held-out loss to training loss
COPIES_SEED = 0  # one seed for all searches, so their shares differ by the weights only
CERTAIN = 0.95  # critic accuracy that counts as overfitting if nothing is held out


class Watcher:
    """Compares generated pictures with training art and held-out art. Does not affect the run."""

    def __init__(
        self, config: Config, train: Dataset, held_out: Dataset | None, palette: np.ndarray | None
    ) -> None:
        """palette: uint8 (K, 4), of the family's pictures, or None."""
        self.config = config
        self._palette = palette
        self._art, self._kinds = self._some(train, LOOKED_AT)
        self._neighbours, _ = self._some(train, NEIGHBOURS)
        self._unseen: np.ndarray | None = None
        self._unseen_kinds: np.ndarray | None = None
        if held_out is not None:
            self._unseen, self._unseen_kinds = self._some(held_out, LOOKED_AT)
        self._usual_copies: float | None = None
        # Maps consist of copies of tiles, and short texts of a language meet by chance.
        searched = not (config.traits.enlarges or config.tokens) and train.kind_maps is None
        if searched and self._unseen is not None and len(self._unseen) >= FEWEST_UNSEEN:
            self._originals, _ = self._some(train, COPIED)
            self._usual_copies = measure.near_copies(self._unseen, self._originals)
        self._spread = measure.spread(self._art, self._kinds)
        self._losses = {}
        if not config.traits.has_critic:
            sets = {"held_out": held_out, "trained": train}
            self._losses = {name: Batches(some, config, palette) for name, some in sets.items() if some}

    def _some(self, data: Dataset, most: int) -> tuple[np.ndarray, np.ndarray]:
        """Return evenly spaced pictures of `data`, mapped to the palette, and their kinds."""
        which = np.linspace(0, len(data.labels) - 1, min(most, len(data.labels))).astype(np.int64)
        pictures = np.asarray(data.images[which])
        return pictures if self._palette is None else remap(pictures, self._palette), data.labels[which]

    def look(self, family: Family, step: int, rescue: RescueState) -> tuple[Figures, list[Alarm]]:
        """Return the figures after `step` steps, and alarms.

        Updates `rescue`. Families with a critic are judged by generated pictures, others by their loss on
        held-out art.
        """
        found: Figures = {"broken": 0.0 if measure.all_finite(family.modules) else 1.0}
        if not found["broken"]:
            if self.config.traits.has_critic:
                found |= self._look_at_gan(family, step)
                self._note_best(found, "distance", step, rescue)
            else:
                found |= {name: self._loss(family, batches) for name, batches in self._losses.items()}
                self._note_best(found, "held_out" if "held_out" in found else "trained", step, rescue)
                if self._usual_copies is not None and step % COPIES_EVERY == 0:
                    found |= {"copies": self._copies(family), "usual_copies": self._usual_copies}
            rescue.strength = self._strength(found, rescue.strength)
            found["strength"] = rescue.strength
        alarms = check_rules(found, rescue, step)
        return {name: value for name, value in found.items() if name not in FOR_RULES}, alarms

    def _look_at_gan(self, family: Family, step: int) -> Figures:
        with _undisturbed(family):
            drawn = family.sample(torch.from_numpy(self._kinds).to(_device(family)), step)
            fake = self._scores(family, drawn, self._kinds)
            real = self._scores(family, self._art, self._kinds)
            found = {
                "accuracy": measure.pair_accuracy(real, fake),
                "lead": float((real - fake).mean()),  # stays below about 2 with a gradient penalty
                "spread": measure.spread(drawn, self._kinds) / max(self._spread, 1e-9),
                "distance": measure.energy_distance(drawn, self._art),
                "distinct": measure.distinct_share(drawn),
            }
            if self._palette is not None:
                found["colours"] = measure.colour_share(drawn, self._art)
            if self._unseen is not None and self._unseen_kinds is not None:
                unseen = self._scores(family, self._unseen, self._unseen_kinds)
                found["overfitting"] = measure.critic_overfitting(real, unseen, fake)
                found["novelty"] = measure.novelty(drawn, self._neighbours, self._unseen)
        if self._spread == 0:  # with one picture per kind, variety is undefined
            del found["spread"]
        return found

    def _scores(self, family: Family, pictures: np.ndarray, kinds: np.ndarray) -> Tensor:
        assert isinstance(family, WithCritic)
        return family.scores(pictures, torch.from_numpy(kinds).to(_device(family)))

    def _loss(self, family: Family, batches: Batches) -> float:
        """Return the family's loss on a fixed batch."""
        device = _device(family)
        assert isinstance(family, WithLoss)
        with torch.no_grad():
            return float(family.loss(batches.draw(0).to(device)))

    def _copies(self, family: Family) -> float:
        """Return the share of near copies among pictures of the averaged network."""
        assert isinstance(family, Iterative)
        drawn = family.sample(torch.from_numpy(self._kinds).to(_device(family)), COPIES_SEED)
        return measure.near_copies(drawn, self._originals)

    def _note_best(self, found: Figures, name: str, step: int, rescue: RescueState) -> None:
        if rescue.best is None or found[name] < rescue.best:
            rescue.best, rescue.best_step = max(0.0, found[name]), step
        found[f"best_{name}"] = rescue.best
        found["stalled"] = float(step - rescue.best_step)

    def _strength(self, found: Figures, strength: float) -> float:
        """ADA's rule: increase by a fixed amount if the network overfits, otherwise decrease by as much."""
        if not self.config.traits.is_augmented:
            return strength
        if "held_out" in found:
            overfits = found["held_out"] > GAP * found["trained"]
        elif "overfitting" in found:
            overfits = found["overfitting"] > TARGET
        else:
            overfits = found.get("accuracy", 0.0) > CERTAIN
        amount = LOOK_EVERY * self.config.batch / RAMP_IMAGES
        return min(MOST_STRENGTH, max(0.0, strength + (amount if overfits else -amount)))


def broken(figures: Figures) -> list[Alarm]:
    """Return the alarm for an infinite or NaN loss, if there is one."""
    for name, value in figures.items():
        if not math.isfinite(value):
            return [Alarm("broken loss", True, True, f"the figure {name!r} is {value}")]
    return []


def _device(family: Family) -> torch.device:
    return next(next(iter(family.modules.values())).parameters()).device


@contextmanager
def _undisturbed(family: Family) -> Iterator[None]:
    """Disable gradients, use evaluation mode, and use the current generator instead of the averaged one.

    The average lags by a thousand steps, too many to identify the last healthy checkpoint.
    """
    modes = {name: module.training for name, module in family.modules.items()}
    _swap(family)
    for module in family.modules.values():
        module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        _swap(family)
        for name, module in family.modules.items():
            module.train(modes[name])


def _swap(family: Family) -> None:
    now, averaged = family.modules["generator"], family.modules["ema"]
    for a, b in zip(_tensors(now), _tensors(averaged), strict=True):
        a.data, b.data = b.data, a.data


def _tensors(module: nn.Module) -> list[Tensor]:
    return [*module.parameters(), *module.buffers()]
