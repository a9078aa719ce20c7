"""Packs: opening, checking and describing the one file that holds a generator."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from tilewright import compiler
from tilewright.arrays import Uint8Array
from tilewright.compiler import Sampling
from tilewright.errors import PackError, UsageError, printable
from tilewright.plan import Plan

Shape = tuple[int, ...]

METADATA_KEY = "tilewright"
FORMAT_VERSION = 1
MAX_NAME = 200
MAX_COLOURS = 256
MAX_METADATA = 4 << 20
BUNDLED = Path(__file__).parent / "packs"


@dataclass(frozen=True)
class Source:
    """Art that a pack was trained on."""

    name: str
    licence: str
    author: str


@dataclass(frozen=True, eq=False)
class PackFile:
    """A pack on disk, checked: its bytes, what its metadata says, and the plan to execute.

    palette: uint8 (K, 4), or None where the network draws a palette for each picture or has an RGBA head.
    transparent: index 0 is transparent (palette heads), or there is an alpha channel (RGBA heads).
    wrap: tiles were generated on a torus and repeat without a seam.
    """

    path: Path
    content: bytes
    plan: Plan
    name: str
    kinds: tuple[str, ...]
    tile_size: int
    palette: Uint8Array | None
    palette_size: int
    latent_size: int
    transparent: bool
    wrap: bool
    sources: tuple[Source, ...]
    data: dict[str, Any]
    training: dict[str, Any]

    @property
    def licence(self) -> str:
        """The licences of all sources, each once."""
        return ", ".join(dict.fromkeys(source.licence for source in self.sources)) or "unknown"

    def __str__(self) -> str:
        """A few lines for people, then the plan as a table."""
        head = "RGBA" if "rgba" in self.plan.outputs else f"palette of {self.palette_size} colours"
        lines = [
            f"{self.name}: {self.tile_size}x{self.tile_size}, {head}{', wraps' if self.wrap else ''}",
            f"kinds: {', '.join(self.kinds)}",
            f"file: {printable(self.path)} ({len(self.content):,} bytes)",
            *(f"trained on: {s.name} by {s.author} ({s.licence})" for s in self.sources),
            "",
            str(self.plan),
        ]
        return "\n".join(lines)


def packs() -> tuple[str, ...]:
    """Names of the bundled packs, in alphabetical order."""
    return tuple(sorted(file.stem for file in BUNDLED.glob("*.onnx")))


def find_pack(name_or_path: str | Path, caller: str = "load()") -> Path:
    """The file of a bundled pack's name, or of a path; UsageError if there is none."""
    if not isinstance(name_or_path, (str, Path)):
        raise UsageError(f"{caller}: a pack must be a name or the path of a file, not {name_or_path!r:.60}")
    bundled = packs()
    if name_or_path in bundled:
        return BUNDLED / f"{name_or_path}.onnx"
    path = Path(name_or_path)
    try:
        if path.is_file():
            return path
        folder = path.is_dir()
    except (OSError, ValueError):  # a name that no file system takes
        folder = False
    if folder and (path / "checkpoints").is_dir():
        raise UsageError(
            f"{caller}: {path} is a run folder, not a pack: `tilewright export {path} -o mine.onnx` makes one of it"
        )
    if folder:
        raise UsageError(f"{caller}: {path} is a folder: name an .onnx file in it")
    names = f" or a bundled name ({', '.join(bundled)})" if bundled else "; this copy has no bundled packs"
    raise UsageError(f"{caller}: no pack {str(name_or_path)!r:.100}: give the path of an .onnx file{names}")


def open_pack(name_or_path: str | Path, caller: str = "load()") -> PackFile:
    """Read, check and compile a pack; UsageError if there is no such file, PackError if it is not a pack."""
    path = find_pack(name_or_path, caller)
    try:
        with path.open("rb") as file:
            content = file.read(compiler.MAX_FILE_BYTES + 1)
    except OSError as error:
        raise PackError(f"{path} cannot be read: {error.strerror}") from error
    return check_pack(content, path)


# What damage can raise: an attribute, a tensor or a field that is not of the kind that its reader has in mind.
_DAMAGE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def check_pack(content: bytes, path: Path) -> PackFile:
    """The bytes of a pack, checked and compiled; `path` is only named in errors. PackError for whatever is wrong."""
    try:
        # Every float that leaves its range is damage, unless the code that computes it says otherwise.
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            return _checked(content, path)
    except _DAMAGE as error:
        if isinstance(error, PackError):
            raise
        raise PackError(f"{path} is damaged: {error!r:.200}") from error


def _checked(content: bytes, path: Path) -> PackFile:
    model = compiler.read_onnx(content, str(path))
    text = model.metadata(METADATA_KEY)
    if text is None:
        raise PackError(f"{path} is not a pack: an ONNX model without tilewright's metadata")
    if len(text) > MAX_METADATA:
        raise PackError(f"{path} has metadata of more than {MAX_METADATA} characters")
    try:
        fields, sampling = _read_metadata(text, path)
    except _DAMAGE as error:
        if isinstance(error, PackError):
            raise
        raise PackError(f"{path} has damaged metadata: {error!r:.200}") from error
    plan = compiler.compile_graph(model.graph(), sampling)
    pack = PackFile(path, content, plan, **fields)
    _check_against_plan(pack)
    return pack


