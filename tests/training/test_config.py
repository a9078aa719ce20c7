"""Configurations: invalid values, and the presets."""

import pytest

from tilewright.errors import UsageError
from tilewright_training.config import config_from_json, preset
from tilewright_training.models import MODELS


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"model": "wgan"}, "train: unknown model 'wgan'; there are gan, dcgan, vae, ar, diffusion, flow"),
        (
            {"model": "ar", "wrap": True},
            "train: an autoregressive model generates pixels in reading order and cannot wrap around: leave out --wrap",
        ),
        ({"evaluations": 0}, "train: evaluations must be in 1..256, not 0"),
        ({"evaluations": 65, "size": 8}, "train: evaluations must be in 1..64, not 65"),
        ({"dilations": (1, 17)}, "train: dilations must be in 1..16, not (1, 17)"),
        ({"dilations": ()}, "train: dilations must be in 1..16, not ()"),
        ({"temperature": -0.5}, "train: temperature must be in 0..10, not -0.5"),
        ({"step_channels": 2}, "train: step_channels must be in 4..1024, not 2"),
        ({"beta": -1.0}, "train: beta must be in 0..1000000, not -1.0"),
        (
            {"model": "flow", "size": 128},
            "train: latents must be in 1..32768 numbers, not 65472: see the size",
        ),
        (
            {"model": "flow", "size": 64, "evaluations": 12},
            "train: a pack of 12 evaluations at each of 4 sizes, with 5 blocks each, has too many nodes: "
            "fewer evaluations, or dilations",
        ),
        (
            {"model": "diffusion", "max_colours": 256},
            "train: an iterative pack has at most 255 colours, not 256: lower --colours",
        ),
    ],
)
def test_refused(values: dict[str, object], text: str) -> None:
    with pytest.raises(UsageError) as error:
        preset("gan", **values)
    assert str(error.value) == text


def test_a_model_brings_its_own_row() -> None:
    for model in MODELS:
        assert preset(model) == preset(model, model=model)
        tiny = preset("tiny", model=model)
        assert (tiny.lr, tiny.beta1, tiny.batch) == (preset(model).lr, preset(model).beta1, 16)
        assert config_from_json(tiny.to_json()) == tiny
    assert preset("tiles", model="diffusion").steps == preset("tiles").steps
