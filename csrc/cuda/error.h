#pragma once

#include <cuda_runtime_api.h>

namespace tilewright::cuda {

/// Throws DeviceError, "WHAT: what the CUDA runtime says", unless all went well.
void check(cudaError_t error, const char* what);

}  // namespace tilewright::cuda
