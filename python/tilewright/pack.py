"""Packs: opening, checking and describing the one file that holds a generator."""

import json
import math
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tilewright import compiler
from tilewright.compiler import Sampling
from tilewright.errors import PackError, UsageError
from tilewright.plan import Plan

Uint8Array = npt.NDArray[np.uint8]

METADATA_KEY = "tilewright"
FORMAT_VERSION = 1
MAX_NAME = 200
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
            f"file: {self.path} ({len(self.content):,} bytes)",
            *(f"trained on: {s.name} by {s.author} ({s.licence})" for s in self.sources),
            "",
            str(self.plan),
        ]
        return "\n".join(lines)


def packs() -> tuple[str, ...]:
    """Names of the bundled packs, in alphabetical order."""
    return tuple(sorted(file.stem for file in BUNDLED.glob("*.onnx")))


def find_pack(name_or_path: str | Path) -> Path:
    """The file of a bundled pack's name, or of a path; UsageError if there is none."""
    text = str(name_or_path)
    if text in packs():
        return BUNDLED / f"{text}.onnx"
    path = Path(name_or_path)
    if not path.is_file():
        bundled = (
            f" or a bundled name ({', '.join(packs())})" if packs() else "; this copy has no bundled packs"
        )
        raise UsageError(f"load(): no pack {text!r}: give the path of an .onnx file{bundled}")
    return path


def open_pack(name_or_path: str | Path) -> PackFile:
    """Read, check and compile a pack; UsageError if there is no such file, PackError if it is not a pack."""
    path = find_pack(name_or_path)
    try:
        with path.open("rb") as file:
            content = file.read(compiler.MAX_FILE_BYTES + 1)
    except OSError as error:
        raise PackError(f"{path} cannot be read: {error.strerror}") from error
    return check_pack(content, path)


def check_pack(content: bytes, path: Path) -> PackFile:
    """The bytes of a pack, checked and compiled; `path` is only named in errors."""
    model = compiler.read_onnx(content, str(path))
    text = model.metadata(METADATA_KEY)
    if text is None:
        raise PackError(f"{path} is not a pack: an ONNX model without tilewright's metadata")
    try:
        values = json.loads(text)
        if values["format"] != FORMAT_VERSION:
            raise PackError(
                f"{path} has pack format {values['format']!r}; this tilewright reads format {FORMAT_VERSION}"
            )
        kinds = tuple(_text(kind) for kind in values["kinds"])
        palette = _palette(values["palette"])
        sources = tuple(
            Source(_text(s["name"]), _text(s["licence"]), _text(s["author"])) for s in values["sources"]
        )
        fields: dict[str, Any] = {
            "name": _text(values["name"]),
            "tile_size": _integer(values["tile_size"]),
            "palette_size": _integer(values["palette_size"]),
            "latent_size": _integer(values["latent_size"]),
            "transparent": _truth(values["transparent"]),
            "wrap": _truth(values["wrap"]),
            "data": dict(values["data"]),
            "training": dict(values["training"]),
        }
        sampling = _sampling(values.get("sampler"), path)
    except (ArithmeticError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        if isinstance(error, PackError):
            raise
        raise PackError(f"{path} has damaged metadata: {error!r}") from error
    try:
        plan = compiler.compile_graph(model.graph(), sampling)
    except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, PackError):
            raise
        # An attribute or a tensor that is not of the kind its operator has: only damage makes it.
        raise PackError(f"{path} is damaged: {error!r}") from error
    pack = PackFile(path, content, plan, kinds=kinds, palette=palette, sources=sources, **fields)
    _check_against_plan(pack)
    return pack


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_NAME or not value.isprintable():
        raise ValueError(f"not a printable text of at most {MAX_NAME} characters")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"not an integer: {value!r}")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"neither true nor false: {value!r}")
    return value


def _sampling(values: dict[str, Any] | None, path: Path) -> Sampling | None:
    if values is None:
        return None
    method, steps = values["method"], _integer(values["steps"])
    if method not in compiler.METHODS:
        raise PackError(
            f"{path}: the sampler's method must be {' or '.join(compiler.METHODS)}, not {method!r:.40}"
        )
    temperature = values["temperature"]
    if isinstance(temperature, bool) or not isinstance(temperature, (int, float)):
        raise ValueError(f"not a number: {temperature!r}")
    if not (math.isfinite(temperature) and temperature >= 0):
        raise PackError(f"{path}: the sampler's temperature must be finite, 0 or more, not {temperature}")
    return Sampling(method, steps, float(temperature))


def _palette(colours: list[str] | None) -> Uint8Array | None:
    if colours is None:
        return None
    palette = np.array([list(bytes.fromhex(c)) for c in colours], dtype=np.uint8)
    if palette.ndim != 2 or palette.shape[1] != 4 or not 1 <= len(palette) <= 256:
        raise ValueError("the palette must be 1 to 256 colours as rrggbbaa")
    if not np.isin(palette[:, 3], (0, 255)).all():
        raise ValueError("a palette's alpha is 00 or ff")
    return palette


def _check_against_plan(pack: PackFile) -> None:
    """The metadata must tell what the network does."""
    plan, size = pack.plan, pack.tile_size
    shapes = {name: plan.buffers[buffer].shape for name, buffer in plan.outputs.items()}
    colours = pack.palette_size
    fits = {
        "kinds": plan.kinds == len(pack.kinds) == len(set(pack.kinds)),
        "latent_size": plan.latent_size == pack.latent_size,
        "tile_size": shapes.get("indices", shapes.get("rgba", ()))[:2] == (size, size),
        "palette": ("rgba" in shapes)
        or (pack.palette is not None and len(pack.palette) == colours)
        or prod(shapes.get("palette", ())) in (3 * colours, 4 * colours),
        "palette_size": "rgba" in shapes or _palette_size_fits(colours, plan),
        "transparent": "rgba" not in shapes or shapes["rgba"][2:] == ((4,) if pack.transparent else (3,)),
    }
    for field, fit in fits.items():
        if not fit:
            raise PackError(f"{pack.path}: the metadata's {field} does not fit the network")


def _palette_size_fits(colours: int, plan: Plan) -> bool:
    if plan.sampler is not None:
        return colours == plan.sampler.colours
    return colours >= _largest_index(plan) + 1


def _largest_index(plan: Plan) -> int:
    step = next(s for s in plan.steps if s.output == plan.outputs["indices"])
    if step.op == "nearest":
        return plan.buffers[step.inputs[1]].shape[0] - 1
    if step.op != "argmax":
        raise PackError("a pack's indices must come from an ArgMax or an ArgMin")
    return plan.buffers[step.inputs[0]].shape[2] - 1
