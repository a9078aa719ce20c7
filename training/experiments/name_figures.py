"""Measure a pack of names: copies, near copies, duplicates and pronounceable ones of 10,000 names of each kind.

    python -m tilewright_training.experiments.name_figures PACK LISTS

LISTS: the folder that the pack was trained on. Near: one letter more, less or other than a name in the list of the
kind. Pronounceable: every pair of letters occurs in the lists at least three times; in brackets, of the list itself.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

import tilewright as tw
from tilewright.batches import TokenBatch
from tilewright.training_texts import TrainingTexts

from ..data.tokens import read_tokens, texts_of

COUNT, SEED = 10_000, 7
OFTEN = 3  # times that a pair of letters occurs


def pronounceable(texts: Sequence[str], pairs: Counter[str]) -> float:
    """Return the share of texts whose pairs of letters all occur often, in percent."""
    return 100 * float(
        np.mean([all(pairs[a + b] >= OFTEN for a, b in pairwise(text.lower())) for text in texts])
    )


def main() -> None:
    """Print a row of a table for each kind."""
    pack = tw.load(sys.argv[1])
    data = read_tokens([Path(sys.argv[2])], pack.shape)[0]
    lists = np.array(texts_of(data))
    pairs = Counter(a + b for text in lists for a, b in pairwise(text.lower()))
    print("| kind | names in its list | in any list | near (%) | duplicates (%) | pronounceable (%) |")
    print("|---|---:|---:|---:|---:|---:|")
    for number, kind in enumerate(pack.kinds):
        own = lists[data.labels == number].tolist()
        known = TrainingTexts.of(own, [0] * len(own), 1)
        batch = pack.generate(COUNT, kind=kind, seed=SEED)
        assert isinstance(batch, TokenBatch)
        copies = len({text.lower() for text in batch.texts} & {text.lower() for text in lists.tolist()})
        near = 100 * known.near(batch.texts, np.zeros(COUNT, np.int64)).mean()
        twice = 100 * (1 - len(set(batch.texts)) / COUNT)
        said, listed = pronounceable(batch.texts, pairs), pronounceable(own, pairs)
        print(f"| {kind} | {len(own):,} | {copies} | {near:.2f} | {twice:.2f} | {said:.1f} ({listed:.1f}) |")


if __name__ == "__main__":
    main()
