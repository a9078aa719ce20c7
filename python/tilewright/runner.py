"""Runs the requests of a pack on the CPU or a GPU, and makes batches of the results."""

from tilewright import engine
from tilewright.arrays import AnyArray, Int32Array, Uint8Array
from tilewright.batches import DeviceBatch, FrameBatch, TileBatch, TokenBatch
from tilewright.devices import Gpus, is_worth_a_gpu, on_named_gpu, or_none
from tilewright.heads import Frames, Host, Tokens
from tilewright.pack import PackFile
from tilewright.plan import KIND
from tilewright.requests import Request

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
        assert request.gpu is not None
        number = request.gpu
        return on_named_gpu(lambda: self._on_device(request, number), request.device, request.caller)

    def _on_device(self, request: Request, number: int) -> DeviceBatch:
        on, count = self._gpus.engine(number), request.count
        outputs = on.run_on_device(count, seed=request.seed, start=request.start, **request.given)
        arrays = self._file.head.decode(outputs, count, request.palette, on)
        return DeviceBatch(on, *arrays, outputs[KIND], self._file.kinds, request.kind_maps)
