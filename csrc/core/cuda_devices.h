#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tilewright {

/// A GPU that this build has code for.
struct CudaDevice {
    int index;  ///< as the CUDA runtime numbers it
    std::string name;
    int major;  ///< compute capability major.minor
    int minor;
    std::size_t memory_bytes;
};

/// What looking for GPUs found: devices, or one line on why there are none.
struct CudaDiscovery {
    std::vector<CudaDevice> devices;
    std::string unavailable_reason;
};

/// Looks for usable GPUs. Never throws for want of one. Written twice: csrc/cuda asks the CUDA runtime,
/// csrc/no_cuda is linked where there was no CUDA compiler.
CudaDiscovery discover_cuda();

}  // namespace tilewright
