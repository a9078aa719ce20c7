"""Base models: networks that were trained on much art, from which the training on a small set starts.

The one-step families have a network whose tables have a row for each colour, kind and word. `adapt` copies the rest,
and fills the rows of the new tables from those of the base.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import tilewright
from tilewright import engine
from tilewright.errors import DataError, UsageError
from tilewright.files import read_bounded
from tilewright.hardware import WHITE
from tilewright.names import plain_name

from ..config import Config, config_from_json
from ..data.batches import Indexer
from ..families import losses
from ..families.vae import VaeNetwork
from ..size import size_text
from ..watch.rescue_state import RescueState
from .run_folder import RunFolder
from .run_parts import check_data
from .sealed import in_words, seal, unseal
from .training_loop import restore_family

VERSION = 1
SUFFIX = ".safetensors"
BASES = Path(__file__).parent.parent / "bases"  # of bases that come with the package
MAX_BYTES = 1 << 26
SHAPE = ("latent_size", "embedding", "map_latents", "rungs_per_size", "channels", "critic_channels")
MODELS = ("vae", "gan")  # families that train this network
FINE_TUNED = {"warm_until": 0.0}  # fields of Config: the noise maps are in use already
LEAST_PICTURES = 16
COMPARED, COMPARED_IN_ALL = 16, 256  # pictures that determine the style: of a kind, and of all kinds
FAR = 0.1  # OKLab distance, of which black and white have 1, from which a colour is reported
# Tables by the end of their names, and the axis of their rows.
COLOURS = {"encoder.cells.weight": 0, "decoder.logits.weight": 0, "decoder.logits.bias": 0}
KINDS = {"encoder.kinds.weight": 0, "decoder.embedding.weight": 0}
WORDS = {"encoder.words.weight": 1, "decoder.words.weight": 1}


@dataclass(frozen=True)
class Base:
    """A network and what it was trained on. weights: those of VaeNetwork. data: as in the data.json of its run."""

    name: str
    config: Config
    data: dict[str, Any]
    weights: dict[str, Tensor]
    digest: str  # SHA-256 of the file, in hex

    @property
    def palette(self) -> np.ndarray:
        """uint8 (K, 4)."""
        return np.array(self.data["palette"], np.uint8)

    @property
    def words(self) -> tuple[str, ...]:
        """The vocabulary; may be empty."""
        return tuple(self.data["words"]) if self.config.words else ()

    def shape(self) -> dict[str, Any]:
        """Return the fields of Config that determine the network."""
        return {name: getattr(self.config, name) for name in SHAPE}

    def facts(self) -> dict[str, Any]:
        """Return what a run and its pack store about the base."""
        return {"name": self.name, "sha256": self.digest, "pictures": self.data["pictures"]}


def pack_base(run: RunFolder) -> bytes:
    """Return the content of a base file: the averaged network of a run's newest checkpoint, in half precision.

    Raises UsageError for a family that cannot be a base.
    """
    _check_model(run.config, str(run.path))
    family = restore_family(run)
    run.load_checkpoint(family)
    keys = ("kinds", "counts", "pictures", "sha256", "sources", "palette", "words", "words_sha256")
    about = {
        "base": VERSION,
        "tilewright": tilewright.__version__,
        "config": run.config.to_json(),
        "data": {key: run.data[key] for key in keys if key in run.data},
    }
    weights = family.modules["ema"].state_dict()
    return seal({name: value.half().contiguous() for name, value in weights.items()}, about)


def find_base(given: str) -> Base:
    """Return a base. given: a file, a run folder, or the name of a base that comes with the package.

    Raises UsageError if there is none, and DataError if it cannot be used.
    """
    path = Path(given)
    if (path / "config.json").is_file():
        return _of_run(path)
    if path.suffix != SUFFIX and not path.exists():
        known = sorted(p.stem for p in BASES.glob(f"*{SUFFIX}"))
        if given not in known:
            raise UsageError(
                f"train --from: there is no base {given!r:.80}: name a {SUFFIX} file, a run folder, or one of: "
                f"{', '.join(known) or 'none come with this package'}"
            )
        path = BASES / f"{given}{SUFFIX}"
    try:
        content = read_bounded(path, MAX_BYTES)
    except DataError as error:
        raise DataError(f"train --from: cannot read {error}") from error
    return unpack_base(content, path)


def unpack_base(content: bytes, path: Path) -> Base:
    """Read the output of `pack_base`. The bytes are untrusted. Raises DataError in one line."""
    try:
        weights, about = unseal(content)
        if about.get("base") != VERSION:
            found = "no base" if "base" not in about else f"a base of version {about['base']!r:.20}"
            raise ValueError(f"it is {found}, and this tilewright reads version {VERSION}")
        config = config_from_json(about["config"])
        _check_model(config, str(path))
        data = check_data(about["data"], config)
        _check_shapes(weights, config, data)
    except Exception as error:  # exceptions of the library, and consequences of invalid metadata
        why = in_words(error).removeprefix("train: ").removeprefix("train --from: ")
        raise DataError(f"train --from: {path} cannot be used: {why}") from error
    floats = {name: value.float() for name, value in weights.items()}
    return Base(
        plain_name(path.with_suffix("") if path.suffix == SUFFIX else path),
        config,
        data,
        floats,
        about["sha256"],
    )


def _of_run(path: Path) -> Base:
    """Return the network of a run as a base."""
    run = RunFolder(path)
    content = pack_base(run)
    return unpack_base(content, path)


def _check_model(config: Config, where: str) -> None:
    if config.model not in MODELS:
        raise UsageError(
            f"train --from: {where} is of the family {config.model}, and bases are of: {', '.join(MODELS)}"
        )


def _check_shapes(weights: dict[str, Tensor], config: Config, data: dict[str, Any]) -> None:
    """Raise ValueError unless the tensors are those of the network that config and data describe."""
    words = len(data["words"]) if config.words else 0
    with torch.device("meta"):  # shapes without memory
        network = VaeNetwork(config, len(data["palette"]), len(data["kinds"]), words)
    expected = {name: value.shape for name, value in network.state_dict().items()}
    if set(expected) != set(weights):
        other = min(set(expected) ^ set(weights))
        raise ValueError(f"{other!r:.80} is {'missing' if other in expected else 'none of its tensors'}")
    for name, value in weights.items():
        if value.shape != expected[name] or value.dtype != torch.float16:
            raise ValueError(
                f"{name} is {value.dtype} {tuple(value.shape)}, not float16 {tuple(expected[name])}"
            )


def check_fit(base: Base, size: Sequence[int], model: str, pictures: int) -> None:
    """Raise UsageError or DataError if a base does not suit pictures of `size`, a family, or so few pictures."""
    if tuple(size) != base.config.size:
        raise UsageError(
            f"train --from: {base.name} is for pictures of {size_text(base.config.size)}, and the art is of "
            f"{size_text((size[0], size[1]))}: choose another base, or --size"
        )
    if model not in MODELS:
        raise UsageError(f"train --from: {base.name} suits --model {' or '.join(MODELS)}, not {model}")
    if pictures < LEAST_PICTURES:
        raise DataError(
            f"train --from: {pictures} pictures are too few to learn a style from: draw {LEAST_PICTURES} or more"
        )


def begin_from(base: Base, run: RunFolder, images: Any, labels: np.ndarray) -> str:
    """Write the first checkpoint of a run, step 0, with the weights of a base. Returns what to say about it.

    images: uint8 (N, H, W, 4), the pictures of the run. labels: their kinds, int64 (N,).
    """
    family = restore_family(run)
    trained = family.modules["network" if "network" in family.modules else "generator"]
    palette = np.array(run.data["palette"], np.uint8)
    adapted = adapt(base, trained, palette, run.data["kinds"], run.words, images, labels)
    family.modules["ema"].load_state_dict(trained.state_dict())
    run.save_checkpoint(family, 0, run.config.steps, RescueState())
    return adapted.sentence(base)


@dataclass(frozen=True)
class Adapted:
    """How a base was adapted. distances: float (K,), OKLab distance of each opaque colour to the base's nearest."""

    styles: tuple[str, ...]
    palette: np.ndarray
    distances: np.ndarray

    def sentence(self, base: Base) -> str:
        """Return the line that a command prints."""
        opaque = self.palette[self.palette[:, 3] > 0]
        worst = int(self.distances.argmax())
        text = (
            f"begins with {base.name} ({base.data['pictures']} pictures), in the style of "
            f"{', '.join(self.styles[:8])}; colours are {self.distances.mean():.3f} from those of the base on average, "
            f"at most {self.distances[worst]:.3f} (black and white: 1)"
        )
        if self.distances[worst] > FAR:
            far = int((self.distances > FAR).sum())
            colour = opaque[worst, :3].tobytes().hex()
            text += f"; {far} of {len(opaque)} are far, #{colour} the farthest, and must be learned"
        return text


