"""Baselines: other runtimes, each used if its package is installed."""

from .baseline import Baseline
from .ncnn_net import NcnnFp32, NcnnInt8
from .onnx_runtime import OnnxRuntimeFp32, OnnxRuntimeInt8
from .open_vino import OpenVinoBf16, OpenVinoFp32, OpenVinoInt8, OpenVinoInt8Bf16
from .torch_compile import TorchCompileBf16, TorchCompileFp32

__all__ = ["BASELINES", "Baseline"]

BASELINES: tuple[type[Baseline], ...] = (
    OnnxRuntimeInt8,
    OpenVinoInt8,
    OpenVinoInt8Bf16,
    NcnnInt8,
    OnnxRuntimeFp32,
    OpenVinoFp32,
    TorchCompileFp32,
    NcnnFp32,
    OpenVinoBf16,
    TorchCompileBf16,
)
