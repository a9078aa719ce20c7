#include "sampler/step_network.h"

#include <algorithm>

namespace tilewright {

RequestedPoints StepRequest::points(std::size_t stage) const {
    const auto rows_of = [&](std::size_t set) { return region_.requested(stage, sets_ + set * set_stride_); };
    int count = 0;
    if (set_count_ == 1) {
        const int cells = region_.list(rows_of(0), cells_);
        for (int i = 0; i < cells; ++i) {
            for (int tile = 0; tile < tiles_; ++tile) {
                points_[count++] = cells_[i] * tiles_ + tile;
            }
        }
        return {{cells_, cells}, points_, count};
    }
    std::uint64_t any[kMostDependentEdge * (kMostDependentEdge / CellRows::kBits)];
    std::fill_n(any, region_.set_words(), 0);
    for (std::size_t set = 0; set < set_count_; ++set) {
        const std::uint64_t* const rows = rows_of(set);
        const int cells = region_.list(rows, cells_);
        for (int i = 0; i < cells; ++i) {
            points_[count++] = cells_[i] * tiles_ + static_cast<int>(set);
        }
        for (std::size_t y = 0; y < region_.set_words(); ++y) {
            any[y] |= rows[y];
        }
    }
    return {{cells_, region_.list(any, cells_)}, points_, count};
}

}  // namespace tilewright
