"""Checks of files that training and palettes read: a file is read, or rejected with one printable line, in
limited time.

Further inputs of a check are derived from the file's bytes, so a saved finding is a complete case.
"""

import hashlib
import json
import shutil
import tempfile
import warnings
import zlib
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from tilewright.coarse_map import read_legend, read_map
from tilewright.errors import DataError, TilewrightError, UsageError
from tilewright.palette import load_palette, remap

from .packs import FindingError, opened
from .values import damage_json

MOST_SECONDS = 10.0  # CPU time; a picture of 16 million pixels takes three seconds
LEGENDS = (
    None,
    "floor=.,wall=#,water=~",
    "floor=.,wall=#,water=~,floor=g,water= ,wall=\x00,wall=\x1b,floor==",
    ",".join(f"floor=#{r:02x}{g:02x}{b:02x}" for r in (0, 64) for g in (0, 160, 255) for b in (0, 64, 255)),
    "floor=#000,wall=#fff,water=#00000000",
    "floor=#000,floor=",
    "=,=",
)
NAMES = ("art.png", "walls 16x16.png", "a-18x18.gif", "0x72.png", "b_8.webp", "title.bmp", "f01.png")


def refuses(read: Callable[[], object], *errors: type[TilewrightError]) -> Counter[str]:
    """Call `read`, which may raise the errors with one printable line, and takes limited time. Count the outcome."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        done = opened(lambda: (read(),), *errors, most=MOST_SECONDS)
    return Counter(refused=1) if done is None else Counter(read=1)


@cache
def folder() -> Path:
    """A temporary folder of this process."""
    made = tempfile.TemporaryDirectory(prefix="tilewright-fuzz-")
    _kept.append(made)
    return Path(made.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []


def write(name: str, content: bytes) -> Path:
    """Write a file of the temporary folder."""
    path = folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


# --- Art ---


def check_picture(content: bytes) -> Counter[str]:
    """Read a folder with the picture as art, with some size and options."""
    from tilewright_training.data.dataset import read_art

    rng = Random(zlib.crc32(content))
    path = write(f"art/{rng.choice(NAMES)}", content)
    size, margin, spacing = (
        rng.choice((8, 16, 16, 16, 32)),
        rng.choice((None, None, 0, 1, 8)),
        rng.choice((None, None, 0, 1)),
    )
    options: dict[str, Any] = {
        "margin": margin,
        "spacing": spacing,
        "transparent": rng.choice((None, None, True, False)),
    }

    def read() -> None:
        data, report = read_art([path.parent], size, **options, shadows=rng.choice((None, "keep")))
        str(report)
        if data.images.shape[1:] != (size, size, 4) or not np.isin(data.images[..., 3], (0, 255)).all():
            raise FindingError(f"tiles of {data.images.shape}, or an alpha between 0 and 255")

    try:
        return refuses(read, DataError)
    finally:
        path.unlink()


def check_palette(content: bytes) -> Counter[str]:
    """Read a palette file and recolour with it."""
    path = write(f"palette{('.gpl', '.pal', '.hex', '.txt')[zlib.crc32(content) % 4]}", content)
    return refuses(lambda: remap(np.zeros((1, 1, 1, 4), np.uint8), load_palette(path)), DataError, UsageError)


def check_coarse(content: bytes) -> Counter[str]:
    """Read a coarse map, with some legend."""
    rng = Random(zlib.crc32(content))
    path = write(
        f"coarse{'.png' if content[1:4] == b'PNG' else rng.choice(('.txt', '.txt', '.png', ''))}", content
    )
    legend = rng.choice((LEGENDS[1], *LEGENDS))
    kinds = ("floor", "wall", "water")

    def read() -> None:
        found = read_map(path, read_legend(legend, kinds, "paint"), "paint")
        if found.ndim != 2 or found.dtype != np.uint8 or (found >= len(kinds)).any():
            raise FindingError(f"a map of {found.shape}, or a kind that is none")

    return refuses(read, DataError, UsageError)


# --- Runs ---


@cache
def _run_parts() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return config.json and data.json of a run."""
    from tilewright_training.config import preset

    small = {"latent_size": 2, "embedding": 2, "channels": (2, 2), "critic_channels": (2, 2)}
    config = preset("tiny", model="gan", size=8, steps=10, words=True, **small).to_json()
    source = {"name": "n", "licence": "CC0-1.0", "author": "a"}
    reading = {
        "folders": ["art"],
        "size": 8,
        "kinds": None,
        "margin": 1,
        "spacing": None,
        "transparent": None,
    }
    data = {
        "kinds": ["a", "b"],
        "counts": [1, 2],
        "pictures": 3,
        "sha256": "0" * 64,
        "sources": [source],
        "palette": [[0, 0, 0, 255], [9, 9, 9, 255]],
        "reading": reading,
        "words": ["red", "dragon"],
        "words_sha256": "0" * 64,
        "training_pictures": _training_pictures(),
        "word_kinds": [[1, 2], [1, 0], [0, 1]],
    }
    return json.loads(json.dumps(config)), data


