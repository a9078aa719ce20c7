#include "core/cuda_devices.h"
#include "core/device_executor.h"

namespace tilewright {
namespace {

constexpr const char* kReason = "this build has no CUDA half; build it where there is a CUDA compiler";

}  // namespace

CudaDiscovery discover_cuda() { return {{}, kReason}; }

std::unique_ptr<DeviceExecutor> make_cuda_executor(Plan /*plan*/, int /*device*/) {
    throw DeviceError(kReason);
}

}  // namespace tilewright
