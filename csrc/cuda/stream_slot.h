#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/device_executor.h"
#include "core/interrupt.h"
#include "cuda/memory.h"
#include "cuda/program.h"

namespace tilewright::cuda {

constexpr std::int64_t kTilesMultiple = kChunk;  ///< chunks begin at results aligned to 16 bytes

/// Waits for an event. Returns false if the caller interrupts.
bool wait_for(const Event& event, Interrupt* interrupt);

/// A stream with its buffers: the inputs and results of one chunk, on the host and on the device.
struct StreamSlot {
    /// given_bytes: what a caller may give for each tile; shared_bytes: for all of them.
    StreamSlot(const Program& program, std::size_t given_bytes, std::size_t shared_bytes);

    std::int64_t tiles;
    std::size_t input_bytes;
    Stream stream;
    Event done;  ///< recorded after all pending work of the stream
    Pool pool;   ///< for results that stay on the device
    DeviceBytes arenas;
    DeviceBytes inputs;
    PinnedBytes host_inputs;
    DeviceBytes results;
    PinnedBytes host_results;
};

/// Memory of the device's pool, allocated on a stream. It keeps the stream alive, because results outlive
/// executors.
class PooledMemory : public DeviceMemory {
  public:
    PooledMemory(std::size_t size, int device, std::shared_ptr<StreamSlot> slot);

    /// Readers on the default stream may still be running, so the memory is freed after that stream.
    ~PooledMemory() override;

    PooledMemory(const PooledMemory&) = delete;
    PooledMemory& operator=(const PooledMemory&) = delete;

    /// Call this after enqueuing all writes to the memory.
    void mark_filled() const;

    std::uint8_t* bytes() const override { return bytes_; }
    int device() const override { return device_; }
    std::uintptr_t stream() const override { return reinterpret_cast<std::uintptr_t>(slot_->stream.get()); }

    void make_wait(std::uintptr_t stream) const override;
    void copy_to_host(std::size_t offset, std::size_t size, std::uint8_t* to,
                      Interrupt* interrupt) const override;

  private:
    int device_;
    std::shared_ptr<StreamSlot> slot_;
    Event filled_;
    std::uint8_t* bytes_ = nullptr;
};

}  // namespace tilewright::cuda
