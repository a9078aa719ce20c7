#include "sampler/dirty_region.h"

#include <algorithm>
#include <utility>

namespace tilewright {

DirtyRegion::DirtyRegion(std::vector<Dependence> stages, int height, int width)
    : stages_(std::move(stages)), height_(height), width_(width) {}

/// A row of bits `by` columns to the right (higher bits).
std::uint64_t DirtyRegion::shifted(std::uint64_t row, int by, bool wraps) const {
    const std::uint64_t all = ~std::uint64_t{0} >> (64 - width_);
    if (wraps) {
        by = (by % width_ + width_) % width_;
        return by == 0 ? row : (row << by | row >> (width_ - by)) & all;
    }
    if (by >= width_ || -by >= width_) {
        return 0;
    }
    return (by >= 0 ? row << by : row >> -by) & all;
}

/// Adds to `to` the cells of `from`, shifted by sign times each position.
void DirtyRegion::dilate(const std::uint64_t* from, const Dependence& dependence, int sign,
                         std::uint64_t* to) const {
    for (const auto& [dy, dx] : dependence.positions) {
        for (int y = 0; y < height_; ++y) {
            int row = y + sign * dy;
            if (dependence.wraps) {
                row = (row % height_ + height_) % height_;
            }
            if (from[y] && row >= 0 && row < height_) {
                to[row] |= shifted(from[y], sign * dx, dependence.wraps);
            }
        }
    }
}

void DirtyRegion::mark_all(std::uint64_t* memory) const {
    for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
        std::fill_n(memory + dirty_at(stage), height_, ~std::uint64_t{0} >> (64 - width_));
    }
}

void DirtyRegion::mark(const std::uint64_t* cells, std::uint64_t* memory) const {
    // The memory of the requested cells holds those that the change reaches: no request is open now.
    const auto reached = [&](int stage) { return memory + requested_at(static_cast<std::size_t>(stage)); };
    for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
        const Dependence& dependence = stages_[stage];
        std::uint64_t* const own = memory + requested_at(stage);
        std::uint64_t* const dirty = memory + dirty_at(stage);
        std::fill_n(own, height_, 0);
        dilate(dependence.input < 0 ? cells : reached(dependence.input), dependence, -1, own);
        for (int y = 0; y < height_; ++y) {
            own[y] |= dependence.added < 0 ? 0 : reached(dependence.added)[y];
            dirty[y] |= own[y];
        }
    }
}

void DirtyRegion::request(const std::uint64_t* cells, std::uint64_t* memory) const {
    const auto requested_of = [&](int stage) {
        return memory + requested_at(static_cast<std::size_t>(stage));
    };
    for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
        std::fill_n(memory + requested_at(stage), height_, 0);
    }
    std::copy_n(cells, height_, memory + requested_at(stages_.size() - 1));
    for (std::size_t stage = stages_.size(); stage-- > 0;) {
        const Dependence& dependence = stages_[stage];
        std::uint64_t* const own = memory + requested_at(stage);
        std::uint64_t* const dirty = memory + dirty_at(stage);
        for (int y = 0; y < height_; ++y) {
            own[y] &= dirty[y];  // a clean cell needs nothing of the stages before it
            dirty[y] &= ~own[y];
            if (dependence.added >= 0) {
                requested_of(dependence.added)[y] |= own[y];
            }
        }
        if (dependence.input >= 0) {
            dilate(own, dependence, 1, requested_of(dependence.input));
        }
    }
}

const std::uint64_t* DirtyRegion::requested(std::size_t stage, const std::uint64_t* memory) const {
    return memory + requested_at(stage);
}

int DirtyRegion::list(const std::uint64_t* cells, std::int32_t* numbers) const {
    int count = 0;
    for (int y = 0; y < height_; ++y) {
        std::uint64_t row = cells[y];
        for (int x = 0; row; ++x, row >>= 1) {
            if (row & 1) {
                numbers[count++] = y * width_ + x;
            }
        }
    }
    return count;
}

}  // namespace tilewright
