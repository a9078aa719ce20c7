"""ONNX Runtime on the CPU."""

import importlib.util
from collections.abc import Mapping

import numpy as np
import onnx

from .baseline import Baseline


class OnnxRuntimeInt8(Baseline):
    """The QDQ network with all graph optimisations. Its kernels depend on the processor only; the ISA cannot
    be limited.
    """

    name, package, precision = "ONNX Runtime int8", "onnxruntime", "int8"

    @classmethod
    def installed(cls) -> bool:
        """Several packages provide the module."""
        return importlib.util.find_spec("onnxruntime") is not None

    def __init__(self, model: onnx.ModelProto, feed: Mapping[str, np.ndarray], threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if not self.quantised():
            # Otherwise it moves the latents' DequantizeLinear past a Slice, and rejects the resulting
            # QuantizeLinear.
            options.add_session_config_entry("session.disable_quant_qdq", "1")
        options.add_free_dimension_override_by_name("n", len(next(iter(feed.values()))))
        content = model.SerializeToString()
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._feed = dict(feed)

    def run(self) -> object:
        return self._session.run(None, self._feed)

    def outputs(self) -> dict[str, np.ndarray]:
        names = [output.name for output in self._session.get_outputs()]
        return dict(zip(names, self._session.run(None, self._feed), strict=True))


class OnnxRuntimeFp32(OnnxRuntimeInt8):
    """The float graph."""

    name, precision = "ONNX Runtime fp32", "fp32"
