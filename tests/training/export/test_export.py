"""Folding and equalisation do not change the function of a network."""

import pytest
import torch

from tilewright_training.config import preset
from tilewright_training.export.equalise import equalise, equalise_steps
from tilewright_training.export.folding import fold, fold_steps
from tilewright_training.export.layers import run, run_steps
from tilewright_training.export.quantize import best_scale, covering
from tilewright_training.families.dcgan import DCGANGenerator
from tilewright_training.families.step_network import StepNetwork
from tilewright_training.families.vae import VaeNetwork

LATENTS = torch.randn(6, 20, generator=torch.Generator().manual_seed(0))
KINDS = torch.tensor([0, 1, 2, 0, 1, 2])


def dcgan() -> torch.nn.Module:
    torch.manual_seed(0)
    generator = DCGANGenerator(3, 3, (16, 16), 20, 6)
    for _ in range(5):
        generator(torch.randn(20, 20), torch.randint(0, 3, (20,)))
    return generator.eval()


@torch.no_grad()
def test_folding_and_equalising_change_nothing() -> None:
    generator = dcgan()
    ideal = generator(LATENTS, KINDS)
    folded = fold(generator)
    values = run(folded, LATENTS, KINDS)
    torch.testing.assert_close(values[-1], ideal, rtol=0, atol=1e-5)
    equal = equalise(folded, values)
    torch.testing.assert_close(run(equal, LATENTS, KINDS)[-1], ideal, rtol=0, atol=1e-5)
    before, after = values[3], run(equal, LATENTS, KINDS)[3]
    reach_before, reach_after = (v.abs().amax(tuple(range(2, v.ndim))).amax(0) for v in (before, after))
    assert reach_after.std() / reach_after.mean() < reach_before.std() / reach_before.mean()


@pytest.mark.parametrize(("wrap", "causal"), [(False, False), (True, False), (False, True)])
@torch.no_grad()
def test_step_networks_too(wrap: bool, causal: bool) -> None:
    torch.manual_seed(0)
    network = StepNetwork(5, 3, 12, [(1, 1), (2, 2), (4, 4)], wrap, causal)
    for block in network.blocks:
        torch.nn.init.normal_(block.mix.weight, std=0.3)
    cells = torch.randint(0, 6, (4, 8, 8))
    ideal = network(cells, KINDS[:4])
    folded = fold_steps(network)
    values = run_steps(folded, cells, KINDS[:4])
    torch.testing.assert_close(values[-1], ideal, rtol=0, atol=1e-5)
    equal = equalise_steps(folded, values)
    torch.testing.assert_close(run_steps(equal, cells, KINDS[:4])[-1], ideal, rtol=0, atol=1e-5)
    assert not torch.equal(equal.layers[-1].weights, folded.layers[-1].weights)


@pytest.mark.parametrize("size", [8, 16, 32])
@torch.no_grad()
def test_a_ladder_becomes_one_pass(size: int) -> None:
    torch.manual_seed(0)
    config = preset("tiny", model="vae", latent_size=20, steps=1, wrap=True, size=size)
    network = VaeNetwork(config, 7, 3)
    latents = torch.randn(6, config.latents)
    ideal = network.decoder(latents, KINDS)
    folded = fold(network)
    values = run(folded, latents, KINDS)
    assert folded.choice
    torch.testing.assert_close(values[-1], ideal, rtol=0, atol=1e-5)
    torch.testing.assert_close(run(equalise(folded, values), latents, KINDS)[-1], ideal, rtol=0, atol=1e-5)


def test_ranges_end_where_the_next_op_saturates() -> None:
    values = torch.linspace(-40, 40, 1001).numpy()
    assert best_scale([values], "tanh").scale < 0.1 < best_scale([values]).scale


def test_zero_is_always_on_a_step() -> None:
    for low, high in ((-1.0, 1.0), (-0.3, 7.0), (0.0, 5.1), (-3.0, 1e-6)):
        scale = covering(low, high)
        assert 0 <= scale.zero <= 255
        assert abs((0 - scale.zero) * scale.scale - low) <= scale.scale
