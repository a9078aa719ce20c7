#include "cuda/memory.h"

#include <string>

#include "core/device_executor.h"
#include "cuda/error.h"
#include "cuda/process.h"

namespace tilewright::cuda {

void check(cudaError_t error, const char* what) {
    if (error != cudaSuccess) {
        cudaGetLastError();  // clear the error, which the runtime keeps until it is queried
        throw DeviceError(std::string(what) + ": " + cudaGetErrorString(error));
    }
}

// Freeing never throws: at the end of the process, the runtime and its memory may be gone. In a forked child,
// the memory belongs to the parent.
void FreeDevice::operator()(std::uint8_t* bytes) const {
    if (!is_forked()) {
        cudaFree(bytes);
    }
}

void FreePinned::operator()(std::uint8_t* bytes) const {
    if (!is_forked()) {
        cudaFreeHost(bytes);
    }
}

void DestroyStream::operator()(cudaStream_t stream) const {
    if (!is_forked()) {
        cudaStreamDestroy(stream);
    }
}

void DestroyEvent::operator()(cudaEvent_t event) const {
    if (!is_forked()) {
        cudaEventDestroy(event);
    }
}

void DestroyPool::operator()(cudaMemPool_t pool) const {
    if (!is_forked()) {
        cudaMemPoolDestroy(pool);
    }
}

DeviceBytes allocate_device(std::size_t bytes) {
    void* memory = nullptr;
    check(cudaMalloc(&memory, bytes > 0 ? bytes : 1), "no room in the GPU's memory");
    return DeviceBytes(static_cast<std::uint8_t*>(memory));
}

PinnedBytes allocate_pinned(std::size_t bytes) {
    void* memory = nullptr;
    check(cudaMallocHost(&memory, bytes > 0 ? bytes : 1), "no pinned memory");
    return PinnedBytes(static_cast<std::uint8_t*>(memory));
}

Stream make_stream() {
    cudaStream_t stream = nullptr;
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "no stream");
    return Stream(stream);
}

Event make_event(bool timed) {
    cudaEvent_t event = nullptr;
    check(cudaEventCreateWithFlags(&event, timed ? cudaEventDefault : cudaEventDisableTiming), "no event");
    return Event(event);
}

Pool make_pool(std::size_t kept) {
    int device = 0;
    check(cudaGetDevice(&device), "no device");
    cudaMemPoolProps properties{};
    properties.allocType = cudaMemAllocationTypePinned;
    properties.location.type = cudaMemLocationTypeDevice;
    properties.location.id = device;
    cudaMemPool_t made = nullptr;
    check(cudaMemPoolCreate(&made, &properties), "no pool of the GPU's memory");
    Pool pool(made);
    std::uint64_t threshold = kept;
    check(cudaMemPoolSetAttribute(made, cudaMemPoolAttrReleaseThreshold, &threshold),
          "no pool of the GPU's memory");
    return pool;
}

OnDevice::OnDevice(int device) {
    if (is_forked()) {
        throw DeviceError(kForked);
    }
    enter_process();
    check(cudaGetDevice(&before_), "no device");
    check(cudaSetDevice(device), "the device cannot be used");
}

OnDevice::~OnDevice() { cudaSetDevice(before_); }

}  // namespace tilewright::cuda
