#pragma once

#include <cstddef>
#include <vector>

#include "core/stages.h"
#include "cpu/kernels.h"
#include "cpu/layout.h"

namespace tilewright::cpu {

/// The location of a value. The offset for T tiles is T times `offset` bytes.
struct Place {
    Layout layout;
    bool int32 = false;
    std::size_t offset = 0;
    std::size_t bytes = 0;
};

/// The memory layouts of a plan's values, and their offsets in a block's arena. Two values share bytes only
/// if their live ranges are disjoint.
class ValueLayout {
  public:
    /// kept: for each value, whether it must not share bytes with others. without_margin: for each stage,
    /// whether it reads no cells around its input. Throws std::invalid_argument if a tile takes too much
    /// memory.
    ValueLayout(const Plan& plan, const std::vector<Stage>& stages, const Kernels& kernels,
                const std::vector<bool>& kept, const std::vector<bool>& without_margin);

    const Place& operator[](ValueId id) const { return places_[id]; }

    /// Bytes of the arena for one tile.
    std::size_t arena_bytes() const { return arena_bytes_; }

  private:
    void set_shapes(const Plan& plan);
    void set_margins(const std::vector<Stage>& stages, const std::vector<bool>& without_margin);
    void check_budget() const;
    void set_offsets(const Plan& plan, const std::vector<Stage>& stages, const std::vector<bool>& kept);

    std::vector<Place> places_;
    std::size_t arena_bytes_ = 0;
};

}  // namespace tilewright::cpu
