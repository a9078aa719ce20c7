"""torch.compile: the float graph through TorchInductor, with frozen weights and tuned kernels. Tuning is not
timed.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx

from .baseline import Baseline

SETTINGS: dict[str, Any] = {
    "freezing": True,
    "autotune_num_choices_displayed": 0,
    "max_autotune_report_choices_stats": False,
}


class TorchCompileFp32(Baseline):
    """float32."""

    name, package, precision = "torch.compile fp32", "torch", "fp32"
    supports_isa = True
    variants = ("as it is", "resize")  # phases give Inductor more to fuse and were slower in all trials

    def __init__(self, model: onnx.ModelProto, feed: Mapping[str, np.ndarray], threads: int) -> None:
        import torch
        from torch._inductor import config

        from ..torch_graph import TorchGraph

        torch.set_num_threads(threads)
        # One process measures several networks. Beyond the limit, PyTorch would run later ones uncompiled.
        torch._dynamo.config.recompile_limit = 256
        self._torch = torch
        self._names = [value.name for value in model.graph.output]
        self._feed = {name: torch.from_numpy(array) for name, array in feed.items()}
        self._network = torch.compile(TorchGraph(model).eval(), mode="max-autotune", dynamic=False)
        with config.patch(**SETTINGS), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # warnings of Inductor about PyTorch
            self.run()

    def run(self) -> object:
        return [output.numpy() for output in self._evaluate()]

    def outputs(self) -> dict[str, np.ndarray]:
        return {name: out.numpy() for name, out in zip(self._names, self._evaluate(), strict=True)}

    def _evaluate(self) -> tuple[Any, ...]:
        bfloat16 = self.precision == "bf16"
        with self._torch.inference_mode(), self._torch.autocast("cpu", self._torch.bfloat16, bfloat16):
            return self._network(**self._feed)

    def kernels(self) -> str:
        return str(self._torch.backends.cpu.get_cpu_capability())


class TorchCompileBf16(TorchCompileFp32):
    """Products in bfloat16 by autocast."""

    name, precision = "torch.compile bf16", "bf16"
    supports_isa = False
