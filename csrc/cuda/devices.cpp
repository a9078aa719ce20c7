#include <cuda_runtime_api.h>

#include "core/cuda_devices.h"
#include "cuda/process.h"
#include "cuda/run_plan.h"

namespace tilewright {
namespace {

constexpr int kLeastMajor = 8;  // the first with the int8 matrix instruction of the kernel

std::string explain(cudaError_t error) {
    if (error == cudaErrorInsufficientDriver) {
        // CUDA reports a missing driver as a driver that is too old.
        return "there is no NVIDIA driver, or one too old for CUDA " + std::to_string(CUDART_VERSION / 1000) +
               "." + std::to_string(CUDART_VERSION % 1000 / 10);
    }
    return std::string("the CUDA runtime says: ") + cudaGetErrorString(error);
}

}  // namespace

CudaDiscovery discover_cuda() {
    CudaDiscovery found;
    if (cuda::is_forked()) {
        found.unavailable_reason = cuda::kForked;
        return found;
    }
    cuda::enter_process();
    int count = 0;
    const cudaError_t error = cudaGetDeviceCount(&count);
    if (error != cudaSuccess) {
        cudaGetLastError();
        found.unavailable_reason = explain(error);
        return found;
    }
    found.unavailable_reason = "there is no NVIDIA GPU";
    int previous = 0;
    cudaGetDevice(&previous);
    for (int index = 0; index < count; ++index) {
        cudaDeviceProp properties{};
        if (cudaGetDeviceProperties(&properties, index) != cudaSuccess) {
            continue;
        }
        if (properties.major < kLeastMajor) {
            found.unavailable_reason = std::string("the ") + properties.name +
                                       " is too old: compute capability " + std::to_string(properties.major) +
                                       "." + std::to_string(properties.minor) + ", and 8.0 is needed";
        } else if (cudaSetDevice(index) != cudaSuccess || !cuda::current_device_has_code()) {
            found.unavailable_reason =
                "this build has no code for the GPU here; build it with TILEWRIGHT_CUDA_ARCHITECTURES=native";
        } else {
            found.devices.push_back(
                {index, properties.name, properties.major, properties.minor, properties.totalGlobalMem});
        }
    }
    cudaSetDevice(previous);  // keep the current device of the caller's own CUDA code
    cudaGetLastError();
    if (!found.devices.empty()) {
        found.unavailable_reason.clear();
    }
    return found;
}

}  // namespace tilewright
