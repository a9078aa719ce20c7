"""ONNX Runtime's CUDA provider, with inputs and outputs bound to the device."""

from typing import Any

import numpy as np

from .network import Network
from .runner import BaselineRunner

PROVIDERS = {"cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}


class OnnxRuntimeRunner(BaselineRunner):
    """The float graph, with products in tf32 where the provider supports it. Drawing is not charged to it."""

    name, precision = "ONNX Runtime tf32", "tf32"

    def __init__(self, network: Network, device: str) -> None:
        import onnxruntime

        super().__init__(network, device)
        self._device = device
        options = onnxruntime.SessionOptions()
        options.add_free_dimension_override_by_name("n", network.batch)
        self._session: Any = onnxruntime.InferenceSession(
            network.model.SerializeToString(), options, providers=[PROVIDERS[device]]
        )
        if self._session.get_providers()[0] != PROVIDERS[device]:
            raise RuntimeError(f"{PROVIDERS[device]} cannot be loaded")
        self._binding = self._session.io_binding()
        for name, array in network.feed.items():
            value = onnxruntime.OrtValue.ortvalue_from_numpy(array, device, 0)
            self._binding.bind_ortvalue_input(name, value)
        for name in network.outputs:
            self._binding.bind_output(name, device, 0)

    def start(self) -> None:
        for _ in range(self.network.evaluations):
            self._session.run_with_iobinding(self._binding)

    def wait(self) -> None:
        self._binding.synchronize_outputs()

    def fetch(self) -> None:
        self.start()
        self._binding.copy_outputs_to_cpu()

    def outputs(self) -> dict[str, np.ndarray]:
        self.start()
        return dict(zip(self.network.outputs, self._binding.copy_outputs_to_cpu(), strict=True))
