"""Types and ranges of the fields of `Config`. Dependencies between fields are checked by `Config`."""

import dataclasses
from math import prod
from typing import Any

from tilewright.errors import UsageError

MAX_STEPS = 99_999_999  # limited by the digits in a checkpoint's name
MAX_WEIGHTS = 1 << 27  # approximate limit per network; a pack file holds fewer
TINY = 1e-9

# Field -> (minimum, maximum). For tuples: the range of the items, then the range of their number.
RANGES: dict[str, tuple[float, float]] = {
    "steps": (0, MAX_STEPS),
    "batch": (2, 1 << 16),
    "latent_size": (1, 1 << 15),
    "embedding": (1, 4096),
    "map_latents": (1, 1024),
    "rungs_per_size": (2, 64),
    "channels": (1, 4096),
    "critic_channels": (1, 4096),
    "max_colours": (2, 256),
    "lr": (TINY, 10.0),
    "critic_lr": (TINY, 10_000),
    "beta1": (0.0, 1.0 - TINY),
    "beta2": (0.0, 1.0 - TINY),
    "weight_decay": (0.0, 10.0),
    "dropout": (0.0, 1.0 - TINY),
    "hidden_context": (0.0, 1.0 - TINY),
    "hidden_power": (TINY, 100.0),
    "jitter": (0.0, 1.0),
    "mixed": (0.0, 1.0),
    "gamma": (0, 1_000_000),
    "penalty_every": (1, 1 << 20),
    "critic_from": (0.0, 1.0),
    "critic_weight": (0.0, 1_000_000),
    "pull": (0.0, 1_000_000),
    "snap_until": (TINY, 1_000_000_000),
    "round_from": (0, 1_000_000_000),
    "beta": (0, 1_000_000),
    "warm_until": (0.0, 1_000_000_000),
    "cooldown_from": (0, 1_000_000_000),
    "ema": (0.0, 1.0),
    "shift": (0, 128),
    "shift_share": (0.0, 1.0),
    "balance": (0.0, 10.0),
    "sample_every": (1, 1 << 30),
    "checkpoint_every": (1, 1 << 30),
}
LENGTHS = {"channels": (1, 16), "critic_channels": (1, 16), "map_latents": (0, 8), "dilations": (0, 64)}


def check_types(config: Any) -> None:
    """Raise UsageError for a field of the wrong type. An integer is accepted as a float."""
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        kind: Any = field.type
        if kind in (bool, str):
            right = isinstance(value, kind)
        elif kind in (int, float):
            right = _is_number(value, kind)
        else:
            right = isinstance(value, tuple) and all(_is_number(item, int) for item in value)
        if not right:
            what = kind.__name__ if kind in (bool, str, int, float) else "list of int"
            raise UsageError(f"train: {field.name} must be of the type {what}, not {value!r:.60}")


def _is_number(value: object, kind: type) -> bool:
    return isinstance(value, (int, kind)) and not isinstance(value, bool)


def check_ranges(config: Any) -> None:
    """Raise UsageError for a number out of range, or for lists of channels that make a network too large."""
    for name, (least, most) in RANGES.items():
        value = getattr(config, name)
        for number in value if isinstance(value, tuple) else (value,):
            if not least <= number <= most:
                raise UsageError(f"train: {name} must be in {least}..{most}, not {value!r:.60}")
    for name, (least, most) in LENGTHS.items():
        if not least <= len(getattr(config, name)) <= most:
            raise UsageError(
                f"train: {name} must be {least} to {most} numbers, not {getattr(config, name)!r:.60}"
            )
    for name, weights in _weights(config).items():
        if weights > MAX_WEIGHTS:
            raise UsageError(
                f"train: {name} would make a network of more than {MAX_WEIGHTS} weights: use fewer"
            )


def _weights(config: Any) -> dict[str, int]:
    """Return the approximate number of weights per field that determines it. Kernels are 3 x 3."""

    def chain(channels: tuple[int, ...]) -> int:
        pairs = zip(channels, (*channels[1:], channels[-1]), strict=True)
        return 9 * sum(a * b for a, b in pairs)

    return {
        "channels": chain(config.channels) + prod(config.maps()[0]) * config.latent_size * config.channels[0],
        "critic_channels": chain(config.critic_channels),
        "step_channels": 9 * config.step_channels**2 * len(config.dilations),
    }
