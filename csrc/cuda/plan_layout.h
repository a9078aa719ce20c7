#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/layer_geometry.h"
#include "core/stages.h"
#include "cuda/stage.h"

namespace tilewright::cuda {

/// Returns the stages of the kernel in order: those of core/stages.h except for stages that no result needs.
/// keep_all: one stage per step, with all values kept.
std::vector<tilewright::Stage> choose_stages(const Plan& plan, bool keep_all);

/// Assigns offsets in a block's arena to the values of its tiles, after `head` bytes for constants. Two
/// values share bytes only if their live ranges are disjoint; an addition may overwrite the branch that it
/// reads.
class PlanLayout {
  public:
    PlanLayout(const Plan& plan, const std::vector<tilewright::Stage>& stages, int tiles, std::size_t head,
               bool keep_all);

    const Place& place(ValueId id) const { return places_[id]; }
    std::size_t arena_bytes() const { return arena_bytes_; }

    /// A masked sampler's random words and turns (stage.h), int32 per cell.
    std::uint32_t words() const { return words_; }
    std::uint32_t turns() const { return turns_; }

  private:
    std::vector<Place> places_;
    std::size_t arena_bytes_ = 0;
    std::uint32_t words_ = 0;
    std::uint32_t turns_ = 0;
};

}  // namespace tilewright::cuda
