"""Runs the requests of a pack on the CPU or a GPU, and makes batches of the results."""

from dataclasses import replace
from typing import Any

import numpy as np

from tilewright import engine
from tilewright.arrays import AnyArray, Int32Array, Uint8Array
from tilewright.batches import DeviceBatch, FrameBatch, TileBatch, TokenBatch
from tilewright.devices import Gpus, is_worth_a_gpu, on_named_gpu, or_none
from tilewright.frame_sheets import FrameSheet
from tilewright.given_pictures import complete, occurring
from tilewright.heads import Frames, Host, Tokens
from tilewright.motion import FAULT
from tilewright.pack import PackFile
from tilewright.plan import KIND
from tilewright.requests import Request, choose_kinds
from tilewright.upsampling import guides, seed_of

REDRAWS = 8
STEP = 0x9E3779B97F4A7C15  # between the seeds of two draws

_HOST = Host()


class Runner:
    """The engines of a pack. Threads may share it."""

    def __init__(self, file: PackFile, backend: str) -> None:
        self._file = file
        self._engine = engine.Engine(file.plan, backend)
        self._gpus = Gpus(file.plan)
        self._judge = None if file.critic is None else file.critic.on(backend)
        self._upsampler = None if file.upsampler is None else Runner(file.upsampler, backend)

    def run(self, request: Request) -> TileBatch:
        """Generate the tiles of a request where it asks for them."""
        maps = request.kind_maps
        outputs = self._finished(request) if request.finish else self.outputs(request)
        outputs = self._upsampled(outputs, request)
        return self.batch(outputs, request, outputs[KIND] if maps is None else maps)

    def outputs(self, request: Request) -> dict[str, AnyArray]:
        """Return the outputs of the network, by name."""
        choose_kinds(request)
        count, device, given = request.count, request.device, self._as_drawn(request.given)

        def on(gpu: engine.DeviceEngine) -> dict[str, AnyArray]:
            return gpu.run(count, seed=request.seed, start=request.start, **given)

        outputs = None
        if request.gpu is not None:
            number = request.gpu
            outputs = on_named_gpu(lambda: on(self._gpus.engine(number)), device, request.caller)
        elif device == "auto" and is_worth_a_gpu(self._file.plan, count):
            outputs = or_none(lambda: on(self._gpus.automatic()), request.caller)
        if outputs is None:
            outputs = self._engine.run(
                count, seed=request.seed, start=request.start, threads=request.threads, **given
            )
        return self._as_sheets(outputs, request.given)

    def upsample(self, pictures: Uint8Array, request: Request) -> Uint8Array:
        """Return pictures of twice the size, uint8 (N, 2H, 2W), of those of the network, uint8 (N, H, W)."""
        assert self._upsampler is not None
        seed, colours = seed_of(request.seed), self._file.head.palette_size
        given = {"kind_maps": guides(pictures), "allowed": occurring(pictures, colours)}
        return self._upsampler.outputs(replace(request, seed=seed, given=given, per_tile=()))["indices"]

    def _upsampled(self, outputs: dict[str, AnyArray], request: Request) -> dict[str, AnyArray]:
        """Return outputs with the pictures of the upsampler, if the pack has one."""
        if self._upsampler is None:
            return outputs
        return {**outputs, "indices": self.upsample(outputs["indices"], request)}

    def _as_drawn(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return arguments of `Engine.run` for sheets as those for what the network draws."""
        head = self._file.head
        if not isinstance(head, Frames):
            return given
        maps = {"cells", "kind_maps"}
        return {
            name: _to_drawn(head.sheet, value) if name in maps else value for name, value in given.items()
        }

    def _as_sheets(self, outputs: dict[str, AnyArray], given: dict[str, Any]) -> dict[str, AnyArray]:
        """Return outputs of the network as sheets, if it draws columns. Cells that a caller gives stay."""
        head, sampler = self._file.head, self._file.plan.sampler
        if not isinstance(head, Frames) or not head.sheet.column or sampler is None:
            return outputs
        sheets = head.sheet.from_drawn(outputs["indices"])
        cells = given.get("cells")
        if cells is not None:
            sheets = np.where(cells == sampler.colours, sheets, cells)
        return {**outputs, "indices": sheets}

    def _finished(self, request: Request) -> dict[str, AnyArray]:
        """Return outputs with complete sheets, and with tiles that have faults drawn again."""
        outputs = self._completed(request)
        self._draw_again(outputs, request)
        return outputs

    def _completed(self, request: Request) -> dict[str, AnyArray]:
        """Return outputs; those of sheets have their copies, and are completed from first frames that the network draws
        before, unless the request has cells.
        """
        head, sampler = self._file.head, self._file.plan.sampler
        if not isinstance(head, Frames):
            return self.outputs(request)
        if request.sheets and sampler is not None and "cells" not in request.given:
            height, width = head.frame
            first, whole = (replace(request, given=dict(request.given)) for _ in range(2))
            if head.sheet.column:  # so that no other frame is drawn; a causal network does not read them
                cells = np.zeros((head.height, head.width), np.uint8)
                cells[:height, :width] = sampler.colours
                first.give("cells", cells, 3)
            complete(self._file, whole, self.outputs(first)["indices"][:, :height, :width], new_colours=False)
            request = whole
        outputs = self.outputs(request)
        if head.sheet.column:  # has its copies already
            return outputs
        pictures = "indices" if "indices" in outputs else "rgba"
        return {**outputs, pictures: head.sheet.with_copies(outputs[pictures])}

    def _draw_again(self, outputs: dict[str, AnyArray], request: Request) -> None:
        """Replace the indices of tiles with faults, if the request has a gate.

        Each such tile is drawn up to REDRAWS times again, with its own number and other seeds, until a draw has no
        fault. Otherwise the first of the draws with the least fault stays. Other seeds give other first frames to
        sheets, unless the request has them.
        """
        if not (request.gate and self._has_gate and request.count):
            return
        kinds, kept = np.asarray(outputs[KIND], np.int32), outputs["indices"]
        faults = self._faults(kept, kinds, request.threads)
        left = np.flatnonzero(faults)
        if len(left):
            kept = outputs["indices"] = np.array(kept)
        numbers = np.uint64(request.start) + np.arange(request.count, dtype=np.uint64)
        for draw in range(1, REDRAWS + 1):
            if not len(left):
                return
            given = {name: value for name, value in request.given.items() if name not in request.per_tile}
            given |= {name: request.given[name][left] for name in request.per_tile}
            given |= {"kinds": kinds[left], "tile_numbers": numbers[left]}
            again = replace(
                request,
                count=len(left),
                seed=(request.seed + draw * STEP) % 2**64,
                start=0,
                given=given,
                device="cpu" if request.gpu is None else request.device,
            )
            drawn = self._completed(again)["indices"]
            found = self._faults(drawn, kinds[left], request.threads)
            better = found < faults[left]
            kept[left[better]] = drawn[better]
            faults[left] = np.minimum(faults[left], found)
            left = left[found > 0]

    @property
    def _has_gate(self) -> bool:
        return self._file.gate is not None or self._judge is not None

    def _faults(self, indices: Uint8Array, kinds: Int32Array, threads: int) -> Uint8Array:
        """Return the greatest fault of each tile (N, H, W), uint8 (N,); 0 is none."""
        gate, judge = self._file.gate, self._judge
        found = np.zeros(len(indices), np.uint8) if gate is None else gate(indices, kinds)
        if judge is None:
            return found
        if self._file.kind_map:  # a critic of sheets judges them as wholes, and motion comes first
            short = judge.faults(indices, np.zeros_like(kinds), threads)
            return np.maximum(found, np.minimum(short, np.uint8(FAULT)))
        return np.maximum(found, judge.faults(indices, kinds, threads))

    def batch(
        self, outputs: dict[str, AnyArray], request: Request, kinds: Int32Array | Uint8Array
    ) -> TileBatch:
        """Return the batch of a network's outputs. kinds: int32 (N,) of each tile, or uint8 (N, H, W) of each cell."""
        head, names = self._file.head, self._file.kinds
        indices, palettes, rgba = head.decode(outputs, request.count, request.palette, _HOST)
        if isinstance(head, Tokens):
            return TokenBatch(indices, kinds, names, head.alphabet)
        if isinstance(head, Frames):
            return FrameBatch(indices, palettes, rgba, kinds, names, (head.sheet.rows, head.sheet.columns))
        return TileBatch(indices, palettes, rgba, kinds, names)

    def run_on_device(self, request: Request) -> DeviceBatch:
        """Generate the tiles of a request on its GPU, and leave them there."""
        assert request.gpu is not None
        number = request.gpu
        return on_named_gpu(lambda: self._on_device(request, number), request.device, request.caller)

    def _on_device(self, request: Request, number: int) -> DeviceBatch:
        choose_kinds(request)
        on, count = self._gpus.engine(number), request.count
        head = self._file.head
        sheets = isinstance(head, Frames) and (request.sheets or head.sheet.copies or head.sheet.column)
        if sheets or (request.gate and self._has_gate) or self._upsampler is not None:
            drawn = self._upsampled(self._finished(request), request)
            outputs = {name: on.upload(_as_bytes(array)) for name, array in drawn.items()}
        else:
            outputs = on.run_on_device(count, seed=request.seed, start=request.start, **request.given)
        arrays = self._file.head.decode(outputs, count, request.palette, on)
        return DeviceBatch(on, *arrays, outputs[KIND], self._file.kinds, request.kind_maps)


def _as_bytes(array: AnyArray) -> Uint8Array:
    """Return int32 (...) as its bytes, uint8 (..., 4), little-endian; uint8 as it is."""
    if array.dtype == np.uint8:
        return array
    return np.ascontiguousarray(array, "<i4").view(np.uint8).reshape(*array.shape, 4)


def _to_drawn(sheet: FrameSheet, maps: Uint8Array) -> Uint8Array:
    """Return maps of sheets uint8 (H, W) or (N, H, W) as those of what the network draws."""
    return sheet.to_drawn(maps) if maps.ndim == 3 else sheet.to_drawn(maps[None])[0]
