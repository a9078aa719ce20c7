"""Random critics, intact and damaged. A target of targets.py."""

import warnings
import zlib
from collections import Counter
from random import Random

import numpy as np
import onnx

from tilewright.compiler import compile_critic, read_onnx
from tilewright.engine import Engine
from tilewright.errors import PackError
from tilewright.plan import Plan

from .mutations import mutate
from .packs import compare, is_heavy, opened
from .quantised_graph import Value
from .random_operators import OperatorGraph

TILES = (1, 2, 3, 5, 17)


class _Critic(OperatorGraph):
    def write(self) -> onnx.ModelProto:
        """Write cells and neighbours -> maps -> means -> a score."""
        rng = self.rng
        edges = (
            (rng.randint(1, 9), rng.randint(1, 9)) if rng.random() < 0.5 else (rng.choice((4, 8, 16)),) * 2
        )
        channels = min(self.channels(), max(1, self.most // (edges[0] * edges[1])))
        rows = rng.choice((2, 3, rng.randint(2, 40), 255, 256))
        embedded = [self._embedded("cells", rows, edges, channels)]
        embedded.append(self._embedded("neighbours", 16, edges, channels))
        self.maps.append(self.add(*embedded))
        for _ in range(rng.choice((0, 1, 2, 3, 5))):
            self.grow_maps()
        self.features += [self.mean(x) for x in rng.sample(self.maps, rng.randint(1, len(self.maps)))]
        for _ in range(rng.randint(0, 3)):
            self.grow_features()
        self.output(self.dense(self.features[-1], 1, "uint8"), "score", 2)
        return self.writer.model

    def _embedded(self, name: str, rows: int, edges: tuple[int, int], channels: int) -> Value:
        self.writer.input(name, "uint8", *edges)
        dtype = self.rng.choice(("uint8", "int8"))
        table = self.writer.constant(self.bytes(rows, channels, dtype=np.dtype(dtype).type), self.shares)
        row = self.writer.node("Cast", name, to=int(onnx.TensorProto.INT64))
        gathered = self.writer.node("Gather", table, row, axis=0)
        return Value(self.writer.node("Transpose", gathered, perm=[0, 3, 1, 2]), (channels, *edges), dtype)


def make_critic(seed: int) -> bytes:
    """Make a critic; half of them have changes that may leave it valid or not."""
    rng = Random(seed)
    model = _Critic(rng).write()
    if rng.random() < 0.5:
        mutate(rng, model)
    return bytes(model.SerializeToString(deterministic=True))


def check_critic(content: bytes) -> Counter[str]:
    """Check that a critic is refused in one line, or computes the scores of the reference on all backends."""

    def read() -> Plan:
        plan = compile_critic(read_onnx(content, "fuzz.onnx").graph())
        Engine(plan)
        return plan

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plan = opened(read, PackError)
        if plan is None:
            return Counter(refused=1)
        if is_heavy(plan):
            return Counter({"loaded": 1, "too heavy to run": 1})
        rng = Random(zlib.crc32(content))
        return Counter(loaded=1) + compare(plan, rng.choice(TILES), rng)
