#include <cuda_runtime_api.h>

#include "cuda/probe.h"

namespace tilewright::cuda {
namespace {

__global__ void probe() {}

}  // namespace

bool current_device_has_code() {
    cudaFuncAttributes attributes;
    const bool found = cudaFuncGetAttributes(&attributes, probe) == cudaSuccess;
    cudaGetLastError();  // the runtime remembers a failure until it is asked
    return found;
}

}  // namespace tilewright::cuda
