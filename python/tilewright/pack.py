"""Packs: find, open, check and describe the file of a generator."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tilewright import compiler, motion
from tilewright.arrays import Int32Array, Uint8Array
from tilewright.canvas import Grid
from tilewright.compiler import Sampling
from tilewright.compiler.sampling import AUTOREGRESSIVE, MASKED
from tilewright.compiler.sampling_options import MAX_REFINE, ORDERS, WHOLE
from tilewright.critic import Critic
from tilewright.errors import NotFoundError, PackError, UsageError, printable
from tilewright.heads import HEADS, Frames, Head, Pixels, Tokens
from tilewright.json_fields import as_bytes, as_integer, as_list, as_object, as_text, as_truth
from tilewright.plan import KIND_MAP, WORDS, Plan
from tilewright.refused_texts import RefusedTexts
from tilewright.text_gate import TextGate
from tilewright.texture import FEATURES, PARTS
from tilewright.training_pictures import TrainingPictures
from tilewright.training_texts import TrainingTexts
from tilewright.upsampling import PHASES
from tilewright.vocabulary import KindCounts, read_kind_counts, read_vocabulary

METADATA_KEY = "tilewright"
FORMAT_VERSION = 3  # the newest; all versions from 1 on are read
MAX_METADATA = 4 << 20
MAX_UPSAMPLER = 2 << 20  # bytes of its file
SAMPLER_OPTIONS = ("order", "refine", "begin")  # of a masked sampler, in format 2
_NOT_OF_UPSAMPLERS = ("upsampler", "words", "critic", "training_pictures", "training_texts", "refused_texts")
_KNOWN_ART = ("training_texts", "refused_texts", "training_pictures", "critic")
BUNDLED = Path(__file__).parent / "packs"

Gate = Callable[[Uint8Array, Int32Array], Uint8Array]
"""Maps indices (N, H, W) and kinds (N,) to faults, uint8 (N,): 0 is none, and a greater number is worse."""


@dataclass(frozen=True)
class Source:
    """Art on which a pack was trained."""

    name: str
    licence: str
    author: str

    @property
    def license(self) -> str:
        """Alias of `licence`."""
        return self.licence


@dataclass(frozen=True, eq=False)
class PackFile:
    """A checked pack file: its bytes, its metadata, and the plan to execute.

    head: interprets the network's outputs; has the palette and the tile size. kind_map: it takes a kind per cell.
    cell: pixels along the edge of such a cell. words: that it takes. texture: of the art of each kind
    (texture.py), or empty. training_texts, refused_texts, training_pictures: that it must not generate.
    critic: of its pictures, or None. word_kinds: which kinds have which words (vocabulary.py), or empty. upsampler: the
    pack that draws pictures of twice the size from those of the network (upsampling.py), or None.
    """

    path: Path
    content: bytes
    plan: Plan
    name: str
    kinds: tuple[str, ...]
    head: Head
    latent_size: int
    sources: tuple[Source, ...]
    data: dict[str, Any]
    training: dict[str, Any]
    kind_map: bool = False
    words: tuple[str, ...] = ()
    cell: int = 1
    texture: tuple[tuple[int, ...], ...] = ()
    training_texts: TrainingTexts | None = None
    refused_texts: RefusedTexts | None = None
    training_pictures: TrainingPictures | None = None
    critic: Critic | None = None
    word_kinds: KindCounts = ()
    upsampler: "PackFile | None" = None

    @property
    def gate(self) -> Gate | None:
        """What finds faults in pictures and texts, apart from the critic; None if nothing does."""
        head = self.head
        if isinstance(head, Tokens):
            known = self.training_texts, self.refused_texts
            return TextGate(head.alphabet, *known) if any(texts is not None for texts in known) else None
        if isinstance(head, Frames) and self.frame_kinds is not None and head.palette is not None:
            return partial(motion.faults, sheet=(head.sheet.rows, head.sheet.columns), palette=head.palette)
        return None if self.training_pictures is None else self.training_pictures.faults

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the pictures."""
        return self.drawn if self.upsampler is None else self.upsampler.drawn

    @property
    def drawn(self) -> tuple[int, int]:
        """Height and width of the pictures of the network, before an upsampler."""
        if isinstance(self.head, Frames):
            return self.head.height, self.head.width
        outputs = self.plan.outputs
        height, width, *_ = self.plan.buffers[outputs["indices" if "indices" in outputs else "rgba"]].shape
        return height, width

    @property
    def draws_columns(self) -> bool:
        """Whether the network draws the frames of a sheet as a column."""
        return isinstance(self.head, Frames) and self.head.sheet.column

    @property
    def has_texts(self) -> bool:
        """Whether the grids of the pack are texts."""
        return isinstance(self.head, Tokens) and 1 in self.shape

    @property
    def frame_kinds(self) -> Uint8Array | None:
        """The kind of each pixel of a sheet, uint8 (H, W), if the pack has a kind for each frame, in order; or None."""
        head = self.head
        if not (isinstance(head, Frames) and self.kind_map and len(self.kinds) == head.sheet.count > 1):
            return None
        kinds = np.arange(len(self.kinds), dtype=np.uint8).reshape(head.sheet.rows, head.sheet.columns)
        height, width = head.frame
        return kinds.repeat(height, axis=0).repeat(width, axis=1)

    @property
    def abilities(self) -> tuple[str, ...]:
        """What callers can ask for besides a kind for each picture: conditions, methods, options of a sampler."""
        sampler = self.plan.sampler
        whole = self.upsampler is None
        own_entries = whole and (self.head.palette is not None or isinstance(self.head, Tokens))
        samples = sampler is not None
        height, width = self.shape
        cells = f"{height // self.cell}x{width // self.cell}"
        found = {
            f"a kind per cell ({cells})": self.kind_map,
            f"{len(self.words)} words (`tilewright words`)": bool(self.words),
            "animate()": samples and self.frame_kinds is not None,
            "inpaint()": samples and own_entries,
            "variations()": own_entries if samples else self.latent_size > 0,
            "interpolate()": not samples and self.latent_size > 0,
            "upsample()": not whole,
            "paint()": sampler is not None
            and self.kind_map
            and not self.draws_columns
            and Grid(self.shape, self.cell, sampler.colours).fits(),
            "order, refine, begin": sampler is not None and sampler.method == MASKED,
            "temperature": samples or self.latent_size > 0,
        }
        return tuple(name for name, possible in found.items() if possible)

    @property
    def _drawn_again(self) -> str:
        """What the gate draws again."""
        if self.frame_kinds is not None:
            rejected = " and what the critic rejects" if self.critic is not None else ""
            return f"characters that move further than those of artists{rejected} (gate)"
        if self.training_pictures is not None or self.critic is not None:
            count = 0 if self.training_pictures is None else len(self.training_pictures.codes)
            found = [f"copies of {count:,} training pictures"] * bool(count)
            found += ["what is unlike all of its kind"] * (self.training_pictures is not None)
            found += ["what the critic rejects"] * (self.critic is not None)
            return f"{', '.join(found)} (gate)"
        count = 0 if self.training_texts is None else len(self.training_texts.hashes)
        texts = [f"what is near {count:,} training texts"] * bool(count)
        texts += ["rude, short and common texts"] * (self.refused_texts is not None)
        return f"{', '.join(texts)} (gate)" if texts else ""

    @property
    def licence(self) -> str:
        """The licences of all sources without duplicates."""
        return ", ".join(dict.fromkeys(source.licence for source in self.sources)) or "unknown"

    def __str__(self) -> str:
        """A few lines of metadata, then the plan as a table."""
        height, width = self.shape
        size = "" if self.upsampler is None else f"{width}x{height} from "
        lines = [
            f"{self.name}: {size}{self.head}",
            f"kinds: {', '.join(self.kinds)}",
            *([f"takes: {', '.join(self.abilities)}"] if self.abilities else []),
            *([f"draws again: {known}"] if (known := self._drawn_again) else []),
            f"file: {printable(self.path)} ({len(self.content):,} bytes)",
            *(f"trained on: {s.name} by {s.author} ({s.licence})" for s in self.sources),
            "",
            str(self.plan),
        ]
        if self.upsampler is not None:
            lines += ["", f"upsampler to {width}x{height}:", str(self.upsampler.plan)]
        return "\n".join(lines)


