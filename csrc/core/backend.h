#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/interrupt.h"
#include "core/plan.h"

namespace tilewright {

/// Tiles first, first + 1, ... that are made together.
struct Block {
    std::size_t tiles;
    const std::vector<std::vector<std::uint8_t>>* inputs;  ///< of each input of the plan: (tiles, its bytes)
    std::uint64_t seed;                                    ///< what a sampler draws from
    std::uint64_t first;
    Interrupt* interrupt;  ///< what may end it early, or null
};

/// What one stage of a plan costs.
struct StageTime {
    std::string ops;              ///< "conv2d + lookup + add"
    double seconds;               ///< for one tile of one evaluation
    std::uint64_t multiply_adds;  ///< likewise
};

/// A plan made ready for one backend: weights packed, memory laid out. Immutable, so that threads may share
/// it.
class Program {
  public:
    virtual ~Program() = default;

    /// How many tiles the next block should have when so many are left: 1 or more, never more than left.
    virtual std::size_t block_tiles(std::size_t left) const = 0;

    /// What one thread needs, aligned to kAlignment (core/aligned_memory.h); it holds nothing to rely on
    /// between blocks.
    virtual std::size_t workspace_bytes() const = 0;

    /// Makes the tiles of a block, to the last bit as the contracts in csrc/ops say.
    virtual void run(const Block& block, std::uint8_t* workspace) const = 0;

    /// Copies one tile's value out of the workspace, without padding: a result of the plan, or any value of a
    /// program that keeps them all. `tiles`: of the block that was run.
    virtual void read(ValueId value, std::size_t tile, std::size_t tiles, const std::uint8_t* workspace,
                      std::uint8_t* to) const = 0;

    /// Multiply-adds that are executed for one tile, the border's and padding's not counted.
    virtual std::uint64_t multiply_adds() const = 0;

    /// The cells that each evaluation of an autoregressive sampler fixes, by their row-major numbers.
    virtual std::vector<std::vector<std::int32_t>> groups() const { return {}; }

    /// Runs the network's stages on a block `rounds` times and measures each.
    virtual std::vector<StageTime> time_stages(const Block& block, std::uint8_t* workspace,
                                               int rounds) const = 0;
};

/// One way to execute plans on this machine.
class Backend {
  public:
    virtual ~Backend() = default;
    virtual const char* name() const = 0;

    /// The plan was checked. keep_all: every step by itself, and every value readable after run. Throws
    /// std::invalid_argument for a plan that needs too much memory.
    virtual std::unique_ptr<Program> prepare(const Plan& plan, bool keep_all) const = 0;

    /// Multiply-adds of bytes a second that one thread reaches when it does nothing else, measured now.
    virtual double measure_peak() const = 0;
};

}  // namespace tilewright
