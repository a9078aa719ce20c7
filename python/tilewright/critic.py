"""The critic of a pack: a small classifier that tells the art from the pictures of the pack's network.

A draw that it finds unlike the art is drawn again (runner.py), as in discriminator rejection sampling (Azadi et al.,
ICLR 2019).
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tilewright import compiler, engine
from tilewright.arrays import AnyArray, Int32Array, Uint8Array
from tilewright.errors import PackError
from tilewright.json_fields import as_bytes, as_integer, as_list, as_object
from tilewright.plan import CELLS, Plan

MAX_NETWORK = 1 << 20  # bytes of its ONNX file
MOST_SHORT = 252  # the greatest fault of a picture that is only short of its score
CHUNK = 4096  # pictures that are judged at once
# Rolls that move the right, the lower and the two lower diagonal neighbours onto a cell.
NEIGHBOURS = ((0, -1), (-1, 0), (-1, -1), (-1, 1))


@dataclass(frozen=True, eq=False)
class Critic:
    """A compiled critic.

    network: the bytes of its ONNX file, with a score for each kind. least: uint8 (kinds,), scores that suffice.
    """

    network: bytes
    plan: Plan
    least: Uint8Array

    @classmethod
    def of(cls, network: bytes, least: Sequence[int] | AnyArray) -> "Critic":
        """Compile a network. Raises PackError if it is none of a critic."""
        try:
            plan = compiler.compile_critic(compiler.read_onnx(network, "it").graph())
        except PackError as error:
            raise PackError(f"the critic of the pack: {error}") from error
        return cls(network, plan, np.asarray(least, np.uint8))

    @classmethod
    def from_metadata(cls, value: object, kinds: int, size: tuple[int, int]) -> "Critic":
        """Read the field of a pack's metadata. Raises ValueError, LookupError, TypeError or PackError if it is damaged.

        size: height and width of the pictures.
        """
        fields = as_object(value)
        least = [as_integer(score) for score in as_list(fields["least"])]
        if len(least) != kinds or not all(0 <= score <= 255 for score in least):
            raise ValueError("there must be a score of 0 to 255 for each kind")
        critic = cls.of(as_bytes(fields["network"], MAX_NETWORK), least)
        if critic.plan.buffers[critic.plan.outputs["score"]].shape != (kinds,):
            raise ValueError("the critic does not have a score for each kind")
        if critic.plan.input_shape(CELLS) != size:
            raise ValueError(f"the critic is not for pictures of {size[1]}x{size[0]}")
        return critic

    def to_metadata(self) -> dict[str, object]:
        """Return the field of a pack's metadata."""
        return {"network": base64.b64encode(self.network).decode(), "least": self.least.tolist()}

    def on(self, backend: str) -> "Judge":
        """Return the critic prepared for a backend (engine.Engine)."""
        return Judge(engine.Engine(self.plan, backend), self.least)


@dataclass(frozen=True, eq=False)
class Judge:
    """A critic that is ready to run. Threads may share it."""

    engine: engine.Engine
    least: Uint8Array

    def scores(self, pictures: Uint8Array, kinds: AnyArray, threads: int = 1) -> Uint8Array:
        """Return the scores of pictures (N, H, W) of palette entries, uint8 (N,): greater for what is like the art of
        the kind of each (N,).
        """
        scores = np.empty(len(pictures), np.uint8)
        for start in range(0, len(pictures), CHUNK):
            part = slice(start, start + CHUNK)
            cells = np.ascontiguousarray(pictures[part])
            codes = neighbour_codes(cells)
            found = self.engine.run(len(cells), cells=cells, kind_maps=codes, threads=threads)["score"]
            scores[part] = found[np.arange(len(cells)), kinds[part]]
        return scores

    def faults(self, pictures: Uint8Array, kinds: Int32Array, threads: int = 1) -> Uint8Array:
        """Return by how much each picture is short of the score of its kind, uint8 (N,), at most MOST_SHORT."""
        short = self.least[kinds].astype(np.int32) - self.scores(pictures, kinds, threads)
        faults: Uint8Array = short.clip(0, MOST_SHORT).astype(np.uint8)
        return faults


def neighbour_codes(pictures: Uint8Array) -> Uint8Array:
    """Return for each cell which of four neighbours have the same entry, uint8 (N, H, W) of 0 .. 15.

    Bit 0 is the right neighbour, bit 1 the lower, bit 2 the lower right and bit 3 the lower left one, cyclically.
    """
    codes = np.zeros(pictures.shape, np.uint8)
    for bit, move in enumerate(NEIGHBOURS):
        codes |= (np.roll(pictures, move, (1, 2)) == pictures).astype(np.uint8) << np.uint8(bit)
    return codes
