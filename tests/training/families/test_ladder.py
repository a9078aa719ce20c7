"""The VAE's ladder: the decoder adds noise in the order in which the encoder infers it."""

import pytest
import torch

from tilewright.errors import UsageError
from tilewright_training.config import Config, preset
from tilewright_training.families.vae import VaeNetwork

KINDS = torch.tensor([0, 2, 1, 1])


def ladder(**overrides: object) -> tuple[Config, VaeNetwork]:
    """A small network with random weights in all layers."""
    torch.manual_seed(0)
    config = preset("tiny", model="vae", steps=1, bfloat16=False, **overrides)
    return config, VaeNetwork(config, 7, 3)


@pytest.mark.parametrize("size", [8, 16, 32])
def test_every_convolution_below_the_full_size_reads_noise(size: int) -> None:
    config, network = ladder(size=size)
    sizes = [4, 8] if size > 8 else [4]
    assert [rung.size for rung in config.rungs()] == [
        (s, s) for s in sizes for _ in range(config.rungs_per_size)
    ]
    assert config.latents == 64 + sum(rung.channels * rung.size[0] * rung.size[1] for rung in config.rungs())
    steps = [step for step, _ in network.decoder.steps]
    coarse = steps[: 2 * len(config.rungs())]
    assert coarse[::2] == ["noise"] * len(config.rungs())
    assert "noise" not in coarse[1::2] + steps[len(coarse) :]


def test_every_part_of_the_latent_matters() -> None:
    config, network = ladder()
    latents = torch.randn(4, config.latents)
    before = network.decoder(latents, KINDS)
    start = 0
    for length in network.decoder.lengths:
        changed = latents.clone()
        changed[:, start : start + length] += 1.0
        assert not torch.allclose(network.decoder(changed, KINDS), before, atol=1e-4)
        start += length
    assert start == config.latents


def test_what_is_decoded_is_what_was_encoded() -> None:
    config, network = ladder()
    cells = torch.randint(0, 7, (4, 16, 16))
    noise = torch.randn(4, config.latents)
    logits, posterior = network(cells, KINDS, noise)
    torch.testing.assert_close(network.decoder(posterior.at(noise), KINDS), logits)


def test_too_many_latents_are_refused() -> None:
    with pytest.raises(
        UsageError, match=r"^train: latents must be in 1..32768 numbers, not 44224: see map_latents$"
    ):
        preset("vae", steps=1, size=64, map_latents=(40, 20, 10, 10))
    with pytest.raises(UsageError, match=r"^train: map_latents must be in 1..1024, not \(4, 0\)$"):
        preset("vae", steps=1, map_latents=(4, 0))
