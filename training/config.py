"""What a training run is told: one dataclass, and the presets as a table."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from tilewright.errors import UsageError
from tilewright.seeds import check_seed

SIZES = (8, 16, 32, 64, 128)
MAX_MINUTES = 60 * 24 * 365


@dataclass(frozen=True)
class Config:
    """Everything that, with the data, decides the weights of a run. Written to config.json.

    A run's length is `steps`; where it is 0 the length follows from `minutes`, is fixed after the first
    steps have been timed, and is kept in the checkpoints.
    """

    preset: str = "gan"
    model: str = "gan"  # "gan": palette-native, modern recipe; "dcgan": as published
    size: int = 16  # pixels along an edge: 4 * 2**n
    seed: int = 0
    steps: int = 0
    minutes: float = 10.0
    batch: int = 64

    # generator
    latent_size: int = 64
    embedding: int = 16  # numbers per kind, beside the latent
    channels: tuple[int, ...] = (
        128,
        96,
        48,
    )  # at 4x4, 8x8, 16x16; short or long for the size: see networks.py
    wrap: bool = False  # tiles are generated on a torus
    transparent: bool = False  # palette entry 0 is transparent
    max_colours: int = 64  # a richer data set is mapped to so many colours

    # discriminator
    critic_channels: tuple[int, ...] = (64, 96, 128)  # at full size, half, ..., 4x4

    # objective
    lr: float = 3e-4
    beta1: float = 0.0
    beta2: float = 0.99
    gamma: float = 1.0  # weight of the gradient penalties R1 and R2
    penalty_every: int = 4  # steps between penalties, which are weighted by as much
    commitment: float = 0.25  # pull of a pixel towards the colour it snaps to
    commitment_end: float = (
        2.0  # what it grows to from round_from on: colours far from an entry flip when rounded
    )
    snap_until: float = 0.33  # the snap to the palette is ramped in over this share of the run
    round_from: float = 0.75  # from here on the generator's activations are rounded to eight bits
    cooldown_from: float = 0.6  # from here on the learning rates fall linearly to a tenth
    ema: float = 0.999

    # data
    flip: bool = False  # mirrored copies of the art are as good as the art
    shift: int = 2  # pixels by which both real and generated pictures are moved before judging
    shift_share: float = 0.3
    balance: float = 0.5  # kinds are drawn in proportion to their number to this power

    # bookkeeping
    sample_every: int = 500
    checkpoint_every: int = 500
    threads: int = 0  # torch threads; 0: as many as there are cores, which `train.start` writes down
    bfloat16: bool = True

    def __post_init__(self) -> None:
        """Refuse values that cannot be trained with."""
        check_seed(self.seed, "train")
        if self.size not in SIZES:
            raise UsageError(f"train: size must be {', '.join(map(str, SIZES))} pixels, not {self.size}")
        if self.steps < 0 or (self.steps == 0 and not 0 < self.minutes <= MAX_MINUTES):
            raise UsageError("train: give a positive number of --steps or --minutes")
        if not 0 <= self.threads <= 1024:
            raise UsageError(f"train: threads must be in 0..1024, not {self.threads}")
        for name, every in (("sample_every", self.sample_every), ("checkpoint_every", self.checkpoint_every)):
            if every < 1:
                raise UsageError(f"train: {name} must be 1 or more, not {every}")
        if self.model == "dcgan" and self.wrap:
            raise UsageError("train: DCGAN as published pads with zeros: leave out --wrap")
        if self.batch < 2:
            raise UsageError(f"train: batch must be 2 or more, not {self.batch}")
        if not 2 <= self.max_colours <= 256:
            raise UsageError(f"train: max_colours must be in 2..256, not {self.max_colours}")

    def to_json(self) -> dict[str, Any]:
        """A dict of plain JSON values."""
        return dataclasses.asdict(self)


def config_from_json(values: dict[str, Any]) -> Config:
    """The Config that `to_json` wrote; UsageError for a field that does not exist."""
    known = {field.name for field in dataclasses.fields(Config)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise UsageError(f"train: the configuration has unknown fields: {', '.join(unknown)}")
    return Config(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


PRESETS: dict[str, dict[str, Any]] = {
    "gan": {},
    # Radford, Metz and Chintala, "Unsupervised representation learning with deep convolutional generative
    # adversarial networks" (ICLR 2016): latent of 100, batch of 128, Adam 2e-4 with beta1 0.5.
    "dcgan": {
        "model": "dcgan",
        "latent_size": 100,
        "batch": 128,
        "lr": 2e-4,
        "beta1": 0.5,
        "beta2": 0.999,
        "ema": 0.0,
        "bfloat16": False,
    },
    # The bundled packs: dawn-tiles and dawn-sprites (docs/packs.md). Few simple tiles need less of a critic.
    "tiles": {"critic_channels": (32, 64, 128), "steps": 8400},
    "sprites": {"steps": 10800},
    # Seconds, not minutes: for tests and for a first look at a folder.
    "tiny": {"channels": (32, 24, 16), "critic_channels": (24, 32, 48), "batch": 32, "ema": 0.99},
}


def preset(name: str, **overrides: Any) -> Config:
    """The preset `name` with some fields replaced; UsageError for an unknown name.

    `minutes` without `steps` replaces the preset's own number of steps.
    """
    if name not in PRESETS:
        raise UsageError(f"train: unknown preset {name!r}; there are {', '.join(PRESETS)}")
    if "minutes" in overrides:
        overrides.setdefault("steps", 0)
    return Config(**{"preset": name, **PRESETS[name], **overrides})
