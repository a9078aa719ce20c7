"""What is timed: a pack, a batch of its tiles, and what other runtimes are fed to make the same ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import onnx

from tilewright import packs
from tilewright.compiler import reference
from tilewright.engine import Engine
from tilewright.generator import Pack
from tilewright.pack import PackFile, check_pack, open_pack
from tilewright.palette import opaque_or_clear
from tilewright.seeds import draw_kinds, draw_latents

from .generators import GENERATORS
from .iterative import g4

SEED = 7
JUDGED = 8
"""Tiles that the reference makes; it takes its time."""
DRAWN = {**GENERATORS, "g4": g4}


@dataclass(frozen=True, eq=False)
class Subject:
    """A pack and a batch size."""

    file: PackFile
    batch: int

    def pack(self, backend: str) -> Pack:
        """The pack, run by the named backend of the core."""
        pack = Pack(self.file)
        pack._engine = Engine(self.file.plan, backend)
        return pack

    @cached_property
    def model(self) -> onnx.ModelProto:
        """The pack's network."""
        return onnx.load_from_string(self.file.content)

    @property
    def evaluations(self) -> int:
        """How often the network is run for a batch: once, or as often as the pack's sampler does."""
        return self.file.plan.evaluations

    @cached_property
    def feed(self) -> dict[str, np.ndarray]:
        """The network's inputs for the tiles of SEED; a step network gets maps of which half is known."""
        kinds = draw_kinds(SEED, 0, self.batch, len(self.file.kinds))
        feed: dict[str, np.ndarray] = {"kind": kinds.astype(np.int64)}
        if sampler := self.file.plan.sampler:
            rng = np.random.default_rng(SEED)
            shape = (self.batch, sampler.height, sampler.width)
            known = rng.integers(0, 2, shape, np.uint8).astype(bool)
            feed["cells"] = np.where(
                known, rng.integers(0, sampler.colours, shape, np.uint8), sampler.colours
            )
            feed["cells"] = feed["cells"].astype(np.uint8)
        else:
            feed["latent"] = draw_latents(SEED, 0, self.batch, self.file.latent_size)
        return {value.name: feed[value.name] for value in self.model.graph.input}

    @cached_property
    def reference(self) -> np.ndarray:
        """uint8 (min(N, JUDGED), H, W, 4): the first tiles of SEED by the compiler's reference."""
        results = reference.run(self.file.plan, min(self.batch, JUDGED), seed=SEED)
        return self.pictures(
            {name: y.transpose(0, 3, 1, 2) if name == "rgba" else y for name, y in results.items()}
        )

    @cached_property
    def made(self) -> np.ndarray:
        """uint8 (N, H, W, 4): the tiles of SEED, by the backend that the core takes by itself."""
        return Pack(self.file).generate(self.batch, seed=SEED, threads=1, device="cpu").rgba

    @cached_property
    def expected(self) -> np.ndarray:
        """What `pictures` of exact results is: `made`, or one evaluation of a step network by the reference."""
        if (sampler := self.file.plan.sampler) is None:
            return self.made
        kinds = draw_kinds(SEED, 0, self.batch, len(self.file.kinds))
        values = reference.trace(self.file.plan, self.batch, kinds=kinds, cells=self.feed["cells"])
        return np.asarray(values[sampler.scores].argmax(axis=-1)[..., None], np.uint8)

    def pictures(self, outputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """uint8 (N, H, W, 4) RGBA of what the network gave; (N, H, W, 1), the likeliest entry, of a step network."""
        if "logits" in outputs:
            return outputs["logits"].argmax(axis=1)[..., None].astype(np.uint8)
        if "rgba" in outputs:
            return opaque_or_clear(np.ascontiguousarray(outputs["rgba"].transpose(0, 2, 3, 1)))
        indices = outputs["indices"]
        if self.file.head.palette is not None:
            return self.file.head.palette[indices]
        palettes = outputs["palette"].reshape(len(indices), self.file.head.palette_size, -1)
        return opaque_or_clear(palettes)[np.arange(len(indices))[:, None, None], indices]


def open_subject(name: str, batch: int) -> Subject:
    """A generator of this package (g1 to g4), a bundled pack, or the path of one."""
    if name in DRAWN:
        return Subject(check_pack(DRAWN[name](), Path(f"{name}.onnx")), batch)
    return Subject(open_pack(name), batch)


def names(pack: str) -> tuple[str, ...]:
    """The subjects that a name stands for: "all" stands for every generator and every bundled pack."""
    return (*DRAWN, *packs()) if pack == "all" else (pack,)


def identical(pictures: np.ndarray, others: np.ndarray) -> float:
    """The share of pixels that are the same in all channels, 0 .. 1."""
    return float((pictures == others).all(axis=-1).mean())


def difference(pictures: np.ndarray, others: np.ndarray) -> float | None:
    """The mean distance of two bytes of RGBA, 0 .. 255; None for palette entries, which have no distance."""
    if pictures.shape[-1] != 4:
        return None
    return float(np.abs(pictures.astype(np.int16) - others).mean())
