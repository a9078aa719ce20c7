"""The space in which distances are measured: a small network that has learnt the kinds of the training art."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch

from tilewright.errors import DataError
from tilewright.files import write_atomically

from .classifier import Classifier, classify, even, extract, fit
from .pictures import Pictures
from .protocol import Protocol

SEED = 0  # one network for all seeds of an evaluation: distances in two networks cannot be compared


@dataclass(frozen=True, eq=False)
class KindsNetwork:
    """The classifier, and its features in units of the training art's own spread."""

    network: Classifier
    scale: float

    def features(self, images: np.ndarray) -> np.ndarray:
        """float64 (N, F); over the training art their variances add up to 1."""
        return extract(self.network, images) * self.scale

    def kinds(self, images: np.ndarray) -> np.ndarray:
        """The kind int64 (N,) that each picture looks like."""
        return classify(self.network, images)


def kinds_network(
    training: Pictures, digest: str, protocol: Protocol, cache: Path | None = None
) -> KindsNetwork:
    """The network for `training`, which needs two kinds or more; `digest` identifies those pictures.

    cache: a .safetensors file that keeps it. One that belongs to other pictures or another protocol is replaced;
    DataError for one that cannot be read.
    """
    key = _key(training, digest, protocol)
    network = _load(cache, key, training, protocol) if cache is not None and cache.exists() else None
    if network is None:
        network = fit_kinds(training, protocol, SEED)
        if cache is not None:
            tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
            write_atomically(cache, safetensors.torch.save(tensors, {"key": key}))
    spread = extract(network, training.images).var(axis=0).sum()
    return KindsNetwork(network, float(1.0 / np.sqrt(spread)) if spread > 0 else 1.0)


def fit_kinds(pictures: Pictures, protocol: Protocol, seed: int) -> Classifier:
    """A network that learns the kinds of `pictures`, each kind equally often."""
    return fit(
        pictures.images,
        pictures.labels,
        even(pictures.labels),
        len(pictures.kinds),
        protocol.kinds_steps,
        protocol,
        seed,
    )


def _key(training: Pictures, digest: str, protocol: Protocol) -> str:
    parts = [f.name for f in dataclasses.fields(Protocol)]
    for name in ("seeds", "pairs", "folds", "c2st_steps", "few", "added", "classified", "near_copy"):
        parts.remove(name)  # these do not touch the network
    told = {name: getattr(protocol, name) for name in parts}
    text = json.dumps([digest, len(training), training.kinds, SEED, told])
    return hashlib.sha256(text.encode()).hexdigest()


def _load(path: Path, key: str, training: Pictures, protocol: Protocol) -> Classifier | None:
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            if (file.metadata() or {}).get("key") != key:
                return None
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        size, kinds = training.images.shape[1], len(training.kinds)
        network = Classifier(size, kinds, protocol.channels, protocol.features, protocol.dropout)
        network.load_state_dict(tensors)
    except Exception as error:  # the library's own, OSError, and whatever strange tensors lead to
        raise DataError(
            f"evaluate: {path} is not a readable network of kinds: delete it ({error})"
        ) from error
    return network.eval()
