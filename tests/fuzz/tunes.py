"""Random packs of grids of tokens, and random requests of them: given cells and tunes. A target of targets.py."""

import json
import zlib
from collections import Counter
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnx

from tilewright import music
from tilewright.errors import PackError, TilewrightError, UsageError
from tilewright.generator import Pack
from tilewright.heads import Tokens
from tilewright.music.moods import KEYS, MOODS
from tilewright.pack import METADATA_KEY, check_pack
from tilewright.refused_texts import PARTS, RefusedTexts
from tilewright.score import Score
from tilewright.training_texts import TrainingTexts

from ..step_networks import grid_tokens_pack
from .damage_model import change_metadata
from .packs import FindingError, one_line
from .values import any_value

ALPHABETS = (
    ("-", ".", "60", "62", "64", "127"),
    ("-", ".", "0", "1", "126"),
    ("-", "60", "62"),
    (".", "60", "62"),
    ("60", "61"),
    ("-", ".", "-", "60"),
    ("-", ".", "060", "60"),
    ("-", ".", "128"),
    ("", "-", "."),
    ("a", "b", "c"),
)
EDGES = ((4, 64), (4, 64), (4, 64), (3, 64), (4, 32), (1, 8), (2, 5))


@lru_cache(maxsize=64)
def _intact(edges: tuple[int, int], alphabet: tuple[str, ...], kinds: int) -> bytes:
    return grid_tokens_pack(edges, alphabet, kinds)


def make_tunes(seed: int) -> bytes:
    """Make a pack of grids of tokens, which may generate tunes, with changed metadata or not."""
    rng = Random(seed)
    edges, alphabet, kinds = rng.choice(EDGES), rng.choice(ALPHABETS), rng.choice((2, 3))
    content = _intact(edges, alphabet, kinds)
    model = onnx.ModelProto.FromString(content)
    if edges[0] == 1:
        _refuse_texts(rng, model, alphabet)
    if rng.random() < 0.4:
        return bytes(model.SerializeToString(deterministic=True))
    for _ in range(rng.choice((1, 1, 2))):
        change_metadata(rng, model)
    return bytes(model.SerializeToString(deterministic=True))


def _refuse_texts(rng: Random, model: onnx.ModelProto, alphabet: tuple[str, ...]) -> None:
    """Add texts of the alphabet that the pack must not generate."""
    texts = ["".join(rng.choices(alphabet, k=rng.randint(1, 4))) for _ in range(8)]
    parts = [text for text in texts if len(text) in PARTS]
    options = {"shortest": rng.randint(0, 3), "shapes": rng.choice(((), ("a", "0")))}
    refused = RefusedTexts.of(texts[:2], parts[:1], texts[2:5], [0, 1, 1], **options)
    training = TrainingTexts.of(texts[5:], [0, 1, 1], 2)
    (entry,) = (entry for entry in model.metadata_props if entry.key == METADATA_KEY)
    fields = {"training_texts": training.to_metadata(), "refused_texts": refused.to_metadata(), "format": 2}
    entry.value = json.dumps(json.loads(entry.value) | fields)


def check_tunes(content: bytes) -> Counter[str]:
    """Open a pack, generate parts of its grids anew, and compose; errors are one printable line."""
    try:
        pack = Pack(check_pack(content, Path("tunes.onnx")))
    except PackError as error:
        one_line(error)
        return Counter(refused=1)
    rng = Random(zlib.crc32(content))
    counts = Counter(loaded=1)
    if isinstance(pack.file.head, Tokens):
        pack.generate(3, seed=rng.getrandbits(64))
        for _ in range(2):
            counts += _inpaint(pack, rng)
        counts += _compose(pack, rng)
    return counts


def _inpaint(pack: Pack, rng: Random) -> Counter[str]:
    generator = np.random.default_rng(rng.getrandbits(64))
    count, entries = rng.choice((0, 1, 2)), len(pack.alphabet)
    grids = generator.integers(0, entries + rng.choice((0, 0, 0, 1)), (count, *pack.shape)).astype(np.uint8)
    mask = generator.random(rng.choice((grids.shape, pack.shape))) < 0.3
    allowed: Any = (
        generator.random(
            rng.choice(((entries,), (entries,), (count, entries), (count, entries), (count, entries + 1)))
        )
        < 0.8
    )
    options = {
        name: rng.choice(values)
        for name, values in {
            "allowed": (None, allowed, allowed, allowed, allowed.astype(int)),
            "refine": (None, None, 0, 1, 2, -1),
            "temperature": (None, None, 0, 0.5, 1.0, "warm"),
            "order": (None, None, None, "raster", "halton", "odd"),
        }.items()
    }
    try:
        drawn = pack.inpaint(grids, mask, seed=rng.getrandbits(64), **options).indices
    except UsageError as error:
        one_line(error)
        return Counter({"given, refused": 1})
    masks = np.broadcast_to(mask, grids.shape)
    if drawn is None or drawn.shape != grids.shape or not np.array_equal(drawn[~masks], grids[~masks]):
        raise FindingError("inpaint() changed what is outside of the mask")
    if drawn.size and drawn.max() >= entries:
        raise FindingError(f"inpaint() drew symbol {drawn.max()} of {entries}")
    if options["allowed"] is allowed and drawn.size:
        each = np.broadcast_to(allowed, (count, entries))
        if not np.take_along_axis(each, drawn.reshape(count, -1), axis=1)[masks.reshape(count, -1)].all():
            raise FindingError("inpaint() drew a symbol that is not allowed")
    return Counter({"given": 1})


def _mood(rng: Random, pack: Pack) -> Any:
    if rng.random() < 0.2:
        return rng.choice((*MOODS, any_value(rng)))
    fields = {**vars(MOODS["calm"]), "kind": rng.choice(pack.kinds)}
    if rng.random() < 0.2:
        fields[rng.choice(sorted(fields))] = any_value(rng)
    return music.Mood(**fields)


def _compose(pack: Pack, rng: Random) -> Counter[str]:
    odd = rng.random() < 0.3
    arguments: dict[str, Any] = {
        "bars": rng.choice((1, 2, 3, 5, 8)),
        "key": rng.choice((None, *KEYS)),
        "tempo": rng.choice((None, 20, 400)),
        "seed": rng.getrandbits(64),
        "start": rng.getrandbits(64),
    }
    if odd:
        arguments[rng.choice(sorted(arguments))] = any_value(rng)
    count = rng.choice((0, 1, 2))
    try:
        arguments["mood"] = _mood(rng, pack)
        tunes = music.compose_many(count, pack=pack, threads=1, **arguments)
    except TilewrightError as error:
        one_line(error)
        return Counter({"no tune": 1})
    if len(tunes) != count or not all(isinstance(tune, Score) for tune in tunes):
        raise FindingError(f"compose_many({count}) returned {len(tunes)} tunes")
    return Counter({"tunes": count})