def _training_pictures() -> dict[str, str]:
    from tilewright.training_pictures import TrainingPictures

    palette = np.array([[0, 0, 0, 255], [9, 9, 9, 255]], np.uint8)
    return TrainingPictures.of(np.ones((3, 8, 8)), np.array([0, 1, 1]), 2, palette).to_metadata()


def make_config(seed: int) -> bytes:
    """Make a config.json."""
    return damage_json(Random(seed), _run_parts()[0])


def make_data(seed: int) -> bytes:
    """Make a data.json."""
    return damage_json(Random(seed), _run_parts()[1])


def check_config(content: bytes) -> Counter[str]:
    """Open a run folder with this config.json."""
    return _check_run(content, json.dumps(_run_parts()[1]).encode())


def check_data(content: bytes) -> Counter[str]:
    """Open a run folder with this data.json."""
    return _check_run(json.dumps(_run_parts()[0]).encode(), content)


def _check_run(config: bytes, data: bytes) -> Counter[str]:
    from tilewright_training.run.run_folder import RunFolder

    write("run/config.json", config)
    path = write("run/data.json", data).parent
    return refuses(lambda: RunFolder(path), DataError)


@cache
def _stored_set() -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return set.json of a stored set, and its other files."""
    from tilewright.pack import Source
    from tilewright_training.data.stored_set import SetWriter
    from tilewright_training.data.vocabulary import Vocabulary

    path, labels = folder() / "written", np.array([0, 1, 1])
    has = np.array([[True, False], [False, True], [True, True]])
    with SetWriter(path, 8) as writer:
        writer.add(np.full((3, 8, 8, 4), 255, np.uint8))
        sources = (Source("n", "CC0-1.0", "a"),)
        writer.finish(labels, labels, ("a", "b"), sources, Vocabulary(("dragon", "red"), has, True))
    facts = json.loads((path / "set.json").read_text("utf-8"))
    return facts, {file.name: file.read_bytes() for file in path.glob("*.npy")}


def make_set(seed: int) -> bytes:
    """Make a set.json."""
    return damage_json(Random(seed), _stored_set()[0])


def check_set(content: bytes) -> Counter[str]:
    """Open a stored set with this set.json."""
    from tilewright_training.data.stored_set import open_stored_set

    for name, array in _stored_set()[1].items():
        write(f"set/{name}", array)
    path = write("set/set.json", content).parent
    return refuses(lambda: open_stored_set(path), DataError)


def make_losses(seed: int) -> bytes:
    """Make a losses.jsonl, which may end in the middle of a line."""
    rng = Random(seed)
    lines = [
        damage_json(rng, {"step": step, "loss": 0.5, "real": 1e-3})
        for step in range(rng.choice((0, 1, 5, 50)))
    ]
    whole = b"\n".join(line if rng.random() < 0.2 else b'{"step": 3}' for line in lines)
    return whole[: rng.randrange(len(whole) + 1)] if rng.random() < 0.3 else whole


def check_losses(content: bytes) -> Counter[str]:
    """Open a run's logs to continue at step 3."""
    from tilewright_training.run.run_folder import Logs

    path = write("logs/losses.jsonl", content).parent
    try:
        return refuses(lambda: Logs(path, 3).close(), DataError)
    finally:
        shutil.rmtree(path)


# --- Checkpoints ---


@cache
def _family_and_checkpoint() -> tuple[Any, bytes]:
    import torch

    from tilewright_training.config import config_from_json
    from tilewright_training.families.family import build_family
    from tilewright_training.run.checkpoint import pack_checkpoint
    from tilewright_training.watch.rescue_state import RescueState

    torch.manual_seed(0)
    family = build_family(
        config_from_json(_run_parts()[0]), np.array(_run_parts()[1]["palette"], np.uint8), 2
    )
    for optimizer in family.optimizers.values():
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
    return family, pack_checkpoint(family, 3, 10, RescueState())