def lowest_format(metadata: Mapping[str, Any]) -> int:
    """Return the lowest version of the format that has all fields of `metadata`, which needs no "format"."""
    if "upsampler" in metadata:
        return 3
    sampler = metadata.get("sampler") or {}
    options = any(sampler.get(name) is not None for name in SAMPLER_OPTIONS)
    return (
        2
        if metadata.get("kind_map")
        or metadata.get("words")
        or {"cell", "rows", "copies", "column", "word_kinds", *_KNOWN_ART} & set(metadata)
        or options
        else 1
    )


def packs() -> tuple[str, ...]:
    """Return the names of the bundled packs in alphabetical order."""
    return tuple(sorted(file.stem for file in BUNDLED.glob("*.onnx")))


def find_pack(name_or_path: str | Path, caller: str = "load()") -> Path:
    """Return the file of a bundled pack's name or of a path. Raises NotFoundError if there is none."""
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
    except (OSError, ValueError):  # a name that the file system rejects
        folder = False
    if folder and (path / "checkpoints").is_dir():
        raise UsageError(
            f"{caller}: {path} is a run folder, not a pack: `tilewright export {path} -o mine.onnx` makes one of it"
        )
    if folder:
        raise UsageError(f"{caller}: {path} is a folder: name an .onnx file in it")
    names = f" or a bundled name ({', '.join(bundled)})" if bundled else "; this copy has no bundled packs"
    raise NotFoundError(
        f"{caller}: no pack {str(name_or_path)!r:.100}: give the path of an .onnx file{names}"
    )


