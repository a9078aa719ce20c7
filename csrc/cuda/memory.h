#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace tilewright::cuda {

struct FreeDevice {
    void operator()(std::uint8_t* bytes) const;
};
struct FreePinned {
    void operator()(std::uint8_t* bytes) const;
};
struct DestroyStream {
    void operator()(cudaStream_t stream) const;
};
struct DestroyEvent {
    void operator()(cudaEvent_t event) const;
};
struct DestroyPool {
    void operator()(cudaMemPool_t pool) const;
};

using DeviceBytes = std::unique_ptr<std::uint8_t, FreeDevice>;
using PinnedBytes = std::unique_ptr<std::uint8_t, FreePinned>;
using Stream = std::unique_ptr<CUstream_st, DestroyStream>;
using Event = std::unique_ptr<CUevent_st, DestroyEvent>;
using Pool = std::unique_ptr<CUmemPoolHandle_st, DestroyPool>;

// Allocates on the current device. Throws DeviceError.
DeviceBytes allocate_device(std::size_t bytes);
PinnedBytes allocate_pinned(std::size_t bytes);
Stream make_stream();
Event make_event(bool timed);

/// A pool for stream-ordered allocation, which keeps up to `kept` bytes for reuse.
Pool make_pool(std::size_t kept);

/// Makes a device current for its lifetime and restores the previous one, on which the caller's CUDA code may
/// depend.
class OnDevice {
  public:
    explicit OnDevice(int device);
    ~OnDevice();
    OnDevice(const OnDevice&) = delete;
    OnDevice& operator=(const OnDevice&) = delete;

  private:
    int before_ = 0;
};

}  // namespace tilewright::cuda
