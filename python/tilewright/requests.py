"""The checked arguments of a call that generates tiles."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tilewright.arrays import AnyArray, Uint8Array
from tilewright.checks import check_range, check_truth
from tilewright.compiler.sampling_options import read_latent_table, read_options
from tilewright.devices import parse_device
from tilewright.engine import default_floats
from tilewright.errors import UsageError
from tilewright.heads import Tokens
from tilewright.pack import PackFile
from tilewright.palette import PaletteLike, as_palette
from tilewright.seeds import check_seed, draw_words
from tilewright.settings import default_threads
from tilewright.streams import Stream
from tilewright.vocabulary import WordsLike, likely_kinds, read_words

MAX_COUNT = 1 << 24
KindLike = str | Sequence[str] | AnyArray


@dataclass(eq=False, slots=True)  # a frozen one takes a microsecond more to make
class Request:
    """The arguments of a call.

    given: arguments of `Engine.run` that the caller gives, by name; others are drawn from the seed.
    per_tile: those that have a row for each tile. cell: pixels along the edge of a cell of `kind_maps`. sheets: whether
    each frame has the kind of its place. finish: whether sheets are completed from their first frames, with the copies
    that the pack states, and gate: whether tiles with faults are drawn again (Runner). device, gpu, threads: where to
    run, see `place`.
    """

    caller: str
    count: int
    seed: int
    start: int
    palette: Uint8Array | None
    given: dict[str, Any] = field(default_factory=dict)
    per_tile: tuple[str, ...] = ()
    cell: int = 1
    sheets: bool = False
    finish: bool = False
    gate: bool = False
    device: str = "cpu"
    gpu: int | None = None
    threads: int = 1

    def place(self, device: str, threads: int | None, only_gpus: bool = False) -> None:
        """Set where to run: the device, with the number of its GPU if it names one, and the number of CPU threads."""
        self.device, self.gpu = device, parse_device(device, self.caller, only_gpus)
        self.threads = (
            default_threads() if threads is None else check_range(threads, "threads", 0, 1024, self.caller)
        )

    def finish_with(self, gate: bool) -> None:
        """Ask for whole sheets, and for tiles without faults if `gate` is True. Raises UsageError for another type."""
        self.finish, self.gate = True, check_truth(gate, "gate", self.caller)

    def part(self, done: int, count: int) -> "Request":
        """Return the request for `count` tiles after the first `done`."""
        rows = {name: self.given[name][done : done + count] for name in self.per_tile}
        return replace(self, count=count, start=(self.start + done) % 2**64, given={**self.given, **rows})

    def give(self, name: str, value: AnyArray, axes: int) -> None:
        """Add an argument, which has a row for each tile if it has `axes` axes."""
        self.given[name] = value
        if value.ndim == axes:
            self.per_tile += (name,)

    @property
    def kind_maps(self) -> Uint8Array | None:
        """uint8 (count, H, W): the kind of each cell, or None if each tile has one kind."""
        maps = self.given.get("kind_maps")
        if maps is None:
            return None
        cells = maps[..., :: self.cell, :: self.cell]
        return np.broadcast_to(cells, (self.count, *cells.shape[-2:]))


def read_request(
    file: PackFile,
    caller: str,
    count: int,
    most: int,
    kind: KindLike | None,
    words: WordsLike | None,
    seed: int,
    start: int,
    palette: PaletteLike | None,
) -> Request:
    """Check the arguments of `Pack.generate` and similar methods. Raises UsageError for invalid ones."""
    if palette is not None and isinstance(file.head, Tokens):
        raise UsageError(f"{caller}: {file.name} generates tokens, which take no palette")
    count = check_range(count, "count", 0, most, caller)
    colours = None if palette is None else as_palette(palette, caller)
    start = check_range(start, "start", 0, 2**64 - 1, caller)
    request = Request(caller, count, check_seed(seed, caller), start, colours, cell=file.cell)
    if kind is not None:
        _read_kind(file, kind, request)
    elif (frame_kinds := file.frame_kinds) is not None:
        request.give("kind_maps", frame_kinds, 3)
        request.sheets = True
    if words is not None:
        vectors = read_words(words, file.words, count, file.name, caller)
        request.give("words", vectors, 2)
        if kind is None and file.word_kinds:
            request.give("kind_bounds", likely_kinds(vectors, file.word_kinds), 2)
    return request


def choose_kinds(request: Request) -> None:
    """Draw the kinds of a request that gives words only, from those that are likely for them."""
    bounds = request.given.pop("kind_bounds", None)
    if bounds is None:
        return
    request.per_tile = tuple(name for name in request.per_tile if name != "kind_bounds")
    if not {"kinds", "kind_maps"} & request.given.keys():
        numbers = request.given.get("tile_numbers", request.start)
        drawn = draw_words(request.seed, numbers, request.count, 1, Stream.KIND)[:, :1]
        request.give("kinds", (bounds <= drawn).sum(axis=-1).astype(np.int32), 1)


def give_sampling(
    file: PackFile,
    request: Request,
    order: str | None,
    refine: int | None,
    begin: float | None,
    temperature: float | None,
) -> None:
    """Add the options of a sampler, or the temperature of latents. None leaves the choice to the pack.

    Raises UsageError for invalid ones.
    """
    if order is None and refine is None and begin is None and temperature is None:
        return
    if (
        file.plan.latent_size > 0
        and temperature is not None
        and all(o is None for o in (order, refine, begin))
    ):
        request.given["latent_table"] = read_latent_table(temperature, request.caller)
        return
    with default_floats():  # the table of noise is computed here
        request.given["sampling"] = read_options(
            file.plan, order, refine, begin, temperature, name=file.name, caller=request.caller
        )


def _read_kind(file: PackFile, kind: KindLike, request: Request) -> None:
    caller = request.caller
    if isinstance(kind, np.ndarray) and kind.dtype.kind in "iu":
        request.give("kind_maps", _kind_maps(file, kind, request), 3)
        return
    if isinstance(kind, str):
        request.given["kinds"] = kind_number(file, kind, f"{caller}: ")
        return
    if not isinstance(kind, (Sequence, np.ndarray)) or isinstance(kind, (bytes, bytearray)):
        ways = ", or an integer array with a kind per cell" if file.kind_map else ""
        raise UsageError(
            f"{caller}: kind must be a name, or a sequence with a name per tile{ways}, not {kind!r:.60}"
        )
    if len(kind) != request.count:
        raise UsageError(
            f"{caller}: kind has {len(kind)} names for {request.count} tiles: give one name, or one per tile"
        )
    ids = (kind_number(file, name, f"{caller}: kind[{i}]: ") for i, name in enumerate(kind))
    request.give("kinds", np.fromiter(ids, np.int32, request.count), 1)


def kind_number(file: PackFile, name: object, where: str) -> int:
    """Return the number of a kind. Raises UsageError, whose text begins with `where`, if the pack lacks it."""
    if not isinstance(name, str) or name not in file.kinds:
        raise UsageError(f"{where}unknown kind {name!r:.60}; {file.name} has {', '.join(file.kinds)}")
    return file.kinds.index(name)


def _kind_maps(file: PackFile, kind: AnyArray, request: Request) -> Uint8Array:
    """Return the kind of each cell, uint8 (H, W) or (count, H, W)."""
    caller, cell = request.caller, file.cell
    if not file.kind_map:
        raise UsageError(
            f"{caller}: {file.name} has one kind per tile, not per cell: kind must be a name, or a name per tile"
        )
    height, width = file.shape
    shape = (height // cell, width // cell)
    each = (request.count, *shape)
    if kind.shape not in (shape, each):
        raise UsageError(
            f"{caller}: an array of kinds of {file.name} must be {shape} or {each}, a kind per cell, not {kind.shape}"
        )
    return np.ascontiguousarray(checked_kinds(file, kind, caller).repeat(cell, axis=-2).repeat(cell, axis=-1))


def checked_kinds(file: PackFile, kind: AnyArray, caller: str) -> Uint8Array:
    """Return an array of kind numbers as uint8. Raises UsageError for a number that is not a kind."""
    wrong = (kind < 0) | (kind >= len(file.kinds))
    if wrong.any():
        at = tuple(int(i) for i in np.unravel_index(wrong.argmax(), kind.shape))
        names = ", ".join(f"{number} ({name})" for number, name in enumerate(file.kinds))
        raise UsageError(f"{caller}: kind{list(at)} is {kind[at]}; the kinds of {file.name} are {names}")
    return kind.astype(np.uint8)
