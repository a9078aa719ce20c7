"""Limit every runtime to one instruction set, on machines that support better ones."""

import os
from collections.abc import Mapping, MutableMapping

from tilewright.errors import MachineError, UsageError

LIMITS: Mapping[str, Mapping[str, str]] = {
    # oneDNN, also within OpenVINO and PyTorch, and PyTorch's own kernels. ONNX Runtime has no such option.
    "vnni": {
        "ONEDNN_MAX_CPU_ISA": "AVX512_CORE_VNNI",
        "ATEN_CPU_CAPABILITY": "avx512",
    },  # no AMX, no bfloat16
    "avx-vnni": {"ONEDNN_MAX_CPU_ISA": "AVX2_VNNI", "ATEN_CPU_CAPABILITY": "avx2"},
    "avx2": {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"},
}
"""Environment variables per instruction set. Runtimes read them on first use."""


def hold_to(isa: str, backends: list[str], environment: MutableMapping[str, str] = os.environ) -> list[str]:
    """Set the environment of the other runtimes. Returns the backends of the core, out of `backends`, that
    comply.

    Call this before any of those runtimes is imported. Raises UsageError for an unknown set, and MachineError
    if the core has no backend of that name.
    """
    if isa not in LIMITS:
        raise UsageError(f"bench: --isa must be one of {', '.join(LIMITS)}, not {isa!r}")
    if isa not in backends:
        raise MachineError(f"bench: this machine has no backend {isa}, only {', '.join(backends)}")
    environment.update(LIMITS[isa])
    return [isa]
