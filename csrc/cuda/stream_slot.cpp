#include "cuda/stream_slot.h"

#include <algorithm>
#include <utility>

#include "cuda/error.h"
#include "cuda/process.h"

namespace tilewright::cuda {
namespace {

constexpr std::int64_t kMostChunkTiles = 4096;
constexpr std::size_t kMostChunkBytes = std::size_t{32} << 20;
constexpr std::size_t kMostPooledBytes = std::size_t{256} << 20;

/// Returns the number of tiles per copy to or from the host. bytes: of a tile.
std::int64_t chunk_tiles(std::size_t bytes) {
    const std::int64_t fitting = static_cast<std::int64_t>(kMostChunkBytes / std::max<std::size_t>(bytes, 1));
    return std::clamp(fitting / kTilesMultiple * kTilesMultiple, kTilesMultiple, kMostChunkTiles);
}

}  // namespace

bool wait_for(const Event& event, Interrupt* interrupt) {
    cudaError_t state = cudaErrorNotReady;
    while (state == cudaErrorNotReady) {
        if (requested(interrupt)) {
            return false;
        }
        state = cudaEventQuery(event.get());
    }
    check(state, "the GPU failed");
    return true;
}

StreamSlot::StreamSlot(const Program& program, std::size_t given_bytes, std::size_t shared_bytes)
    : tiles(chunk_tiles(std::max(program.result_bytes(), given_bytes))),
      input_bytes(shared_bytes + static_cast<std::size_t>(tiles) * given_bytes),
      stream(make_stream()),
      done(make_event(false)),
      pool(make_pool(kMostPooledBytes)),
      arenas(allocate_device(program.arenas_bytes())),
      inputs(allocate_device(input_bytes)),
      host_inputs(allocate_pinned(input_bytes)),
      results(allocate_device(static_cast<std::size_t>(tiles) * program.result_bytes())),
      host_results(allocate_pinned(static_cast<std::size_t>(tiles) * program.result_bytes())) {}

PooledMemory::PooledMemory(std::size_t size, int device, std::shared_ptr<StreamSlot> slot)
    : device_(device), slot_(std::move(slot)), filled_(make_event(false)) {
    void* memory = nullptr;
    check(cudaMallocFromPoolAsync(&memory, std::max<std::size_t>(size, 1), slot_->pool.get(),
                                  slot_->stream.get()),
          "no room in the GPU's memory");
    bytes_ = static_cast<std::uint8_t*>(memory);
}

PooledMemory::~PooledMemory() {
    if (is_forked()) {
        return;
    }
    const Event read = [] {
        cudaEvent_t event = nullptr;
        cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
        return Event(event);
    }();
    int before = 0;
    cudaGetDevice(&before);
    cudaSetDevice(device_);
    if (read && cudaEventRecord(read.get(), cudaStreamLegacy) == cudaSuccess) {
        cudaStreamWaitEvent(slot_->stream.get(), read.get(), 0);
    }
    cudaFreeAsync(bytes_, slot_->stream.get());
    cudaSetDevice(before);
    cudaGetLastError();
}

void PooledMemory::mark_filled() const {
    check(cudaEventRecord(filled_.get(), slot_->stream.get()), "the GPU failed");
}

void PooledMemory::make_wait(std::uintptr_t stream) const {
    const OnDevice here(device_);
    check(cudaStreamWaitEvent(reinterpret_cast<cudaStream_t>(stream), filled_.get(), 0), "the GPU failed");
}

void PooledMemory::copy_to_host(std::size_t offset, std::size_t size, std::uint8_t* to,
                                Interrupt* interrupt) const {
    const OnDevice here(device_);
    if (!wait_for(filled_, interrupt)) {
        return;
    }
    check(cudaMemcpy(to, bytes_ + offset, size, cudaMemcpyDeviceToHost), "no copy from the GPU");
}

}  // namespace tilewright::cuda
