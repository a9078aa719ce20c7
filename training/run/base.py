"""Base models: networks that were trained on much art, from which the training on a small set starts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import tilewright
from tilewright.errors import DataError, UsageError
from tilewright.files import read_bounded
from tilewright.frame_sheets import FrameSheet
from tilewright.names import plain_name

from ..config import Config, config_from_json
from ..data.dataset import ONE_FRAME
from ..size import size_text
from .architectures import MODELS, Architecture, architecture_of
from .run_folder import RunFolder
from .run_parts import check_data, sheet_of
from .sealed import in_words, seal, unseal
from .training_loop import restore_family

VERSION = 1
SUFFIX = ".safetensors"
BASES = Path(__file__).parent.parent / "bases"  # of bases that come with the package
MAX_BYTES = 1 << 26
LEAST_PICTURES = 16


@dataclass(frozen=True)
class Base:
    """A network and what it was trained on. weights: of its architecture. data: as in the data.json of its run."""

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

    @property
    def has_maps(self) -> bool:
        """Whether its pictures have a kind for each cell: terrain and animation sheets."""
        return "cell" in self.data

    @property
    def architecture(self) -> Architecture:
        """What its network consists of."""
        return architecture_of(self.config.model)

    def fields(self) -> dict[str, Any]:
        """Return the fields of Config of a run that starts from it: those that determine the network, and others."""
        shape = {name: getattr(self.config, name) for name in self.architecture.shape}
        return {**self.architecture.fine_tuned, **shape}

    def build(self) -> nn.Module:
        """Return the network with the weights of the base."""
        counts = len(self.palette), len(self.data["kinds"]), len(self.words)
        network = self.architecture.build(self.config, *counts)
        network.load_state_dict(self.weights)
        return network.eval()

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
    keys = (
        "kinds",
        "counts",
        "pictures",
        "sha256",
        "sources",
        "palette",
        "words",
        "words_sha256",
        "kind_maps",
        "cell",
        "copies",
        "sheet",
    )
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
    if config.model not in MODELS or config.tokens:
        what = "tokens" if config.tokens else f"the family {config.model}"
        raise UsageError(f"train --from: {where} is of {what}, and bases are of: {', '.join(MODELS)}")


def _check_shapes(weights: dict[str, Tensor], config: Config, data: dict[str, Any]) -> None:
    """Raise ValueError unless the tensors are those of the network that config and data describe."""
    words = len(data["words"]) if config.words else 0
    with torch.device("meta"):  # shapes without memory
        network = architecture_of(config.model).build(config, len(data["palette"]), len(data["kinds"]), words)
    expected = {name: value.shape for name, value in network.state_dict().items()}
    if set(expected) != set(weights):
        other = min(set(expected) ^ set(weights))
        raise ValueError(f"{other!r:.80} is {'missing' if other in expected else 'none of its tensors'}")
    for name, value in weights.items():
        if value.shape != expected[name] or value.dtype != torch.float16:
            raise ValueError(
                f"{name} is {value.dtype} {tuple(value.shape)}, not float16 {tuple(expected[name])}"
            )


def _frame(size: Sequence[int], sheet: FrameSheet) -> tuple[int, int]:
    """Return the size of a frame of pictures, (height, width); for ONE_FRAME that of the pictures."""
    rows, columns = sheet.lines
    return size[0] // rows, size[1] // columns


def check_fit(
    base: Base,
    size: Sequence[int],
    model: str,
    pictures: int,
    cell: int | None = None,
    sheet: FrameSheet = ONE_FRAME,
) -> None:
    """Raise UsageError or DataError if a base does not suit pictures of `size`, a family, or so few pictures.

    cell: pixels along an edge of the cells that have a kind each; None: the pictures have one kind each. sheet: the
    frames of a picture.
    """
    of_base = base.data.get("cell")
    if of_base != cell:
        names = [
            f"pictures with a kind for each {n} pixels" if n else "pictures of one kind"
            for n in (of_base, cell)
        ]
        raise UsageError(f"train --from: {base.name} is for {names[0]}, and the art has {names[1]}")
    theirs = sheet_of(base.data, base.config) if base.config.column else ONE_FRAME
    drawn = sheet if sheet.column else ONE_FRAME
    frame, suited = _frame(size, drawn), _frame(base.config.size, theirs)
    if frame != suited:
        what, remedy = ("frames", "") if drawn.column else ("pictures", ", or --size")
        raise UsageError(
            f"train --from: {base.name} is for {what} of {size_text(suited)}, and the art is of "
            f"{size_text(frame)}: choose another base{remedy}"
        )
    if replace(theirs, copies=()) != replace(drawn, copies=()):
        raise UsageError(f"train --from: {base.name} and the art have sheets with other numbers of frames")
    if model not in base.architecture.models:
        models = " or ".join(base.architecture.models)
        raise UsageError(f"train --from: {base.name} suits --model {models}, not {model}")
    if pictures < LEAST_PICTURES:
        raise DataError(
            f"train --from: {pictures} pictures are too few to learn a style from: draw {LEAST_PICTURES} or more"
        )
