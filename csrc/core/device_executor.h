#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

#include "core/executor.h"
#include "core/plan.h"

namespace tilewright {

/// A failure of a GPU: no device, no memory, a fork. The text gives the reason.
class DeviceError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// An allocation in GPU memory with shared ownership. Writes to it may still be pending on its stream.
class DeviceMemory {
  public:
    virtual ~DeviceMemory() = default;
    virtual std::uint8_t* bytes() const = 0;
    virtual int device() const = 0;

    /// The stream that fills the memory, as cudaStream_t.
    virtual std::uintptr_t stream() const = 0;

    /// Makes another stream of the same device wait until the memory is filled.
    virtual void make_wait(std::uintptr_t stream) const = 0;

    /// Waits until the memory is filled and copies `size` bytes, starting at `offset`.
    virtual void copy_to_host(std::size_t offset, std::size_t size, std::uint8_t* to,
                              Interrupt* interrupt) const = 0;
};

/// A C-contiguous array within an allocation.
struct DeviceArray {
    std::shared_ptr<DeviceMemory> memory;
    std::size_t offset;
    std::vector<std::int64_t> shape;  ///< of uint8

    std::uint8_t* data() const { return memory->bytes() + offset; }
    std::int64_t size() const;
};

/// Runs a checked plan on one GPU, with the same results as Executor. Threads may share it; their calls run
/// one at a time. The Interrupt is checked between launches and while the host waits; running launches are
/// completed. Methods throw DeviceError for failures of the device, and std::invalid_argument like Executor.
class DeviceExecutor {
  public:
    virtual ~DeviceExecutor() = default;
    virtual const Plan& plan() const = 0;

    /// Like Executor::run; request.threads is ignored.
    virtual void run(const TileRequest& request, const std::vector<std::uint8_t*>& outputs) const = 0;

    /// Returns the outputs in device memory, (count, bytes) each, without waiting for them.
    virtual std::vector<DeviceArray> run_on_device(const TileRequest& request) const = 0;

    /// Like Executor::trace.
    virtual std::vector<std::vector<std::uint8_t>> trace(const TileRequest& request) const = 0;

    /// Returns the seconds of each of `rounds` launches of `tiles` tiles on the device, without copies.
    virtual std::vector<double> time(std::size_t tiles, int rounds, Interrupt* interrupt) const = 0;

    /// The tiles per block of threads.
    virtual int block_tiles() const = 0;

    /// Whether the values of these tiles fit shared memory.
    virtual bool in_shared_memory() const = 0;

    /// The evaluations of the network per tile.
    virtual int evaluations() const = 0;

    // --- Colours on the device, as in palette.py ---

    virtual DeviceArray upload(const std::uint8_t* bytes, std::vector<std::int64_t> shape) const = 0;

    /// (..., 3 or 4) -> (..., 4), with alpha 0 or 255; transparent colours become black.
    virtual DeviceArray binarize_alpha(const DeviceArray& colours) const = 0;

    /// Replaces every opaque colour of (..., 4) by the nearest of `palette` (K, 4), all opaque.
    virtual DeviceArray remap(const DeviceArray& colours, const std::vector<std::uint8_t>& palette) const = 0;

    /// indices (N, H, W), palettes (N or 1, K, 4) -> (N, H, W, 4), like core/apply_palette.h.
    virtual DeviceArray apply_palette(const DeviceArray& indices, const DeviceArray& palettes) const = 0;
};

/// Prepares a plan for GPU `device` of the CUDA runtime. Implemented twice: in csrc/cuda, and in
/// csrc/no_cuda, which throws DeviceError. Throws std::invalid_argument for an inconsistent plan.
std::unique_ptr<DeviceExecutor> make_cuda_executor(Plan plan, int device);

}  // namespace tilewright
