"""The start of a network with other colours, kinds and words than its base has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tilewright import engine
from tilewright.hardware import WHITE

from ..data.batches import Indexer
from ..watch.rescue_state import RescueState
from .base import Base
from .run_folder import RunFolder
from .training_loop import restore_family

COMPARED, COMPARED_IN_ALL = 16, 256  # pictures that determine the style: of a kind, and of all kinds
FAR = 0.1  # OKLab distance, of which black and white have 1, from which a colour is reported


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
        styles = ", ".join(self.styles[:8]) or "all its kinds"
        text = (
            f"begins with {base.name} ({base.data['pictures']} pictures), in the style of {styles}; colours are "
            f"{self.distances.mean():.3f} from those of the base on average, at most {self.distances[worst]:.3f} "
            "(black and white: 1)"
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
    int64 (N,), are most likely: the nearest style. Other words take the mean, and so do other kinds of cells.
    """
    known = base.data["kinds"]
    styles = [None] * len(kinds) if base.has_maps else _styles(base, images, labels)
    kind_rows = [
        known.index(kind) if kind in known else style for kind, style in zip(kinds, styles, strict=True)
    ]
    colour_rows, distances = _nearest(palette, base.palette)
    new, tables = network.state_dict(), base.architecture
    for name, value in new.items():
        if name in tables.colours:
            own = base.weights[name]
            found = own[torch.from_numpy(colour_rows)]
            if name.endswith("bias"):  # entries with the same row share its probability
                found = found - torch.from_numpy(np.log(np.bincount(colour_rows)[colour_rows])).float()
            found = torch.cat([found, own[len(base.palette) :]])  # the row of unknown cells
        elif name in tables.kinds:
            own = base.weights[name]
            found = torch.stack([own.mean(dim=0) if row is None else own[row] for row in kind_rows])
        elif name in tables.words:
            found = _columns_of_words(base.weights.get(name), base.words, words, value)
        else:
            found = base.weights[name]
        value.copy_(found)
    used = tuple(known[row] for row in dict.fromkeys(kind_rows) if row is not None)
    return Adapted(used, palette, distances)


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
    """Return the loss of pictures uint8 (N, H, W, 4) for each kind of the base, float (K, N)."""
    network, loss = base.build(), base.architecture.loss
    indices = torch.from_numpy(Indexer(base.palette)(images))
    kinds = range(len(base.data["kinds"]))
    return torch.stack([loss(network, indices, torch.full((len(images),), kind)) for kind in kinds]).numpy()
