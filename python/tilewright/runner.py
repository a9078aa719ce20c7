"""Runs the requests of a pack on the CPU or a GPU, and makes batches of the results."""

import numpy as np

from tilewright import engine
from tilewright.arrays import AnyArray, Int32Array, Uint8Array
from tilewright.batches import DeviceBatch, FrameBatch, TileBatch, TokenBatch, join_symbols
from tilewright.devices import Gpus, is_worth_a_gpu, on_named_gpu, or_none
from tilewright.errors import UsageError
from tilewright.heads import Frames, Host, Tokens
from tilewright.pack import PackFile
from tilewright.plan import KIND
from tilewright.requests import Request
from tilewright.training_texts import REDRAWS, STEP, TrainingTexts

_HOST = Host()


class Runner:
    """The engines of a pack. Threads may share it."""

    def __init__(self, file: PackFile, backend: str) -> None:
        self._file = file
        self._engine = engine.Engine(file.plan, backend)
        self._gpus = Gpus(file.plan)

    def run(self, request: Request) -> TileBatch:
        """Generate the tiles of a request where it asks for them."""
        outputs, maps = self.outputs(request), request.kind_maps
        if self._file.training_texts is not None:
            self._draw_again(self._file.training_texts, outputs, request)
        return self.batch(outputs, request, outputs[KIND] if maps is None else maps)

    def outputs(self, request: Request) -> dict[str, AnyArray]:
        """Return the outputs of the network, by name."""
        count, device = request.count, request.device

        def on(gpu: engine.DeviceEngine) -> dict[str, AnyArray]:
            return gpu.run(count, seed=request.seed, start=request.start, **request.given)

        outputs = None
        if request.gpu is not None:
            number = request.gpu
            outputs = on_named_gpu(lambda: on(self._gpus.engine(number)), device, request.caller)
        elif device == "auto" and is_worth_a_gpu(self._file.plan, count):
            outputs = or_none(lambda: on(self._gpus.automatic()), request.caller)
        if outputs is None:
            outputs = self._engine.run(
                count, seed=request.seed, start=request.start, threads=request.threads, **request.given
            )
        return outputs

    def _draw_again(self, known: TrainingTexts, outputs: dict[str, AnyArray], request: Request) -> None:
        """Replace texts that equal a training text, or differ in one letter from one of their kind.

        Each is drawn again up to REDRAWS times, with its own number and other seeds. If all draws are near training
        texts, the first one that equals none stays.
        """
        head, kinds = self._file.head, np.asarray(outputs[KIND], np.int32)
        assert isinstance(head, Tokens)
        kept = outputs["indices"] = np.array(outputs["indices"])
        numbers = np.uint64(request.start) + np.arange(request.count, dtype=np.uint64)
        left = np.arange(request.count)
        drawn, copies = kept, np.ones(request.count, bool)  # copies: of the texts that are kept so far
        for draw in range(REDRAWS + 1):
            texts = join_symbols(drawn, head.alphabet)
            equal = known.equal(texts)
            near = equal | known.near(texts, kinds[left])
            better = ~near | (copies[left] & ~equal)
            kept[left[better]] = drawn[better]
            copies[left] &= equal
            left = left[near]
            if draw == REDRAWS or not len(left):
                return
            given = {name: value for name, value in request.given.items() if name not in request.per_tile}
            given |= {name: request.given[name][left] for name in request.per_tile}
            given |= {"kinds": kinds[left], "tile_numbers": numbers[left]}
            seed = (request.seed + (draw + 1) * STEP) % 2**64
            drawn = self._engine.run(len(left), seed=seed, threads=request.threads, **given)["indices"]

    def batch(
        self, outputs: dict[str, AnyArray], request: Request, kinds: Int32Array | Uint8Array
    ) -> TileBatch:
        """Return the batch of a network's outputs. kinds: int32 (N,) of each tile, or uint8 (N, H, W) of each cell."""
        head, names = self._file.head, self._file.kinds
        indices, palettes, rgba = head.decode(outputs, request.count, request.palette, _HOST)
        if isinstance(head, Tokens):
            return TokenBatch(indices, kinds, names, head.alphabet)
        if isinstance(head, Frames):
            return FrameBatch(indices, palettes, rgba, kinds, names, (head.rows, head.columns))
        return TileBatch(indices, palettes, rgba, kinds, names)

    def run_on_device(self, request: Request) -> DeviceBatch:
        """Generate the tiles of a request on its GPU, and leave them there."""
        if self._file.training_texts is not None:
            raise UsageError(
                f"{request.caller}: {self._file.name} draws texts that it was trained on again, on the CPU: use "
                "pack.generate()"
            )
        assert request.gpu is not None
        number = request.gpu
        return on_named_gpu(lambda: self._on_device(request, number), request.device, request.caller)

    def _on_device(self, request: Request, number: int) -> DeviceBatch:
        on, count = self._gpus.engine(number), request.count
        outputs = on.run_on_device(count, seed=request.seed, start=request.start, **request.given)
        arrays = self._file.head.decode(outputs, count, request.palette, on)
        return DeviceBatch(on, *arrays, outputs[KIND], self._file.kinds, request.kind_maps)
