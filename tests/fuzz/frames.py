"""Random packs of sheets of frames, in which frames repeat others, and their animations. A target of targets.py."""

import json
import warnings
import zlib
from collections import Counter
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnx

from tilewright.errors import PackError, UsageError
from tilewright.generator import Pack
from tilewright.heads import Frames
from tilewright.pack import METADATA_KEY, check_pack

from ..step_networks import frames_pack, walk_pack
from .damage_model import change_metadata
from .graphs import generate
from .packs import MOST_MULTIPLY_ADDS, FindingError, one_line, opened
from .values import any_value

SHEETS = ((1, 1), (1, 2), (2, 1), (2, 2), (3, 2), (2, 4))


@lru_cache(maxsize=64)
def _intact(frame: int, sheet: tuple[int, int], each: bool) -> bytes:
    return walk_pack(frame, sheet) if each and sheet != (1, 1) else frames_pack((frame, frame), sheet)


def make_frames(seed: int) -> bytes:
    """Make a pack of sheets, with copies, by chance impossible ones, and with other changed metadata or not."""
    rng, of_columns = Random(seed), False
    if rng.random() < 0.3:
        model = generate(rng)
        values = json.loads(_metadata(model).value)
        edge = values.get("tile_size", 0)
        fitting = [sheet for sheet in SHEETS if not any(edge % n for n in sheet)]
        sheet = rng.choice(fitting)
        size = [edge // n for n in sheet]
        _change(model, head="frames", sheet=sheet, frame_size=size, format=2)
    else:
        sheet = rng.choice(SHEETS)
        frame, frames, of_columns = rng.choice((2, 3, 4)), sheet[0] * sheet[1], rng.random() < 0.3
        content = _intact(frame, sheet, rng.random() < 0.7)
        if of_columns and frames > 1:
            content = walk_pack.__wrapped__(frame, sheet, _possible_copies(rng, frames), True)
        model = onnx.ModelProto.FromString(content)
    if rng.random() < (0.1 if of_columns else 0.9):
        _change(model, copies=_copies(rng, sheet[0] * sheet[1]))
    if rng.random() < 0.02:  # a sheet of as many frames as a number allows
        most = rng.choice((10_000, 200_000))
        _change(model, sheet=[1, 2**40], copies=[[n, 0, False] for n in range(1, most)])
    if rng.random() < 0.2:
        change_metadata(rng, model)
    return bytes(model.SerializeToString(deterministic=True))


def _metadata(model: onnx.ModelProto) -> Any:
    return next(entry for entry in model.metadata_props if entry.key == METADATA_KEY)


def _change(model: onnx.ModelProto, **fields: Any) -> None:
    entry = _metadata(model)
    entry.value = json.dumps(json.loads(entry.value) | fields)


def _possible_copies(rng: Random, frames: int) -> tuple[tuple[int, int, bool], ...]:
    """Return copies of a sheet of so many frames."""
    own, copies = [0], list[tuple[int, int, bool]]()
    for number in range(1, frames):
        if rng.random() < 0.5:
            copies.append((number, rng.choice(own), rng.random() < 0.5))
        else:
            own.append(number)
    return tuple(copies)


def _copies(rng: Random, frames: int) -> list[Any]:
    """Return copies of a sheet of so many frames, mostly possible ones."""
    copies: list[Any] = [list(copy) for copy in _possible_copies(rng, frames)]
    choice = rng.random()
    if choice < 0.1:
        copies.insert(rng.randrange(len(copies) + 1), any_value(rng))
    elif choice < 0.3:
        number = rng.choice((-1, 0, 1, frames - 1, frames, 2**63))
        copies.insert(
            rng.randrange(len(copies) + 1), [number, rng.randint(-1, frames), rng.choice((True, False, 0))]
        )
    return copies


def check_frames(content: bytes) -> Counter[str]:
    """Open a pack, generate sheets and complete some from first frames; the frames that repeat others are theirs."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pack = opened(lambda: Pack(check_pack(content, Path("frames.onnx"))), PackError)
        if pack is None:
            return Counter(refused=1)
        head, plan, rng = pack.file.head, pack.plan, Random(zlib.crc32(content))
        if not isinstance(head, Frames) or plan.multiply_adds * plan.evaluations > MOST_MULTIPLY_ADDS:
            return Counter({"loaded, of no sheets": 1})
        seed, gate = rng.getrandbits(64), rng.random() < 0.5
        _check_copies(head, pack.generate(2, seed=seed, gate=gate, device="cpu", threads=1).rgba)
        height, width = head.frame
        fronts = np.random.default_rng(seed).integers(
            0, rng.choice((1, 2, 5, 6)), (2, height, width), np.uint8
        )
        try:
            sheets = pack.animate(fronts, seed=seed, gate=gate, device="cpu", threads=1)
        except UsageError as error:
            one_line(error)
            return Counter({"loaded": 1, "copies": len(head.sheet.copies)})
    _check_copies(head, sheets.rgba)
    if sheets.indices is None or not np.array_equal(sheets.indices[:, :height, :width], fronts):
        raise FindingError("animate() changed a first frame")
    if not all(set(np.unique(s)) <= set(np.unique(f)) for s, f in zip(sheets.indices, fronts, strict=True)):
        raise FindingError("animate() drew an entry that the first frame lacks")
    return Counter({"loaded": 1, "animated": 1, "copies": len(head.sheet.copies)})


def _check_copies(head: Frames, rgba: np.ndarray) -> None:
    height, width = head.frame
    frames = rgba.reshape(-1, head.sheet.rows, height, head.sheet.columns, width, 4).swapaxes(2, 3)
    frames = frames.reshape(-1, head.sheet.rows * head.sheet.columns, height, width, 4)
    for number, source, mirrored in head.sheet.copies:
        if not np.array_equal(frames[:, number], frames[:, source, :, :: -1 if mirrored else 1]):
            raise FindingError(f"frame {number} is not frame {source}")
