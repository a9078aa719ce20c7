#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/interrupt.h"
#include "core/plan.h"

namespace tilewright {

/// Tiles that are executed together.
struct Block {
    std::size_t tiles;
    const std::vector<std::vector<std::uint8_t>>* inputs;  ///< of each input of the plan: (tiles, its bytes)
    std::uint64_t seed;                                    ///< of the sampler's random numbers
    const std::uint64_t* numbers;  ///< (tiles), of the tiles in the streams of random words
    const std::uint8_t* allowed;   ///< (tiles, colours), whether the sampler may draw an entry; null: it may
    const SamplingOptions* sampling;  ///< of a plan with a sampler
    Interrupt* interrupt;             ///< may end the block early, or null
};

/// The cost of one stage of a plan.
struct StageTime {
    std::string ops;              ///< "conv2d + lookup + add"
    double seconds;               ///< for one tile of one evaluation, or of all that compute few cells each
    std::uint64_t multiply_adds;  ///< likewise
};

/// A plan prepared for one backend, with packed weights and a memory layout. Immutable; threads may share it.
class Program {
  public:
    virtual ~Program() = default;

    /// Returns the number of tiles of the next block, 1 to `left`, if `left` tiles remain.
    virtual std::size_t block_tiles(std::size_t left) const = 0;

    /// Returns the bytes that one thread needs, aligned to kAlignment (core/aligned_memory.h). The contents
    /// need not be preserved between blocks.
    virtual std::size_t workspace_bytes() const = 0;

    /// Executes the tiles of a block, bit-exactly as specified by the contracts in csrc/ops.
    virtual void run(const Block& block, std::uint8_t* workspace) const = 0;

    /// Copies one tile's value from the workspace, without padding: a result of the plan, or any value of a
    /// program that keeps all values. `tiles`: the size of the block that was run.
    virtual void read(ValueId value, std::size_t tile, std::size_t tiles, const std::uint8_t* workspace,
                      std::uint8_t* to) const = 0;

    /// Returns the multiply-adds executed per tile, excluding border and padding.
    virtual std::uint64_t multiply_adds() const = 0;

    /// Returns the cells that each evaluation of an autoregressive sampler fixes, as row-major numbers.
    virtual std::vector<std::vector<std::int32_t>> groups() const { return {}; }

    /// Runs the network's stages on a block `rounds` times and measures each stage.
    virtual std::vector<StageTime> time_stages(const Block& block, std::uint8_t* workspace,
                                               int rounds) const = 0;
};

/// An implementation of plans on this machine.
class Backend {
  public:
    virtual ~Backend() = default;
    virtual const char* name() const = 0;

    /// Prepares a checked plan. keep_all: do not fuse steps, and keep every value readable after run. Throws
    /// std::invalid_argument for a plan that needs too much memory.
    virtual std::unique_ptr<Program> prepare(const Plan& plan, bool keep_all) const = 0;

    /// Measures the multiply-adds of bytes per second that one thread reaches in registers.
    virtual double measure_peak() const = 0;
};

}  // namespace tilewright
