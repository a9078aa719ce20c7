#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/plan.h"
#include "cuda/memory.h"
#include "cuda/run_plan.h"

namespace tilewright::cuda {

/// The properties of a GPU that a program depends on.
struct DeviceLimits {
    std::size_t shared_bytes;          ///< available to one block
    std::size_t multiprocessor_bytes;  ///< of shared memory
    std::size_t reserved_bytes;        ///< reserved by the system for each block
    int multiprocessors;
};

/// The limits of the current device.
DeviceLimits current_limits();

/// A plan prepared for the current device, with packed weights in device memory and a layout of its values.
/// It has variants for several block sizes: the best size for throughput, and smaller ones for calls that
/// would leave multiprocessors idle.
class Program {
  public:
    /// keep_all: do not fuse steps; the results are the bytes of every step, concatenated. The plan must be
    /// checked.
    Program(const Plan& plan, bool keep_all);

    /// How to generate `count` tiles.
    struct Launch {
        BlockPlan plan;
        int blocks;
    };
    Launch plan_for(std::int64_t count) const;

    bool in_shared() const { return in_shared_; }

    /// Bytes of all blocks' arenas outside of shared memory, needed per stream.
    std::size_t arenas_bytes() const { return arenas_bytes_; }

    /// Bytes of the results per tile.
    std::size_t result_bytes() const { return result_bytes_; }

    /// Tiles per block in the largest variant.
    int block_tiles() const { return variants_.back().plan.tiles; }

    /// Evaluations of the network per tile.
    int evaluations() const { return evaluations_; }

  private:
    struct Variant {
        BlockPlan plan;
        int resident;  ///< blocks that the device can run concurrently
    };

    DeviceBytes memory_;
    std::vector<Variant> variants_;  ///< by tiles, ascending
    bool in_shared_ = true;
    int evaluations_ = 1;
    std::size_t arenas_bytes_ = 0;
    std::size_t result_bytes_ = 0;
};

}  // namespace tilewright::cuda
