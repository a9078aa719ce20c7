#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tilewright {

/// A GPU for which this build has code.
struct CudaDevice {
    int index;  ///< the number in the CUDA runtime
    std::string name;
    int major;  ///< compute capability major.minor
    int minor;
    std::size_t memory_bytes;
};

/// The result of the search for GPUs: devices, or the reason why there are none in one line.
struct CudaDiscovery {
    std::vector<CudaDevice> devices;
    std::string unavailable_reason;
};

/// Searches for usable GPUs. Does not throw if there are none. Implemented twice: csrc/cuda queries the CUDA
/// runtime, and csrc/no_cuda is linked if there was no CUDA compiler.
CudaDiscovery discover_cuda();

}  // namespace tilewright
