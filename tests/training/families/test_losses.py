"""Objectives, compared with their definitions."""

import math

import torch
from torch import distributions as d

from tilewright_training.families import losses

GENERATOR = torch.Generator().manual_seed(0)
X, MEAN, LOG_VARIANCE = (torch.randn(5, 7, generator=GENERATOR) for _ in range(3))


def test_divergence() -> None:
    ours = losses.divergence(MEAN, LOG_VARIANCE)
    normal = d.Normal(torch.zeros(5, 7), torch.ones(5, 7))
    expected = d.kl_divergence(d.Normal(MEAN, (0.5 * LOG_VARIANCE).exp()), normal).sum(1)
    torch.testing.assert_close(ours, expected)
    assert losses.divergence(torch.zeros(1, 3), torch.zeros(1, 3)).item() == 0.0


def test_adversaries_want_opposite_things() -> None:
    real, fake = torch.tensor([2.0, 1.0]), torch.tensor([-1.0, 0.0])
    assert losses.relativistic_critic(real, fake) < math.log(2) < losses.relativistic_generator(real, fake)
    assert losses.dcgan_critic(real, fake) < 2 * math.log(2)
    assert losses.dcgan_generator(fake) > math.log(2)


def test_gradient_penalty_of_a_linear_critic_is_its_slope() -> None:
    pictures = torch.randn(4, 3, 2, 2, generator=GENERATOR).requires_grad_(True)
    slope = torch.arange(12.0).view(3, 2, 2)
    penalty = losses.gradient_penalty((pictures * slope).sum((1, 2, 3)), pictures)
    torch.testing.assert_close(penalty, slope.square().sum())
