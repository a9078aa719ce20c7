#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/plan.h"
#include "cuda/memory.h"
#include "cuda/run_plan.h"

namespace tilewright::cuda {

/// What a program has to know of a GPU.
struct DeviceLimits {
    std::size_t shared_bytes;          ///< that one block can have
    std::size_t multiprocessor_bytes;  ///< of shared memory
    std::size_t reserved_bytes;        ///< of it that the system takes for each block
    int multiprocessors;
};

/// The limits of the current device.
DeviceLimits current_limits();

/// A plan made ready for the current device: weights packed and copied there, values laid out. It is laid out
/// for several numbers of tiles in a block: as many as make the best use of a multiprocessor, and fewer for
/// calls that would leave multiprocessors idle.
class Program {
  public:
    /// keep_all: every step by itself, its bytes the results, one after another. The plan was checked.
    Program(const Plan& plan, bool keep_all);

    /// How to make `count` tiles.
    struct Launch {
        BlockPlan plan;
        int blocks;
    };
    Launch plan_for(std::int64_t count) const;

    bool in_shared() const { return in_shared_; }

    /// Bytes of all blocks' arenas, where they are not in shared memory; each stream needs its own.
    std::size_t arenas_bytes() const { return arenas_bytes_; }

    /// Bytes of a tile's results.
    std::size_t result_bytes() const { return result_bytes_; }

    /// Tiles of the largest block.
    int block_tiles() const { return variants_.back().plan.tiles; }

  private:
    struct Variant {
        BlockPlan plan;
        int resident;  ///< blocks that the whole device runs at a time
    };
    class Builder;

    DeviceBytes memory_;
    std::vector<Variant> variants_;  ///< by tiles, ascending
    bool in_shared_ = true;
    std::size_t arenas_bytes_ = 0;
    std::size_t result_bytes_ = 0;
};

}  // namespace tilewright::cuda