def open_pack(name_or_path: str | Path, caller: str = "load()") -> PackFile:
    """Read, check and compile a pack. Raises NotFoundError for a missing file, PackError for an invalid one."""
    path = find_pack(name_or_path, caller)
    try:
        with path.open("rb") as file:
            content = file.read(compiler.MAX_FILE_BYTES + 1)
    except OSError as error:
        raise PackError(f"{path} cannot be read: {error.strerror}") from error
    return check_pack(content, path)


# Exceptions that damaged files can cause: attributes, tensors and fields of unexpected types.
_DAMAGE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def check_pack(content: bytes, path: Path) -> PackFile:
    """Check and compile the bytes of a pack. `path` is used in errors only. Raises PackError for any fault."""
    try:
        # A float out of range is damage, unless the code that computes it states otherwise.
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            return _checked(content, path)
    except _DAMAGE as error:
        if isinstance(error, PackError):
            raise
        raise PackError(f"{path} is damaged: {error!r:.200}") from error


def _checked(content: bytes, path: Path, upsamples: bool = False) -> PackFile:
    """Check and compile a pack, or the upsampler of one."""
    model = compiler.read_onnx(content, str(path))
    text = model.metadata(METADATA_KEY)
    if text is None:
        raise PackError(f"{path} is not a pack: an ONNX model without tilewright's metadata")
    if len(text) > MAX_METADATA:
        raise PackError(f"{path} has metadata of more than {MAX_METADATA} characters")
    try:
        fields, sampling = _read_metadata(text, path, upsamples)
    except _DAMAGE as error:
        if isinstance(error, PackError):
            raise
        raise PackError(f"{path} has damaged metadata: {error!r:.200}") from error
    plan = compiler.compile_graph(model.graph(), sampling)
    pack = PackFile(path, content, plan, **fields)
    _check_against_plan(pack)
    return pack


def _read_metadata(text: str, path: Path, upsamples: bool) -> tuple[dict[str, Any], Sampling | None]:
    """Return the fields of a PackFile that the metadata gives, and the sampler's."""
    values = as_object(json.loads(text))
    version = values["format"]
    if isinstance(version, bool) or version not in range(1, FORMAT_VERSION + 1):
        raise PackError(
            f"{path} has pack format {version!r:.40}; this tilewright reads the formats 1 to {FORMAT_VERSION}"
        )
    others = [name for name in _NOT_OF_UPSAMPLERS if upsamples and name in values]
    if others:
        raise ValueError(f"an upsampler has no {others[0]}")
    name = values.get("head", "pixels")
    if name not in HEADS:
        raise PackError(f"{path}: the head must be {' or '.join(HEADS)}, not {name!r:.40}")
    fields: dict[str, Any] = {
        "name": as_text(values["name"]),
        "kinds": tuple(as_text(kind) for kind in as_list(values["kinds"])),
        "head": HEADS[name].from_metadata(
            values if version >= 2 else {**values, "rows": 1, "copies": [], "column": False}
        ),
        "latent_size": as_integer(values["latent_size"]),
        "sources": tuple(
            Source(as_text(s["name"]), as_text(s["licence"]), as_text(s["author"]))
            for s in map(as_object, as_list(values["sources"]))
        ),
        "data": as_object(values["data"]),
        "training": as_object(values["training"]),
    }
    if version >= 2:
        fields["kind_map"] = as_truth(values.get("kind_map", False))
        fields["cell"] = as_integer(values.get("cell", 1))
        fields["texture"] = _texture(values.get("texture", []))
        fields["words"] = read_vocabulary(values["words"]) if "words" in values else ()
        if "word_kinds" in values:
            counts = values["word_kinds"], len(fields["words"]), len(fields["kinds"])
            fields["word_kinds"] = read_kind_counts(*counts)
        if "training_texts" in values:
            fields["training_texts"] = TrainingTexts.from_metadata(
                values["training_texts"], len(fields["kinds"])
            )
        if "refused_texts" in values:
            fields["refused_texts"] = RefusedTexts.from_metadata(values["refused_texts"])
        if "training_pictures" in values:
            head, kinds = fields["head"], len(fields["kinds"])
            if isinstance(head, Tokens):
                raise ValueError("training_pictures are not for tokens")
            fields["training_pictures"] = TrainingPictures.from_metadata(
                values["training_pictures"], kinds, head.palette, head.height * head.width
            )
        if "critic" in values:
            head = fields["head"]
            if isinstance(head, Tokens) or head.palette is None:
                raise ValueError("a critic is for pictures of a palette")
            size = head.height, head.width
            # With a kind per cell, it judges whole sheets; otherwise pictures of each kind.
            judged = 1 if fields["kind_map"] else len(fields["kinds"])
            fields["critic"] = Critic.from_metadata(values["critic"], judged, size)
    if version >= 3 and "upsampler" in values:
        fields["upsampler"] = _upsampler(values["upsampler"], path)
    return fields, _sampling(values.get("sampler"), version, path)