def _read_metadata(text: str, path: Path) -> tuple[dict[str, Any], Sampling | None]:
    """The fields of a PackFile that the metadata gives, and what it says of a sampler."""
    values = _object(json.loads(text))
    if values["format"] != FORMAT_VERSION:
        raise PackError(
            f"{path} has pack format {values['format']!r:.40}; this tilewright reads format {FORMAT_VERSION}"
        )
    fields = {
        "name": _text(values["name"]),
        "kinds": tuple(_text(kind) for kind in _list(values["kinds"])),
        "tile_size": _integer(values["tile_size"]),
        "palette": _palette(values["palette"]),
        "palette_size": _integer(values["palette_size"]),
        "latent_size": _integer(values["latent_size"]),
        "transparent": _truth(values["transparent"]),
        "wrap": _truth(values["wrap"]),
        "sources": tuple(
            Source(_text(s["name"]), _text(s["licence"]), _text(s["author"]))
            for s in map(_object, _list(values["sources"]))
        ),
        "data": _object(values["data"]),
        "training": _object(values["training"]),
    }
    return fields, _sampling(values.get("sampler"), path)


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"not an object: {value!r:.60}")
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"not a list: {value!r:.60}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_NAME or not value.isprintable():
        raise ValueError(f"not a printable text of at most {MAX_NAME} characters")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"not an integer: {value!r:.60}")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"neither true nor false: {value!r:.60}")
    return value


def _sampling(value: object, path: Path) -> Sampling | None:
    if value is None:
        return None
    values = _object(value)
    method, steps = values["method"], _integer(values["steps"])
    if method not in compiler.METHODS:
        raise PackError(
            f"{path}: the sampler's method must be {' or '.join(compiler.METHODS)}, not {method!r:.40}"
        )
    temperature = values["temperature"]
    if isinstance(temperature, bool) or not isinstance(temperature, (int, float)):
        raise ValueError(f"not a number: {temperature!r:.60}")
    if not (math.isfinite(temperature) and temperature >= 0):
        raise PackError(
            f"{path}: the sampler's temperature must be finite, 0 or more, not {temperature!r:.40}"
        )
    return Sampling(method, steps, float(temperature))


def _palette(value: object) -> Uint8Array | None:
    if value is None:
        return None
    colours = _list(value)
    if not 1 <= len(colours) <= MAX_COLOURS or not all(re.fullmatch("[0-9a-fA-F]{8}", c) for c in colours):
        raise ValueError(f"the palette must be 1 to {MAX_COLOURS} colours as rrggbbaa")
    palette = np.array([list(bytes.fromhex(c)) for c in colours], dtype=np.uint8)
    if not np.isin(palette[:, 3], (0, 255)).all():
        raise ValueError("a palette's alpha is 00 or ff")
    return palette


def _check_against_plan(pack: PackFile) -> None:
    """The metadata must tell what the network does."""
    plan, size = pack.plan, pack.tile_size
    shapes = {name: plan.buffers[buffer].shape for name, buffer in plan.outputs.items()}
    fits = {
        "kinds": plan.kinds == len(pack.kinds) == len(set(pack.kinds)),
        "latent_size": plan.latent_size == pack.latent_size,
        "tile_size": shapes.get("indices", shapes.get("rgba", ()))[:2] == (size, size),
        "palette": _palette_fits(pack, shapes),
        "palette_size": _palette_size_fits(pack.palette_size, plan),
        "transparent": "rgba" not in shapes or shapes["rgba"][2] == (4 if pack.transparent else 3),
    }
    for field, fit in fits.items():
        if not fit:
            raise PackError(f"{pack.path}: the metadata's {field} does not fit the network")


def _palette_fits(pack: PackFile, shapes: Mapping[str, Shape]) -> bool:
    """A pack has a palette of its own, draws one, or has an RGBA head: one of the three."""
    if "rgba" in shapes:
        return pack.palette is None
    if "palette" in shapes:
        colours = pack.palette_size
        return pack.palette is None and prod(shapes["palette"]) in (3 * colours, 4 * colours)
    return pack.palette is not None and len(pack.palette) == pack.palette_size


def _palette_size_fits(colours: int, plan: Plan) -> bool:
    if "rgba" in plan.outputs:
        return colours == 0
    if plan.sampler is not None:
        return colours == plan.sampler.colours
    step = next(s for s in plan.steps if s.output == plan.outputs["indices"])
    entries, channels = plan.buffers[step.inputs[-1]].shape[0], plan.buffers[step.inputs[0]].shape[2]
    return (entries if step.op == "nearest" else channels) <= colours <= MAX_COLOURS
