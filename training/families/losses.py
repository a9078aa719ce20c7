"""Objectives in the notation of their papers. Scores are float (N,)."""

import torch
from torch import Tensor
from torch.nn import functional as F


def relativistic_critic(real: Tensor, fake: Tensor) -> Tensor:
    """Relativistic pairing, critic: softplus(-(D(x) - D(G(z)))). Huang et al., "The GAN is dead; long live the
    GAN" (R3GAN, NeurIPS 2024), after Jolicoeur-Martineau (2018)."""
    return F.softplus(fake - real).mean()


def relativistic_generator(real: Tensor, fake: Tensor) -> Tensor:
    """Relativistic pairing, generator: softplus(-(D(G(z)) - D(x)))."""
    return F.softplus(real - fake).mean()


def gradient_penalty(scores: Tensor, pictures: Tensor) -> Tensor:
    """E |grad_x D(x)|^2: R1 on real pictures, R2 on generated ones (Mescheder et al., ICML 2018)."""
    (gradient,) = torch.autograd.grad(scores.sum(), pictures, create_graph=True)
    return gradient.square().sum((1, 2, 3)).mean()


def dcgan_critic(real: Tensor, fake: Tensor) -> Tensor:
    """-log D(x) - log(1 - D(G(z))) with D = sigmoid(score). Goodfellow et al. (2014)."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def dcgan_generator(fake: Tensor) -> Tensor:
    """-log D(G(z)): the non-saturating form."""
    return F.softplus(-fake).mean()


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """D(N(mean, variance) | N(0, 1)), float (N,): 1/2 sum of mean^2 + variance - log variance - 1. Kingma and Welling
    (2014), appendix B."""
    return 0.5 * (mean.square() + log_variance.exp() - log_variance - 1.0).sum(1)