def _upsampler(value: object, path: Path) -> PackFile:
    content = as_bytes(value, MAX_UPSAMPLER)
    try:
        return _checked(content, path, upsamples=True)
    except PackError as error:
        raise PackError(f"the upsampler of the pack: {error}") from error


def _texture(value: object) -> tuple[tuple[int, ...], ...]:
    found = tuple(tuple(map(as_integer, as_list(shares))) for shares in as_list(value))
    if any(len(shares) != FEATURES or not all(0 <= n <= PARTS for n in shares) for shares in found):
        raise ValueError(f"not {FEATURES} shares of {PARTS} for each kind: {value!r:.60}")
    return found


def _sampling(value: object, version: int, path: Path) -> Sampling | None:
    if value is None:
        return None
    values = as_object(value)
    method, steps = values["method"], as_integer(values["steps"])
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
    sampling = Sampling(method, steps, float(temperature))
    given = {name: values[name] for name in SAMPLER_OPTIONS if version >= 2 and name in values}
    if given and method == AUTOREGRESSIVE:
        raise PackError(
            f"{path}: {', '.join(given)} of the sampler are for the method {MASKED}, not {method}"
        )
    order, refine, begin = given.get("order", "random"), given.get("refine", 0), given.get("begin", 0)
    if order not in ORDERS:
        raise PackError(f"{path}: the sampler's order must be {' or '.join(ORDERS)}, not {order!r:.40}")
    if not 0 <= as_integer(refine) <= MAX_REFINE:
        raise PackError(f"{path}: the sampler's refine must be in 0..{MAX_REFINE}, not {refine!r:.40}")
    if isinstance(begin, bool) or not isinstance(begin, (int, float)) or not 0 <= begin <= 1:
        raise PackError(f"{path}: the sampler's begin must be in 0..1, not {begin!r:.40}")
    return replace(sampling, order=order, refine=refine, begin=round(begin * WHOLE))


def _check_against_plan(pack: PackFile) -> None:
    """Raise PackError if the metadata contradicts the network."""
    plan = pack.plan
    wrong = None
    if not plan.kinds == len(pack.kinds) == len(set(pack.kinds)):
        wrong = "kinds"
    elif plan.latent_size != pack.latent_size:
        wrong = "latent_size"
    elif (plan.input_shape(KIND_MAP) is not None) != pack.kind_map:
        wrong = "kind_map"
    elif pack.cell != 1 and not (
        pack.kind_map and pack.cell > 1 and all(n % pack.cell == 0 for n in pack.shape)
    ):
        wrong = "cell"
    elif len(pack.texture) not in (0, len(pack.kinds)):
        wrong = "texture"
    elif (plan.input_shape(WORDS) or (0,)) != (len(pack.words),):
        wrong = "words"
    elif pack.training_texts is not None and not pack.has_texts:
        wrong = "training_texts"
    elif pack.refused_texts is not None and not pack.has_texts:
        wrong = "refused_texts"
    elif pack.training_pictures is not None and pack.kind_map:
        wrong = "training_pictures"
    elif pack.critic is not None and pack.kind_map and pack.frame_kinds is None:
        wrong = "critic"
    elif pack.upsampler is not None and upsampler_misfit(pack, pack.upsampler):
        wrong = "upsampler"
    if wrong := wrong or pack.head.misfit(plan):
        raise PackError(f"{pack.path}: the metadata's {wrong} does not fit the network")


def upsampler_misfit(pack: PackFile, upsampler: PackFile) -> str | None:
    """Return why `upsampler` cannot double the size of the pictures of `pack`, or None."""
    ours, theirs = pack.head.palette, upsampler.head.palette
    height, width = pack.drawn
    if type(pack.head) is not Pixels or pack.kind_map or pack.head.wrap or ours is None:
        return "the first network must generate squares in a palette, of a kind each, that do not wrap"
    if type(upsampler.head) is not Pixels or upsampler.plan.sampler is None:
        return "it is not a step network for squares"
    if not upsampler.kind_map or upsampler.cell != 1 or len(upsampler.kinds) != PHASES * len(ours):
        return f"it does not have {PHASES * len(ours)} kinds for its pixels"
    if upsampler.drawn != (2 * height, 2 * width):
        return f"it does not draw {2 * width}x{2 * height} pixels"
    same = theirs is not None and np.array_equal(ours, theirs)
    return None if same else "its palette is another"
