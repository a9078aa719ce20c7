"""The feature space for distances: a small classifier trained on the kinds of the training art."""

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

from ..families.classifier import Classifier
from .classifier import classify, even, extract, fit
from .pictures import Pictures
from .protocol import Protocol

SEED = 0  # one network for all seeds of an evaluation: distances of different networks are not comparable


@dataclass(frozen=True, eq=False)
class KindsNetwork:
    """The classifier, with features normalised by their variance over the training art."""

    network: Classifier
    scale: float

    def features(self, images: np.ndarray) -> np.ndarray:
        """Return float64 (N, F). Over the training art, the variances add up to 1."""
        return extract(self.network, images) * self.scale

    def kinds(self, images: np.ndarray) -> np.ndarray:
        """Return the predicted kind int64 (N,) of each picture."""
        return classify(self.network, images)


def kinds_network(
    training: Pictures, digest: str, protocol: Protocol, cache: Path | None = None
) -> KindsNetwork:
    """Return the network for `training`, which needs at least two kinds. `digest` identifies those pictures.

    cache: a .safetensors file that stores it. A file of other pictures or another protocol is replaced.
    Raises DataError if the file cannot be read.
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
    """Train a classifier on the kinds of `pictures`, each kind equally often."""
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
        parts.remove(name)  # fields that do not affect the network
    told = {name: getattr(protocol, name) for name in parts}
    text = json.dumps([digest, len(training), training.kinds, SEED, told])
    return hashlib.sha256(text.encode()).hexdigest()


def _load(path: Path, key: str, training: Pictures, protocol: Protocol) -> Classifier | None:
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            if (file.metadata() or {}).get("key") != key:
                return None
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        size, kinds = training.images.shape[1:3], len(training.kinds)
        network = Classifier(size, kinds, protocol.channels, protocol.features, protocol.dropout)
        network.load_state_dict(tensors)
    except Exception as error:  # exceptions of the library, OSError, and consequences of invalid tensors
        raise DataError(
            f"evaluate: {path} is not a readable network of kinds: delete it ({error})"
        ) from error
    return network.eval()