def make_checkpoint(seed: int) -> bytes:
    """Make a checkpoint with another header or other numbers, usually with a valid checksum."""
    return _damage_sealed(Random(seed), _family_and_checkpoint()[1])


def _damage_sealed(rng: Random, content: bytes) -> bytes:
    length = int.from_bytes(content[:8], "little")
    header, body = json.loads(content[8 : 8 + length]), content[8 + length :]
    choice = rng.random()
    if choice < 0.3:
        about = damage_json(rng, json.loads(header["__metadata__"]["tilewright"]))
        header["__metadata__"]["tilewright"] = about.decode("utf-8", "replace")
        text = json.dumps(header).encode()
    elif choice < 0.8:
        names = sorted(header)
        few = {name: header.pop(name) for name in rng.sample(names, 3)}
        try:
            header |= json.loads(damage_json(rng, few))
        except (ValueError, TypeError, RecursionError):
            header["x"] = 1
        text = json.dumps(header).encode()
    else:
        text = content[8 : 8 + length]
        at = rng.randrange(len(body) - 8)
        body = body[:at] + rng.randbytes(rng.choice((1, 4, 8))) + body[at + rng.choice((1, 4, 8)) :]
    length = rng.choice((0, len(text) - 1, 2**22 + 1, 2**63, 2**64 - 1)) if rng.random() < 0.1 else len(text)
    whole = length.to_bytes(8, "little") + text + body
    return _signed(whole) if rng.random() < 0.8 else whole[: rng.randrange(len(whole))]


def _signed(content: bytes) -> bytes:
    """Insert the valid checksum if the file has a field for it."""
    try:
        length = int.from_bytes(content[:8], "little")
        claimed = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["tilewright"])[
            "sha256"
        ].encode()
        blank = content.replace(claimed, b"0" * 64, 1)
        return content.replace(claimed, hashlib.sha256(blank).hexdigest().encode(), 1)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return content


def check_checkpoint(content: bytes) -> Counter[str]:
    """Read a checkpoint and restore it into matching networks."""
    from tilewright_training.run.checkpoint import restore, unpack_checkpoint

    family, whole = _family_and_checkpoint()
    counts = refuses(
        lambda: restore(family, unpack_checkpoint(content, "step-00000003.safetensors")), DataError
    )
    if counts["read"]:
        restore(family, unpack_checkpoint(whole, "whole"))
    return counts


@cache
def _base(model: str) -> bytes:
    from tilewright_training.config import preset
    from tilewright_training.run.architectures import architecture_of
    from tilewright_training.run.sealed import seal

    size = {"channels": (4, 4), "critic_channels": (4, 4), "map_latents": (1,), "rungs_per_size": 2}
    size |= {"step_channels": 4, "dilations": (1,)}
    config = preset(model, size=8, steps=1, words=True, latent_size=2, embedding=2, transparent=True, **size)
    data = {
        **{"kinds": ["floor", "wall"], "counts": [3, 4], "pictures": 7, "sha256": "0", "sources": []},
        **{"palette": [[0, 0, 0, 0], [9, 9, 9, 255]], "words": ["red"]},
    }
    weights = architecture_of(model).build(config, 2, 2, 1).state_dict()
    about = {"base": 1, "config": config.to_json(), "data": data}
    return seal({name: value.half().contiguous() for name, value in weights.items()}, about)


def make_base(seed: int) -> bytes:
    """Make a base with another header or other numbers, usually with a valid checksum."""
    random = Random(seed)
    return _damage_sealed(random, _base(random.choice(("vae", "ar", "diffusion"))))


def check_base(content: bytes) -> Counter[str]:
    """Read a base and begin a network with it."""
    from tilewright_training.run.adapt import adapt
    from tilewright_training.run.base import unpack_base

    def begin() -> None:
        base = unpack_base(content, Path("little.safetensors"))
        network = base.architecture.build(base.config, 3, 1, 1)
        palette = np.array([[0, 0, 0, 0], [1, 2, 3, 255], [4, 5, 6, 255]], np.uint8)
        pictures = np.zeros((2, *base.config.size, 4), np.uint8)
        adapt(base, network, palette, ("floor",), ("red",), pictures, np.zeros(2, np.int64)).sentence(base)

    return refuses(begin, DataError)
