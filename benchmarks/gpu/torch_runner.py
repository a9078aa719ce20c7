"""PyTorch in bfloat16 and channels-last: eager and compiled, both captured in a CUDA graph including the
random numbers.
"""

import logging
import time
import warnings
from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import torch

from ..torch_graph import TorchGraph
from .events import seconds_by_events
from .network import Network
from .runner import BaselineRunner, Measure

WARM_UP = 3
SETTINGS = {"autotune_num_choices_displayed": 0, "max_autotune_report_choices_stats": False}


class TorchEager(BaselineRunner):
    """The kernels of PyTorch and cuDNN, with cuDNN's autotuning."""

    name, precision = "torch eager bf16", "bf16"

    def __init__(self, network: Network, device: str) -> None:
        torch.backends.cudnn.benchmark = True
        super().__init__(network, device)
        self._device = torch.device(device)
        graph = TorchGraph(network.model).eval().to(self._device, torch.bfloat16)
        graph = graph.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        with torch.no_grad():
            self._evaluate = self._prepared(graph)
            self._graph = self._captured() if self._device.type == "cuda" else None
            if self._graph is None:
                self._results = self._make()

    def _prepared(self, graph: TorchGraph) -> Callable[..., tuple[torch.Tensor, ...]]:
        return graph

    def start(self) -> None:
        if self._graph is not None:
            self._graph.replay()
        else:
            with torch.no_grad():
                self._results = self._make()

    def wait(self) -> None:
        if self._graph is not None:
            torch.cuda.synchronize()

    def fetch(self) -> None:
        self.start()
        for result, room in zip(self._results, self._host_buffers, strict=True):
            room.copy_(result, non_blocking=True)
        self.wait()

    def seconds(self, measure: Measure, calls: int) -> float:
        if measure != "device" or self._graph is None:
            return super().seconds(measure, calls)
        return seconds_by_events(self._graph.replay, calls)

    def outputs(self) -> dict[str, np.ndarray]:
        with torch.no_grad():
            made = self._evaluate(**self._feed())
        return {name: y.cpu().numpy() for name, y in zip(self.network.outputs, made, strict=True)}

    def _feed(self) -> dict[str, torch.Tensor]:
        feed = {name: torch.from_numpy(array).to(self._device) for name, array in self.network.feed.items()}
        return {name: x.bfloat16() if x.is_floating_point() else x for name, x in feed.items()}

    def _make(self) -> tuple[torch.Tensor, ...]:
        """Draw, and evaluate as often as the pack does."""
        network, drawn = self.network, {}
        where: dict[str, Any] = {"device": self._device}
        if "kind" in network.inputs:
            drawn["kind"] = torch.randint(0, network.kinds, (network.batch,), **where)
        if "latent" in network.inputs:
            shape = (network.batch, network.latent_size)
            drawn["latent"] = torch.randn(shape, dtype=torch.bfloat16, **where)
        if not network.map_shape:
            return self._evaluate(**drawn)
        maps = (network.batch, *network.map_shape)
        cells = torch.full(maps, network.unknown, dtype=torch.uint8, **where)
        for _ in range(network.evaluations):
            (cells,) = self._evaluate(cells=cells, **drawn)
        return (cells,)

    def _captured(self) -> torch.cuda.CUDAGraph:
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(WARM_UP):
                self._make()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._results = self._make()
        return graph

    @cached_property
    def _host_buffers(self) -> list[torch.Tensor]:
        """Return pinned host memory for the results, in their layout, which makes copies fastest."""
        pinned = self._graph is not None
        return [torch.empty_like(result, device="cpu", pin_memory=pinned) for result in self._results]


class TorchCompile(TorchEager):
    """TorchInductor with default settings. The CUDA graph captured here has lower launch overhead than
    Inductor's.
    """

    name = "torch.compile bf16"
    mode: ClassVar = "default"

    def _prepared(self, graph: TorchGraph) -> Callable[..., tuple[torch.Tensor, ...]]:
        from torch._inductor import config

        logging.getLogger("torch._inductor").setLevel(logging.ERROR)
        for name, value in SETTINGS.items():
            if hasattr(config, name):
                setattr(config, name, value)
        compiled: Callable[..., tuple[torch.Tensor, ...]] = torch.compile(
            graph, mode=self.mode, dynamic=False
        )
        began = time.monotonic()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # warnings of Inductor about PyTorch
            compiled(**self._feed())
        self._compiling = time.monotonic() - began
        return compiled

    def kernels(self) -> str:
        return f"compiled in {self._compiling:.0f} s"


class TorchTuned(TorchCompile):
    """Mode max-autotune: tunes every kernel, which takes a minute or two."""

    name = "torch.compile max-autotune bf16"
    mode = "max-autotune-no-cudagraphs"
