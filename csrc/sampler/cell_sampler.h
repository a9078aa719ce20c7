#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/backend.h"
#include "core/plan.h"
#include "sampler/cell_order.h"
#include "sampler/dirty_region.h"
#include "sampler/step_network.h"
#include "sampler/wavefronts.h"

namespace tilewright {

/// Fixes the cells of a block's pictures, one evaluation after another (docs/numerics.md). Determines the
/// order, the requested cells of each evaluation, and the sampled values. A backend provides the network.
class CellSampler {
  public:
    /// height, width: of the picture. most_tiles: of a block. region: the dirty region of the network's
    /// stages; none if the network knows what an evaluation computes. groups: the cells of each evaluation of
    /// an autoregressive sampler; a masked sampler draws them. keeps_values: whether the network's values
    /// persist between evaluations. The plan must outlive this object.
    CellSampler(const Sampler& sampler, int height, int width, std::size_t most_tiles,
                std::optional<DirtyRegion> region, std::vector<CellGroup> groups, bool keeps_values);

    const std::vector<CellGroup>& groups() const { return groups_; }

    /// Returns the evaluations of the network per picture.
    std::size_t evaluations(const SamplingOptions& options) const;

    /// Returns the size of the scratch memory of `run`.
    std::size_t memory_bytes() const;

    /// The network's cells are the plan's input: those that are known at first never change. memory: aligned
    /// to uint64.
    void run(const Block& block, StepNetwork& network, std::uint8_t* memory) const;

  private:
    /// The parts of `run`'s memory.
    struct Memory {
        std::uint64_t* sets;            ///< of each set: the cells of the current step, then the region's
        std::int32_t* order;            ///< (tiles, cells), for a masked sampler alone: the unknown cells
        std::int32_t* totals;           ///< (tiles), for a masked sampler alone: their number
        std::int32_t* request_scratch;  ///< of a StepRequest
    };

    bool tiles_share_cells() const { return sampler_->method == Sampler::Method::kAutoregressive; }
    std::size_t cell_count() const;
    std::size_t set_words() const;
    std::size_t words() const;
    std::size_t order_size() const;
    std::size_t totals_size() const;
    bool is_unknown(std::uint8_t cell) const { return cell == sampler_->colours; }
    Memory divide(std::uint8_t* memory) const;
    std::size_t steps() const;
    std::int32_t round_of(std::size_t step) const;
    void sort_cells(const Block& block, const Memory& memory, std::size_t tile, std::int32_t round) const;
    void draw_orders(const Block& block, std::uint8_t* cells, const Memory& memory) const;
    void begin_round(const Block& block, std::uint8_t* cells, const Memory& memory, std::size_t step) const;
    CellList cells_of_step(const Block& block, const Memory& memory, std::size_t tile,
                           std::size_t step) const;
    std::size_t needed_evaluations(const Block& block, const std::uint8_t* cells) const;
    bool fixes_nothing(const Block& block, const Memory& memory, std::size_t step) const;
    StepRequest request_step(const Block& block, const Memory& memory, std::size_t step) const;
    void fix_cells(const Block& block, const StepNetwork& network, std::size_t tile, const CellList& fixed,
                   std::int32_t round, std::uint8_t* cells) const;

    const Sampler* sampler_;
    int height_;
    int width_;
    std::size_t most_tiles_;
    std::optional<DirtyRegion> region_;
    std::vector<CellGroup> groups_;
    bool keeps_values_;
    std::optional<CellOrder> order_;  ///< of a masked sampler
};

}  // namespace tilewright
