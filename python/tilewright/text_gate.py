"""What judges generated texts: those with a fault are drawn again."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tilewright.arrays import AnyArray, Uint8Array
from tilewright.batches import join_symbols
from tilewright.refused_texts import RefusedTexts
from tilewright.training_texts import TrainingTexts

SLIGHT, GRAVE = 1, 2


@dataclass(frozen=True, eq=False)
class TextGate:
    """alphabet: the texts of the symbols. training, refused: what must not be generated, if it is known."""

    alphabet: Sequence[str]
    training: TrainingTexts | None
    refused: RefusedTexts | None

    def __call__(self, indices: AnyArray, kinds: AnyArray) -> Uint8Array:
        """Return the fault of each text (N, 1, L) or (N, L, 1), uint8 (N,).

        GRAVE: it equals a training text or is rude. SLIGHT: it is near a training text of its kind, too short or too
        common. 0: none.
        """
        texts = join_symbols(indices, self.alphabet)
        slight, grave = np.zeros(len(texts), bool), np.zeros(len(texts), bool)
        if self.training is not None:
            slight |= self.training.near(texts, kinds)
            grave |= self.training.equal(texts)
        if self.refused is not None:
            slight |= self.refused.usual(texts, kinds)
            grave |= self.refused.rude(texts)
        return np.where(grave, GRAVE, np.where(slight, SLIGHT, 0)).astype(np.uint8)
