"""Flow matching: a cascade of sizes, each generated in a few fixed steps."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from tilewright.pack import check_pack
from tilewright_training.config import Config, preset
from tilewright_training.export.check_export import LEAST_AGREEMENT, warning
from tilewright_training.export.export_onnx import export_generator
from tilewright_training.export.folding import fold
from tilewright_training.export.layers import run
from tilewright_training.families.flow import FlowMatching

from ...networks import metadata

PALETTE = np.array([[0, 0, 0, 0], [20, 40, 60, 255], [250, 240, 230, 255], [200, 30, 30, 255]], np.uint8)


def family(size: int = 16, **overrides: object) -> tuple[FlowMatching, Config]:
    config = preset("tiny", model="flow", size=size, steps=1, transparent=True, evaluations=3, **overrides)
    torch.manual_seed(0)
    made = FlowMatching(config, PALETTE, 2)
    for parameter in made.ema.parameters():
        parameter.copy_(torch.randn_like(parameter) * 0.1)
    return made, config


@pytest.mark.parametrize(("size", "sizes"), [(8, [8]), (16, [8, 16]), (64, [8, 16, 32, 64])])
def test_each_size_has_noise_of_its_own(size: int, sizes: list[int]) -> None:
    made, config = family(size)
    parts = made.ema.split(torch.arange(config.latents)[None].float())
    assert [tuple(part.shape) for part in parts] == [(1, 4, s, s) for s in sizes]
    assert torch.cat([part.flatten() for part in parts]).tolist() == list(range(config.latents))


@torch.no_grad()
def test_the_last_guess_is_the_picture() -> None:
    made, _ = family()
    stage = made.ema.stages[0]
    place = stage.place(made.ema.start(torch.tensor([0, 1])), None, False)
    noise = torch.randn(2, 4, 8, 8)
    time = torch.ones(1)
    guess = stage(noise, stage.biases(time), place, False).clamp(-1, 1)
    assert torch.equal(stage.solve(noise, place, 1), guess)
    first = noise + (guess - noise) / 2  # halfway along a line to the first of two predictions
    second = stage(first, stage.biases(time / 2), place, False).clamp(-1, 1)
    torch.testing.assert_close(stage.solve(noise, place, 2), second)


@torch.no_grad()
def test_a_larger_size_is_shown_the_smaller_picture() -> None:
    made, config = family()
    noise = made.ema.split(torch.randn(1, config.latents))
    small, large = made.ema.stages
    place = small.place(made.ema.start(torch.tensor([1])), None, False)
    assert not torch.equal(large.place(place, noise[0], False), large.place(place, -noise[0], False))


@pytest.mark.parametrize(("size", "wrap"), [(8, True), (16, False), (32, True)])
@torch.no_grad()
def test_its_steps_are_written_out(size: int, wrap: bool) -> None:
    made, config = family(size, wrap=wrap, temperature=0.8)
    latents, kinds = torch.randn(4, config.latents), torch.tensor([0, 1, 0, 1])
    values = run(fold(made.ema), latents, kinds)
    torch.testing.assert_close(values[-1], made.ema.solve(latents, kinds), rtol=0, atol=1e-4)
    warmer, _ = family(size, wrap=wrap, temperature=1.0)
    torch.testing.assert_close(made.ema.solve(latents, kinds), warmer.ema.solve(0.8 * latents, kinds))


def test_a_pack_holds_the_weights_of_a_network_once() -> None:
    made, config = family()
    content = export_generator(made.ema, config.latents, facts(config))
    held = [i for i in onnx.ModelProto.FromString(content).graph.initializer if i.name.startswith("weights")]
    convolutions = [m for m in made.ema.modules() if isinstance(m, nn.Conv2d)]
    blocks = sum(len(stage.blocks) for stage in made.ema.stages)
    clocks = 2 * len(made.ema.stages)
    linear = [m for m in made.ema.modules() if isinstance(m, nn.Linear)]
    # The 3x3 convolution of a block is no Conv2d, and the palette layer exists only in the pack. Time
    # embeddings and augmentation labels are not exported.
    assert len(held) == len(convolutions) + blocks + 1 + len(linear) - clocks - 1
    plan = check_pack(content, Path("flow.onnx")).plan
    executed = [step for step in plan.steps if step.op in ("conv2d", "conv_transpose2d", "dense")]
    assert len(executed) > 2 * len(held)


def test_roundings_may_add_up_over_its_evaluations() -> None:
    made, config = family()
    assert made.evaluations == 2 * config.evaluations
    assert "please report this" in warning(0.99)
    assert not warning(0.99, LEAST_AGREEMENT**made.evaluations)
    assert "less than 97.0%" in warning(0.96, LEAST_AGREEMENT**made.evaluations)


def facts(config: Config) -> dict[str, object]:
    palette = [bytes(colour).hex() for colour in PALETTE.tolist()]
    return metadata(config.size[0], palette, config.latents, True, False) | {"kinds": ["one", "other"]}
