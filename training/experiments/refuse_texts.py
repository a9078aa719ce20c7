"""Let a pack of texts refuse rude words, short and odd texts, and those that it draws so often that they repeat.

    python -m tilewright_training.experiments.refuse_texts PACK TEXTS WORDS -o OUT

TEXTS: the folder that the pack was trained on. WORDS: a file of rude words, one a line. A word of four to eight
letters is refused inside of other words too, unless several training texts contain it. The network stays the same.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
from rich.console import Console

from tilewright.batches import TokenBatch
from tilewright.errors import TilewrightError, UsageError
from tilewright.files import read_text, write_atomically
from tilewright.generator import Pack
from tilewright.pack import METADATA_KEY, check_pack, lowest_format, open_pack
from tilewright.refused_texts import MAX_SHAPES, PARTS, RefusedTexts, shape_of

from ..data.tokens import read_tokens, texts_of

SHORTEST = 3  # letters
NATURAL = 3  # training texts with a part, from which on it is no rude word there
OFTEN = 2  # draws, from which on a text is common
SEED = 20  # another than the usual ones, by which duplicates are counted


def refuse_texts(
    pack: str,
    folder: Path,
    words: Path,
    output: Path,
    draws: int,
    kinds: Sequence[str],
    temperature: float | None,
) -> None:
    """Write the pack with texts that it refuses, and with another temperature, to `output`.

    kinds: those whose common texts are refused, or none for all.
    """
    file = open_pack(pack, "refuse_texts")
    if not file.has_texts:
        raise UsageError(f"refuse_texts: {file.name} generates {file.head.content}, not texts")
    rude = rude_words(read_text(words))
    texts = texts_of(read_tokens([folder], file.shape)[0])
    known = [text.casefold() for text in texts]
    parts = [word for word in rude if len(word) in PARTS and sum(word in text for text in known) < NATURAL]
    changes: dict[str, Any] = {}
    if temperature is not None:
        changes["temperature"] = temperature
    first = RefusedTexts.of(rude, parts, shortest=SHORTEST)
    content = _changed(file.content, first, changes)
    common, numbers = common_texts(Pack(check_pack(content, output)), draws, kinds)
    shapes = set(map(shape_of, texts))
    whole = RefusedTexts.of(
        rude, parts, common, numbers, SHORTEST, shapes if len(shapes) <= MAX_SHAPES else ()
    )
    content = _changed(file.content, whole, changes)
    check_pack(content, output)
    write_atomically(output, content)
    print(f"{len(rude)} words, {len(parts)} of them as parts, and {len(common)} common texts: {output}")


def rude_words(text: str) -> list[str]:
    """Return the words of letters alone of a list, without duplicates."""
    return [word for word in dict.fromkeys(text.lower().split("\n")) if re.fullmatch("[a-z]{3,}", word)]


def common_texts(pack: Pack, draws: int, kinds: Sequence[str]) -> tuple[Sequence[str], Sequence[int]]:
    """Return the texts that `draws` draws of a kind give OFTEN times or more, and the numbers of their kinds."""
    found: list[tuple[str, int]] = []
    for kind in kinds or pack.kinds:
        number = pack.kinds.index(kind)
        batch = pack.generate(draws, kind=kind, seed=SEED)
        assert isinstance(batch, TokenBatch)
        times = Counter(text.casefold() for text in batch.texts)
        found += [(text, number) for text, count in times.items() if count >= OFTEN]
    return [text for text, _ in found], [kind for _, kind in found]


def _changed(content: bytes, refused: RefusedTexts, sampler: dict[str, Any]) -> bytes:
    model = onnx.load_model_from_string(content)
    (entry,) = (entry for entry in model.metadata_props if entry.key == METADATA_KEY)
    fields = json.loads(entry.value)
    fields |= {"refused_texts": refused.to_metadata(), "sampler": fields["sampler"] | sampler}
    entry.value = json.dumps(fields | {"format": lowest_format(fields)})
    return bytes(model.SerializeToString())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pack")
    parser.add_argument("texts", type=Path)
    parser.add_argument("words", type=Path)
    parser.add_argument("--draws", type=int, default=60_000, help="of each kind")
    parser.add_argument("--kinds", nargs="*", default=(), help="those whose texts repeat too often")
    parser.add_argument("--temperature", type=float, help="the pack's own, from now on")
    parser.add_argument("--output", "-o", type=Path, required=True)
    given = parser.parse_args()
    try:
        sizes = given.draws, given.kinds, given.temperature
        refuse_texts(given.pack, given.texts, given.words, given.output, *sizes)
    except TilewrightError as error:
        Console(stderr=True).print(str(error), markup=False)
        raise SystemExit(2) from None
