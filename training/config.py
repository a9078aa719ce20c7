"""The configuration of a training run: one dataclass, and a table of presets."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from tilewright.compiler.graph import MAX_INPUT, MAX_NODES
from tilewright.compiler.steps import MAX_DILATION
from tilewright.errors import UsageError
from tilewright.seeds import check_seed

from .config_ranges import check_ranges, check_types
from .models import MODELS, Traits
from .size import (
    LEAST,
    LEAST_FRAME,
    LEAST_TOKENS,
    MOST,
    MOST_COLUMN,
    MOST_LINES,
    MOST_TOKENS,
    Size,
    are_tokens,
    as_size,
    is_column,
    is_doubled,
    is_trainable,
    maps,
    size_text,
)

MAX_MINUTES = 60 * 24 * 365
MOST_RESCUES = 10
MOST_TEMPERATURE = 10.0


@dataclass(frozen=True)
class Rung:
    """A level of a VAE's decoder that adds a map of noise."""

    stage: int  # 0 for the start map, 1 for the next larger one, ...
    channels: int
    size: Size

    @property
    def length(self) -> int:
        """Number of normal variates in the map."""
        return self.channels * self.size[0] * self.size[1]


@dataclass(frozen=True)
class Config:
    """All settings that, with the data, determine the weights of a run. Stored in config.json.

    `steps` is the length of the run. If it is 0, the length follows from `minutes`: the first steps are
    timed, and the length is adjusted until the last fifth of the run.
    """

    preset: str = "gan"
    model: str = "gan"  # one of MODELS (models.py); docs/models.md
    size: Size = (16, 16)  # height and width in pixels; one number means a square (size.py)
    column: bool = False  # pictures are columns of frames; set by `train.start`
    upsampler: bool = False  # kinds are guides (upsampling.py); set by `train.start`
    tokens: bool = False  # the pictures are grids of symbols (data/tokens.py)
    seed: int = 0
    steps: int = 0
    minutes: float = 10.0
    batch: int = 64

    # generator of one-shot families
    latent_size: int = 64
    embedding: int = 16  # features per kind, next to the latent
    map_latents: tuple[int, ...] = (
        4,
        2,
    )  # channels of the noise maps of a VAE or GAN at the start map and the next; larger sizes have none
    rungs_per_size: int = 3  # number of noise maps at each of these sizes
    # at the start map, twice its size, four times; networks.py extends or truncates the list for other sizes
    channels: tuple[int, ...] = (128, 96, 48)
    wrap: bool = False  # tiles wrap around at their edges
    transparent: bool = False  # palette entry 0 is transparent
    words: bool = False  # the network takes the words of the data set's vocabulary
    max_colours: int = 64  # the palette of a data set with more colours is reduced to this many

    # step network of the iterative families
    step_channels: int = 64
    dilations: tuple[int, ...] = (1, 2, 4, 8, 1, 2, 4, 8)  # of its blocks, in order
    evaluations: int = 32  # per picture; an autoregressive network uses one per pixel
    # sampling temperature: 1 matches the data, below 1 is more conservative; scales the noise of flow
    # matching
    temperature: float = 0.75

    # critic, or encoder of a VAE
    critic_channels: tuple[int, ...] = (64, 96, 128)  # at full size, half, ..., the start map

    # objective
    lr: float = 3e-4
    critic_lr: float = 1.0  # learning rate of the critic relative to that of the generator
    beta1: float = 0.0
    beta2: float = 0.99
    weight_decay: float = 0.0  # decoupled, of the kernels of a step network's blocks
    dropout: float = 0.0  # share of a step network's activations that training sets to zero
    # an autoregressive network sees up to this share of the earlier cells as unknown
    hidden_context: float = 0.0
    # three in four pictures of masked diffusion show all pixels of the first kind, from which to complete the rest
    first_known: bool = False
    # or all pixels but those near borders of kinds, which are painted between given tiles
    inside_known: bool = False
    # the share of cells that masked diffusion shows is uniform to this power: above 1, most are masked more often
    hidden_power: float = 1.0
    gamma: float = 1.0  # weight of the gradient penalties R1 and R2
    penalty_every: int = 4  # steps between penalties; their weight is multiplied by the same number
    # share of the run after which a GAN learns from its critic; before, it trains as a VAE
    critic_from: float = 0.25
    critic_weight: float = 20.0  # weight of the critic's loss, beside the bound in nats per picture
    pull: float = 0.3  # weight of the bound once the critic contributes
    snap_until: float = 0.33  # share of the run over which a GAN's choice of entries becomes hard
    # share of the run after which the exported networks train with 8-bit activations
    round_from: float = 0.75
    # weight of the KL divergence in a VAE's bound; lower: sharper pictures, less regular latents
    beta: float = 1.0
    # share of the run over which the weight of a VAE's KL divergence rises, so the ladder is not pruned early
    warm_until: float = 0.15
    cooldown_from: float = 0.6  # share of the run after which the learning rates decay linearly to a tenth
    fade_from: float = 1.0  # share of the run after which augmentation with labels is phased out
    ema: float = 0.999

    # data
    flip: bool = False  # the art may be mirrored
    shift: int = 2  # largest shift, in pixels, of the critic's real and generated pictures
    shift_share: float = 0.3
    recolour: bool = True  # augmentation exchanges colours
    # share of pictures with random colours, without a label: for completing what has colours
    jitter: float = 0.0
    mixed: float = 0.0  # share of animation sheets that continue downwards as another character
    balance: float = 0.5  # kinds are drawn in proportion to their number of tiles to this power

    # monitoring: docs/training.md
    watch: bool = True  # monitor balance, collapse and overfitting
    # how often a failing run returns to a healthy checkpoint before it stops; 0: it only warns
    rescues: int = 3
    held_out: float = 0.1  # share of the art that is held out for monitoring and evaluation; 0: none

    # logs and files
    sample_every: int = 500
    checkpoint_every: int = 500
    threads: int = 0  # torch threads; 0: one per core; `train.start` stores the number used
    bfloat16: bool = True
    compile: bool = True  # compile the networks with torch.compile on a GPU

    def __post_init__(self) -> None:
        """Reject invalid values."""
        size: Any = self.size
        if type(size) is int:
            object.__setattr__(self, "size", as_size(size))
        check_types(self)
        check_seed(self.seed, "train")
        if self.tokens:
            self._check_tokens()
        elif len(self.size) != 2 or not (is_column if self.column else is_trainable)(self.size):
            text = size_text(self.size) if len(self.size) == 2 else f"{self.size}"
            edges = f"{LEAST} to {MOST} pixels, or both 128"
            if self.column:
                edges = f"{LEAST_FRAME} to {MOST} pixels across, and {LEAST_FRAME} to {MOST_COLUMN} down"
            raise UsageError(f"train: edges must be {edges}, not {text:.60}")
        if self.steps < 0 or (self.steps == 0 and not 0 < self.minutes <= MAX_MINUTES):
            raise UsageError("train: give a positive number of --steps or --minutes")
        check_ranges(self)
        if not 0 <= self.threads <= 1024:
            raise UsageError(f"train: threads must be in 0..1024, not {self.threads}")
        if self.model not in MODELS:
            raise UsageError(f"train: unknown model {self.model!r:.60}; there are {', '.join(MODELS)}")
        if self.column and self.model != "ar":
            raise UsageError(f"train: columns of frames are for --model ar, not {self.model}")
        if self.wrap and self.traits.why_not_wrap:
            raise UsageError(f"train: {self.traits.why_not_wrap}: leave out --wrap")
        if self.words and not self.traits.takes_words:
            raise UsageError(f"train: {self.model} takes no words: leave out --words")
        if self.traits.enlarges and not is_doubled(self.size):
            raise UsageError(
                f"train: {self.model} enlarges a small map, to sizes such as 16, 18, 24 or 24x32 (docs/models.md), "
                f"not to {size_text(self.size)}: use --model ar or diffusion"
            )
        most_dilation = self.size[1] if self.tokens else max(self.size) if self.column else min(self.size)
        most_dilation = min(most_dilation, MAX_DILATION)
        if not self.dilations or not all(1 <= dilation <= most_dilation for dilation in self.dilations):
            raise UsageError(f"train: dilations must be in 1..{most_dilation}, not {self.dilations}")
        if not 1 <= self.evaluations <= self.cells:
            raise UsageError(f"train: evaluations must be in 1..{self.cells}, not {self.evaluations}")
        if not 4 <= self.step_channels <= 1024:
            raise UsageError(f"train: step_channels must be in 4..1024, not {self.step_channels}")
        if not 0.0 <= self.fade_from <= 1.0:
            raise UsageError(f"train: fade_from must be in 0..1, not {self.fade_from}")
        if not 0.0 <= self.temperature <= MOST_TEMPERATURE:
            raise UsageError(f"train: temperature must be in 0..{MOST_TEMPERATURE:g}, not {self.temperature}")
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
        """Facts about the model."""
        return MODELS[self.model]

    def _check_tokens(self) -> None:
        """Raise UsageError for settings that do not suit grids of tokens."""
        if len(self.size) != 2 or not are_tokens(self.size):
            raise UsageError(
                f"train: grids of tokens must be 1 to {MOST_LINES} lines of {LEAST_TOKENS} to {MOST_TOKENS}, not "
                f"{self.size}"
            )
        if not self.traits.can_tokens:
            able = " or ".join(name for name, traits in MODELS.items() if traits.can_tokens)
            raise UsageError(f"train: {self.model} cannot be trained on tokens: use --model {able}")
        if self.transparent or self.flip:
            raise UsageError("train: tokens are neither transparent nor mirrored: leave out --flip")

    @property
    def lines(self) -> int:
        """Rows of a grid of tokens; 0 for pictures."""
        return self.size[0] if self.tokens else 0

    @property
    def steps_of_kernels(self) -> list[Size]:
        """Rows and columns between the taps of each block of a step network: its dilations, but 1 across lines of
        tokens, and along a row of a frame for dilations of at least its width.
        """
        width = self.size[1]
        return [
            (1, d) if self.tokens else (d, 1) if self.column and d >= width else (d, d)
            for d in self.dilations
        ]

    @property
    def cells(self) -> int:
        """Pixels of a picture."""
        return self.size[0] * self.size[1]

    def maps(self) -> list[Size]:
        """The sizes of the maps of a network that enlarges, ascending."""
        return maps(self.size)

    def rungs(self) -> list[Rung]:
        """The noise maps of a generator, from the start map to half the size of a picture."""
        if not self.traits.has_noise_maps:
            return []
        noisy = zip(self.map_latents, self.maps()[:-1], strict=False)
        return [
            Rung(stage, channels, size)
            for stage, (channels, size) in enumerate(noisy)
            for _ in range(self.rungs_per_size)
        ]

    def flow_sizes(self) -> list[Size]:
        """The sizes at which flow matching generates a picture, in order."""
        return self.maps()[1:]

    def _flow_nodes(self) -> int:
        """Upper bound for the nodes of the pack (training/export/export_onnx.py)."""
        step = 20 + 18 * len(self.dilations)
        return len(self.flow_sizes()) * (self.evaluations * step + 30)

    @property
    def latents(self) -> int:
        """Length of the latent of a one-shot family."""
        if self.model == "flow":
            return (4 if self.transparent else 3) * sum(h * w for h, w in self.flow_sizes())
        return self.latent_size + sum(rung.length for rung in self.rungs())

    def to_json(self) -> dict[str, Any]:
        """Convert to plain JSON values."""
        return dataclasses.asdict(self)


