#include <cuda_runtime_api.h>

#include "core/cuda_devices.h"
#include "cuda/probe.h"

namespace tilewright {
namespace {

std::string explain(cudaError_t error) {
    if (error == cudaErrorInsufficientDriver) {
        // CUDA reports a missing driver as one that is too old.
        return "there is no NVIDIA driver, or one too old for CUDA " + std::to_string(CUDART_VERSION / 1000) +
               "." + std::to_string(CUDART_VERSION % 1000 / 10);
    }
    return std::string("the CUDA runtime says: ") + cudaGetErrorString(error);
}

}  // namespace

CudaDiscovery discover_cuda() {
    CudaDiscovery found;
    int count = 0;
    const cudaError_t error = cudaGetDeviceCount(&count);
    if (error != cudaSuccess) {
        cudaGetLastError();
        found.unavailable_reason = explain(error);
        return found;
    }
    int previous = 0;
    cudaGetDevice(&previous);
    for (int index = 0; index < count; ++index) {
        cudaDeviceProp properties{};
        if (cudaGetDeviceProperties(&properties, index) == cudaSuccess &&
            cudaSetDevice(index) == cudaSuccess && cuda::current_device_has_code()) {
            found.devices.push_back(
                {index, properties.name, properties.major, properties.minor, properties.totalGlobalMem});
        }
    }
    cudaSetDevice(previous);  // a caller's own CUDA code keeps the device it had chosen
    cudaGetLastError();
    if (found.devices.empty()) {
        found.unavailable_reason = count == 0 ? "there is no NVIDIA GPU"
                                              : "this build has no code for the GPU here; build it with "
                                                "TILEWRIGHT_CUDA_ARCHITECTURES=native";
    }
    return found;
}

}  // namespace tilewright