def adapt(
    base: Base,
    network: nn.Module,
    palette: np.ndarray,
    kinds: Sequence[str],
    words: Sequence[str],
    images: Any,
    labels: np.ndarray,
) -> Adapted:
    """Fill `network`, for other colours, kinds and words, with the weights of a base.

    A colour takes the row of the nearest colour of the base in OKLab, kinds and words that of the same name. Other
    kinds take that of the kind of the base under which some of their pictures, of images uint8 (N, H, W, 4) and labels
    int64 (N,), are most likely: the nearest style. Other words take the mean.
    """
    styles = _styles(base, images, labels)
    colour_rows, distances = _nearest(palette, base.palette)
    known = base.data["kinds"]
    kind_rows = np.array(
        [known.index(kind) if kind in known else style for kind, style in zip(kinds, styles, strict=True)]
    )
    new = network.state_dict()
    for name, value in new.items():
        if name in COLOURS:
            found = base.weights[name][torch.from_numpy(colour_rows)]
            if name.endswith("bias"):  # entries with the same row share its probability
                found = found - torch.from_numpy(np.log(np.bincount(colour_rows)[colour_rows])).float()
        elif name in KINDS:
            found = base.weights[name][torch.from_numpy(kind_rows)]
        elif name in WORDS:
            found = _columns_of_words(base.weights.get(name), base.words, words, value)
        else:
            found = base.weights[name]
        value.copy_(found)
    return Adapted(tuple(known[row] for row in dict.fromkeys(kind_rows.tolist())), palette, distances)


