"""OpenVINO on the CPU, with the batch size compiled into the model."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import onnx

from ..variants import plain_wrap
from .baseline import Baseline

WEIGHTED = ("Convolution", "Deconvolution", "FullyConnected")


class OpenVinoInt8(Baseline):
    """The QDQ network. Unquantised ops run in float32."""

    name, package, precision = "OpenVINO int8", "openvino", "int8"
    supports_isa = True
    hint = "f32"

    def __init__(self, model: onnx.ModelProto, feed: Mapping[str, np.ndarray], threads: int) -> None:
        import openvino

        core = openvino.Core()
        network = core.read_model(plain_wrap(model).SerializeToString())
        network.reshape({name: list(array.shape) for name, array in feed.items()})
        settings = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": self.hint,
        }
        self._compiled = core.compile_model(network, "CPU", settings)
        self._request = self._compiled.create_infer_request()
        self._names = [value.name for value in model.graph.output]
        self._feed = dict(feed)

    def run(self) -> object:
        return self._request.infer(self._feed, share_inputs=True, share_outputs=True)

    def outputs(self) -> dict[str, np.ndarray]:
        results = self._request.infer(self._feed)
        ports = zip(self._names, self._compiled.outputs, strict=True)
        return {name: np.array(results[port]) for name, port in ports}

    def kernels(self) -> str:
        facts = [operation.get_rt_info() for operation in self._compiled.get_runtime_model().get_ops()]
        used = Counter(
            fact["primitiveType"].astype(str) for fact in facts if fact["layerType"].astype(str) in WEIGHTED
        )
        return ", ".join(f"{count} {name}" for name, count in sorted(used.items()))


class OpenVinoInt8Bf16(OpenVinoInt8):
    """The QDQ network with OpenVINO's defaults: unquantised ops run in bfloat16."""

    name, precision = "OpenVINO int8, bf16", "int8, bf16"
    hint = "bf16"

    @classmethod
    def installed(cls) -> bool:
        if not super().installed():
            return False
        import openvino

        return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


class OpenVinoFp32(OpenVinoInt8):
    """The float graph."""

    name, precision = "OpenVINO fp32", "fp32"


class OpenVinoBf16(OpenVinoInt8Bf16):
    """The float graph in bfloat16."""

    name, precision = "OpenVINO bf16", "bf16"
    supports_isa = False
