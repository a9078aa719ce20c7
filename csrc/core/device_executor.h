#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

#include "core/executor.h"
#include "core/plan.h"

namespace tilewright {

/// What a GPU could not do: no device, no memory, a fork. The text says why.
class DeviceError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A room in a GPU's memory, given back when the last who knows it lets go. What fills it may still be under
/// way on the room's stream.
class DeviceMemory {
  public:
    virtual ~DeviceMemory() = default;
    virtual std::uint8_t* bytes() const = 0;
    virtual int device() const = 0;

    /// The stream on which it is filled, as cudaStream_t.
    virtual std::uintptr_t stream() const = 0;

    /// Makes another stream of the same device wait until it is filled.
    virtual void make_wait(std::uintptr_t stream) const = 0;

    /// Waits until it is filled and copies `size` bytes from `offset` on.
    virtual void copy_to_host(std::size_t offset, std::size_t size, std::uint8_t* to,
                              Interrupt* interrupt) const = 0;
};

/// A part of a room, C-contiguous.
struct DeviceArray {
    std::shared_ptr<DeviceMemory> memory;
    std::size_t offset;
    std::vector<std::int64_t> shape;  ///< of uint8

    std::uint8_t* data() const { return memory->bytes() + offset; }
    std::int64_t size() const;
};

/// Runs a checked plan on one GPU, the same bytes as an Executor. Threads may share it; their calls take
/// turns. An Interrupt is looked at between launches and while the host waits; what was launched runs to its
/// end. Methods throw DeviceError for what the device cannot do, std::invalid_argument as Executor does.
class DeviceExecutor {
  public:
    virtual ~DeviceExecutor() = default;
    virtual const Plan& plan() const = 0;

    /// As Executor::run; request.threads counts for nothing.
    virtual void run(const TileRequest& request, const std::vector<std::uint8_t*>& outputs) const = 0;

    /// The outputs in the device's memory, (count, bytes) each, without waiting for them.
    virtual std::vector<DeviceArray> run_on_device(const TileRequest& request) const = 0;

    /// As Executor::trace.
    virtual std::vector<std::vector<std::uint8_t>> trace(const TileRequest& request) const = 0;

    /// Seconds that the device takes for `tiles` tiles whose results stay there, of each of `rounds`
    /// launches.
    virtual std::vector<double> time(std::size_t tiles, int rounds, Interrupt* interrupt) const = 0;

    /// How many tiles a block of threads takes through the plan, and whether their values fit shared memory.
    virtual int block_tiles() const = 0;
    virtual bool in_shared_memory() const = 0;

    // --- Colours, on the device as in palette.py ---

    virtual DeviceArray upload(const std::uint8_t* bytes, std::vector<std::int64_t> shape) const = 0;

    /// (..., 3 or 4) -> (..., 4), alpha 0 or 255; clear colours are black.
    virtual DeviceArray opaque_or_clear(const DeviceArray& colours) const = 0;

    /// Every opaque colour of (..., 4) replaced by the nearest of `palette` (K, 4), all opaque.
    virtual DeviceArray remap(const DeviceArray& colours, const std::vector<std::uint8_t>& palette) const = 0;

    /// indices (N, H, W), palettes (N or 1, K, 4) -> (N, H, W, 4), as core/paint.h.
    virtual DeviceArray paint(const DeviceArray& indices, const DeviceArray& palettes) const = 0;
};

/// Makes a plan ready for the GPU that the CUDA runtime calls `device`. Written twice: csrc/cuda, and
/// csrc/no_cuda, which throws DeviceError. Throws std::invalid_argument when the plan does not hold together.
std::unique_ptr<DeviceExecutor> make_cuda_executor(Plan plan, int device);

}  // namespace tilewright