def _nearest(palette: np.ndarray, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest entry of the base for each colour, int64 (K,), and the distances of opaque ones.

    A transparent entry takes that of the base, or the lightest colour.
    """
    solid, known = palette[:, 3] > 0, base[:, 3] > 0
    points, targets = (engine.oklab(colours).astype(np.float64) / WHITE for colours in (palette, base))
    between = np.linalg.norm(points[:, None] - targets[known][None], axis=2)
    rows = np.flatnonzero(known)[between.argmin(axis=1)]
    rows[~solid] = 0 if not known.all() else int(targets[:, 0].argmax())
    return rows, between.min(axis=1)[solid]


def _columns_of_words(
    known: Tensor | None, of_base: Sequence[str], words: Sequence[str], fresh: Tensor
) -> Tensor:
    """Return the columns of words, float (F, V). fresh: those of a new network, for a base without words."""
    if known is None:
        return fresh * 0.0
    number = {word: i for i, word in enumerate(of_base)}
    mean = known.mean(dim=1)
    return torch.stack([known[:, number[word]] if word in number else mean for word in words], dim=1)


def _styles(base: Base, images: Any, labels: np.ndarray) -> list[int]:
    """Return, for each kind of labels int64 (N,), the kind of the base under which its pictures are most likely.

    Each takes another one while there are some: kinds with equal rows are slow to become distinct.
    """
    members = [np.flatnonzero(labels == kind) for kind in range(int(labels.max()) + 1)]
    each = max(1, min(COMPARED, COMPARED_IN_ALL // len(members)))
    some = [own[np.linspace(0, len(own) - 1, min(each, len(own))).astype(np.int64)] for own in members]
    bounds = _bounds(base, np.asarray(images[np.concatenate(some)]))
    ends = np.cumsum([len(own) for own in some])[:-1]
    free, found = set[int](), list[int]()
    for part in np.split(bounds, ends, axis=1):
        free = free or set(range(len(bounds)))
        found.append(min(free, key=part.sum(axis=1).__getitem__))
        free.remove(found[-1])
    return found


@torch.no_grad()
def _bounds(base: Base, images: np.ndarray) -> np.ndarray:
    """Return the bound on -log p(x|k) of pictures uint8 (N, H, W, 4) for each kind of the base, float (K, N)."""
    kinds = len(base.data["kinds"])
    network = VaeNetwork(base.config, len(base.palette), kinds, len(base.words))
    network.load_state_dict(base.weights)
    indices = torch.from_numpy(Indexer(base.palette)(images))
    noise = torch.zeros((len(images), base.config.latents))
    rows = []
    for kind in range(kinds):
        logits, posterior = network(indices, torch.full((len(images),), kind), noise)
        picture = F.cross_entropy(logits, indices, reduction="none").sum((1, 2))
        rows.append(picture + losses.divergence(posterior.mean, posterior.log_variance))
    return torch.stack(rows).numpy()
