#pragma once

#include <cuda_runtime_api.h>

namespace tilewright::cuda {

/// Throws DeviceError with the text "WHAT: error of the CUDA runtime", except for cudaSuccess.
void check(cudaError_t error, const char* what);

}  // namespace tilewright::cuda