def config_from_json(values: Any) -> Config:
    """Return the Config that `to_json` wrote. Raises UsageError for unknown fields and invalid values."""
    if not isinstance(values, dict):
        raise UsageError("train: the configuration is not an object")
    known = {field.name for field in dataclasses.fields(Config)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise UsageError(f"train: the configuration has unknown fields: {', '.join(unknown)!r:.200}")
    given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    return Config(**given)


# Columns of frames.
_WALK: dict[str, Any] = {
    "model": "ar",
    "batch": 12,
    "steps": 3000,
    "recolour": False,
    "jitter": 0.7,
    "mixed": 0.5,
    "dropout": 0.1,
    "words": True,
}

# A row per model, and rows that can be combined with any model.
PRESETS: dict[str, dict[str, Any]] = {
    "gan": {"lr": 6e-4, "critic_lr": 0.5, "beta1": 0.5},
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
    # A classifier separated the output from the art more easily at 0.75 than at 0.9: docs/models.md.
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
    # Settings of the bundled packs dawn-tiles, dawn-sprites and dawn-sprites-fine (docs/packs.md).
    "tiles": {"model": "vae", "steps": 8000, "words": False},
    "sprites": {"model": "vae", "steps": 15500, "words": False},
    "sprites-fine": {"model": "ar", "step_channels": 96, "steps": 5640, "words": False},
    # Pictures of 32x32 pixels in a palette: cells that are 16 apart condition each other directly.
    "ar-32": {
        "model": "ar",
        "step_channels": 96,
        "dilations": (1, 2, 4, 8, 16, 1, 2, 4, 8, 16),
        "batch": 32,
        "steps": 2200,
        "max_colours": 32,
        "temperature": 0.95,
        "words": False,
    },
    # Pictures of twice the size of those of another network (--upsampler).
    "upsampler": {
        "model": "ar",
        "step_channels": 96,
        "batch": 32,
        "steps": 3000,
        "dropout": 0.1,
        "temperature": 0.9,
        "words": False,
    },
    # Maps of terrain (--terrain). 0.7: at higher temperatures, single pixels of flat ground take other colours.
    "terrain": {
        "model": "diffusion",
        "batch": 8,
        "max_colours": 96,
        "temperature": 0.7,
        "recolour": False,
    },
    # The same, to paint borders between tiles in styles and colours that the pack has not seen.
    "borders": {
        "model": "diffusion",
        "batch": 8,
        "max_colours": 192,
        "temperature": 0.7,
        "inside_known": True,
        "hidden_power": 2.0,
        "recolour": False,
        "jitter": 0.7,
    },
    # Animation sheets (--sheets), frame by frame and pixel by pixel; data/sheets.py has the dilations.
    "walk": {**_WALK, "step_channels": 96},
    # For packs of half the size, which take half the time.
    "walk-small": {**_WALK, "step_channels": 64},
    # Whole sheets by masked diffusion.
    "walk-masked": {
        "model": "diffusion",
        "batch": 4,
        "first_known": True,
        "hidden_power": 2.0,
        "recolour": False,
        "jitter": 0.7,
        "mixed": 0.5,
        "dropout": 0.1,
        "words": True,
    },
    # Settings of the bundled pack names: lists of names, letter by letter.
    "names": {
        "model": "ar",
        "step_channels": 96,
        "dilations": (1, 2, 4, 1, 2, 4),
        "evaluations": 4,
        "dropout": 0.1,
        "batch": 256,
        "temperature": 1.1,
        "steps": 1240,
    },
    # Tunes of four voices, from grids that experiments/quartet_grids.py writes (docs/tokens.md).
    "tunes": {
        "model": "diffusion",
        "step_channels": 48,
        "dilations": (1, 2, 4, 8, 16, 1, 2, 4),
        "evaluations": 16,
        "temperature": 0.95,
        "dropout": 0.05,
        "lr": 2e-3,
        "batch": 32,
    },
    # Grids of tokens, such as names and tunes (docs/tokens.md).
    "ar-tokens": {"model": "ar", "dilations": (1, 2, 4, 1, 2, 4), "evaluations": 4},
    "diffusion-tokens": {"model": "diffusion", "dilations": (1, 2, 4, 8, 1, 2, 4, 8), "temperature": 1.0},
    # Trains in seconds, for tests and for a first look at a folder.
    "tiny": {
        "channels": (32, 24, 16),
        "critic_channels": (24, 32, 48),
        "step_channels": 32,
        "map_latents": (2, 1),
        "rungs_per_size": 2,
        "dilations": (1, 2, 4),
        "evaluations": 16,
        "batch": 16,
        "ema": 0.99,
    },
}


def preset(name: str, **overrides: Any) -> Config:
    """Return the preset `name` on top of its model's row, with some fields replaced.

    `minutes` without `steps` replaces the preset's number of steps. Raises UsageError for an unknown name.
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
