#include "core/cuda_devices.h"

namespace tilewright {

CudaDiscovery discover_cuda() {
    return {{}, "this build has no CUDA half; build it where there is a CUDA compiler"};
}

}  // namespace tilewright
