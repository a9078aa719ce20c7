"""What a training run is told: one dataclass, and the presets as a table."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from tilewright.compiler.graph import MAX_INPUT, MAX_NODES
from tilewright.errors import UsageError
from tilewright.seeds import check_seed

from .config_ranges import check_ranges, check_types
from .models import MODELS, Traits

SIZES = (8, 16, 32, 64, 128)
MAX_MINUTES = 60 * 24 * 365
MOST_RESCUES = 10


@dataclass(frozen=True)
class Rung:
    """Where a VAE's decoder is given a map of noise."""

    stage: int  # 0 for 4x4, 1 for 8x8, ...
    channels: int

    @property
    def size(self) -> int:
        """Cells along an edge."""
        return 4 << self.stage

    @property
    def length(self) -> int:
        """Normal numbers of the map."""
        return self.channels * self.size**2


@dataclass(frozen=True)
class Config:
    """Everything that, with the data, decides the weights of a run. Written to config.json.

    A run's length is `steps`; where it is 0 the length follows from `minutes`: the first steps are timed, and it is
    put right while the run goes on, but for its last fifth.
    """

    preset: str = "gan"
    model: str = "gan"  # one of MODELS (models.py); docs/models.md
    size: int = 16  # pixels along an edge: 4 * 2**n
    seed: int = 0
    steps: int = 0
    minutes: float = 10.0
    batch: int = 64

    # generator of the families that make a picture at once
    latent_size: int = 64
    embedding: int = 16  # numbers per kind, beside the latent
    map_latents: tuple[int, ...] = (
        4,
        2,
    )  # channels of a VAE's maps of noise at 4x4, 8x8; none at other sizes
    rungs_per_size: int = 3  # how often noise is added at each of them
    # at 4x4, 8x8, 16x16; short or long for the size: see networks.py
    channels: tuple[int, ...] = (128, 96, 48)
    wrap: bool = False  # tiles are generated on a torus
    transparent: bool = False  # palette entry 0 is transparent
    max_colours: int = 64  # a richer data set is mapped to so many colours

    # step network of the iterative families
    step_channels: int = 64
    dilations: tuple[int, ...] = (1, 2, 4, 8, 1, 2, 4, 8)  # of its blocks
    evaluations: int = 32  # per picture; an autoregressive network takes one per pixel
    # of sampling: 1 matches the data, below 1 is more conservative; flow matching multiplies its noise by it
    temperature: float = 0.75

    # critic; the encoder of a VAE
    critic_channels: tuple[int, ...] = (64, 96, 128)  # at full size, half, ..., 4x4

    # objective
    lr: float = 3e-4
    critic_lr: float = 1.0  # the critic's learning rate, in those of the generator
    beta1: float = 0.0
    beta2: float = 0.99
    gamma: float = 1.0  # weight of the gradient penalties R1 and R2
    penalty_every: int = 4  # steps between penalties, which are weighted by as much
    commitment: float = 0.25  # pull of a pixel towards the colour it snaps to
    # what it grows to from round_from on: colours far from an entry flip when rounded
    commitment_end: float = 2.0
    snap_until: float = 0.33  # the snap to the palette is ramped in over this share of the run
    round_from: float = 0.75  # from here on activations of what is exported are rounded to eight bits
    beta: float = 1.0  # weight of the divergence in a VAE's bound; less: sharper pictures, rougher latents
    cooldown_from: float = 0.6  # from here on the learning rates fall linearly to a tenth
    fade_from: float = 1.0  # from here on changes that are told of grow rarer, to none at the end
    ema: float = 0.999

    # data
    flip: bool = False  # mirrored copies of the art are as good as the art
    shift: int = 2  # pixels by which both real and generated pictures are moved before judging
    shift_share: float = 0.3
    balance: float = 0.5  # kinds are drawn in proportion to their number to this power

    # looking after itself: docs/training.md
    watch: bool = True  # balance, collapse and overfitting are watched
    rescues: int = 3  # a run that goes bad is put back at most so often, then stopped; 0: it is only told of
    held_out: float = 0.1  # share of the art that is held out for monitoring and evaluation; 0: none

    # bookkeeping
    sample_every: int = 500
    checkpoint_every: int = 500
    threads: int = 0  # torch threads; 0: as many as there are cores, which `train.start` writes down
    bfloat16: bool = True
    compile: bool = True  # on a GPU the networks run under torch.compile

    def __post_init__(self) -> None:
        """Refuse values that cannot be trained with."""
        check_types(self)
        check_seed(self.seed, "train")
        if self.size not in SIZES:
            raise UsageError(f"train: size must be {', '.join(map(str, SIZES))} pixels, not {self.size}")
        if self.steps < 0 or (self.steps == 0 and not 0 < self.minutes <= MAX_MINUTES):
            raise UsageError("train: give a positive number of --steps or --minutes")
        check_ranges(self)
        if not 0 <= self.threads <= 1024:
            raise UsageError(f"train: threads must be in 0..1024, not {self.threads}")
        if self.model not in MODELS:
            raise UsageError(f"train: unknown model {self.model!r:.60}; there are {', '.join(MODELS)}")
        if self.wrap and self.traits.why_not_wrap:
            raise UsageError(f"train: {self.traits.why_not_wrap}: leave out --wrap")
        if not self.dilations or not all(1 <= dilation <= self.size for dilation in self.dilations):
            raise UsageError(f"train: dilations must be in 1..{self.size}, not {self.dilations}")
        if not 1 <= self.evaluations <= self.size * self.size:
            raise UsageError(f"train: evaluations must be in 1..{self.size**2}, not {self.evaluations}")
        if not 4 <= self.step_channels <= 1024:
            raise UsageError(f"train: step_channels must be in 4..1024, not {self.step_channels}")
        if not 0.0 <= self.fade_from <= 1.0:
            raise UsageError(f"train: fade_from must be in 0..1, not {self.fade_from}")
        if not 0.0 <= self.temperature <= 10.0:
            raise UsageError(f"train: temperature must be in 0..10, not {self.temperature}")
        most = self.traits.most_colours
        if self.max_colours > most:
            raise UsageError(
                f"train: an iterative pack has at most {most} colours, not {self.max_colours}: lower --colours"
            )
        if not 0 <= self.rescues <= MOST_RESCUES:
            raise UsageError(f"train: rescues must be in 0..{MOST_RESCUES}, not {self.rescues}")
        if not 0.0 <= self.held_out <= 0.5:
            raise UsageError(f"train: held_out must be in 0..0.5, not {self.held_out}")
        if not 1 <= self.latents <= MAX_INPUT:
            why = "the size" if self.model == "flow" else "map_latents"
            raise UsageError(
                f"train: latents must be in 1..{MAX_INPUT} numbers, not {self.latents}: see {why}"
            )
        if self.model == "flow" and self._flow_nodes() > MAX_NODES:
            raise UsageError(
                f"train: a pack of {self.evaluations} evaluations at each of {len(self.flow_sizes())} sizes, with "
                f"{len(self.dilations)} blocks each, has too many nodes: fewer evaluations, or dilations"
            )

    @property
    def traits(self) -> Traits:
        """What is known of the model."""
        return MODELS[self.model]

    def rungs(self) -> list[Rung]:
        """Where maps of noise are added, from 4x4 up to half the size of a picture."""
        noisy = self.map_latents[: (self.size // 8).bit_length()] if self.model == "vae" else ()
        return [Rung(stage, n) for stage, n in enumerate(noisy) for _ in range(self.rungs_per_size)]

    def flow_sizes(self) -> list[int]:
        """At which sizes flow matching draws a picture, one after the other."""
        return [8 << i for i in range((self.size // 8).bit_length())]

    def _flow_nodes(self) -> int:
        """At most so many are in its pack (training/export/export_onnx.py)."""
        step = 20 + 18 * len(self.dilations)
        return len(self.flow_sizes()) * (self.evaluations * step + 30)

    @property
    def latents(self) -> int:
        """How many normal numbers a picture of a family that makes it at once begins as."""
        if self.model == "flow":
            return (4 if self.transparent else 3) * sum(size * size for size in self.flow_sizes())
        return self.latent_size + sum(rung.length for rung in self.rungs())

    def to_json(self) -> dict[str, Any]:
        """A dict of plain JSON values."""
        return dataclasses.asdict(self)


def config_from_json(values: Any) -> Config:
    """The Config that `to_json` wrote; UsageError for a field that does not exist, or a value that cannot be."""
    if not isinstance(values, dict):
        raise UsageError("train: the configuration is not an object")
    known = {field.name for field in dataclasses.fields(Config)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise UsageError(f"train: the configuration has unknown fields: {', '.join(unknown)!r:.200}")
    given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    return Config(**given)


# The rows of the models, under their names, and other rows, which take the place of some fields of a model's.
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
        "rescues": 0,
    },
    "vae": {"model": "vae", "lr": 1e-3, "beta1": 0.9, "fade_from": 0.6},
    # At 0.75 it was told from the art more easily than at 0.9: docs/models.md.
    "ar": {"model": "ar", "lr": 1e-3, "beta1": 0.9, "temperature": 0.9},
    "diffusion": {"model": "diffusion", "lr": 1e-3, "beta1": 0.9},
    "flow": {
        "model": "flow",
        "lr": 1e-3,
        "beta1": 0.9,
        "channels": (128, 128, 64, 32),
        "dilations": (1, 2, 4, 1, 2),
        "evaluations": 8,
        "temperature": 1.0,
        "fade_from": 0.6,
        "max_colours": 256,
    },
    # The bundled packs: dawn-tiles, dawn-sprites and dawn-sprites-fine (docs/packs.md).
    "tiles": {"model": "vae", "steps": 8000},
    "sprites": {"model": "vae", "steps": 15500},
    "sprites-fine": {"model": "ar", "step_channels": 96, "steps": 5640},
    # Seconds, not minutes: for tests and for a first look at a folder.
    "tiny": {
        "channels": (32, 24, 16),
        "critic_channels": (24, 32, 48),
        "step_channels": 24,
        "map_latents": (2, 1),
        "rungs_per_size": 2,
        "dilations": (1, 2, 4),
        "evaluations": 16,
        "batch": 32,
        "ema": 0.99,
    },
}


def preset(name: str, **overrides: Any) -> Config:
    """The preset `name` with some fields replaced, beginning with its model's own row; UsageError for an unknown name.

    `minutes` without `steps` replaces the preset's own number of steps.
    """
    given = overrides.get("model", "gan")
    if given not in MODELS:
        raise UsageError(f"train: unknown model {given!r:.60}; there are {', '.join(MODELS)}")
    if name not in PRESETS:
        raise UsageError(f"train: unknown preset {name!r:.60}; there are {', '.join(PRESETS)}")
    row = PRESETS[name]
    model = overrides.get("model", row.get("model", "gan"))
    if "minutes" in overrides:
        overrides.setdefault("steps", 0)
    return Config(**{"preset": name, **PRESETS[model], **row, **overrides})
