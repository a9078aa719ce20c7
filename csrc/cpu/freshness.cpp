#include "cpu/freshness.h"

#include <algorithm>
#include <utility>

namespace tilewright::cpu {

Freshness::Freshness(std::vector<Dependence> stages, int height, int width)
    : stages_(std::move(stages)), height_(height), width_(width) {}

std::uint64_t* Freshness::stale(std::size_t stage, std::uint64_t* memory) const {
    return memory + 2 * stage * static_cast<std::size_t>(height_);
}

std::uint64_t* Freshness::wanted(std::size_t stage, std::uint64_t* memory) const {
    return memory + (2 * stage + 1) * static_cast<std::size_t>(height_);
}

/// A row of bits `by` columns to the right (higher bits).
std::uint64_t Freshness::moved(std::uint64_t row, int by, bool wraps) const {
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

/// Adds to `to` the cells of `from`, each moved by sign times every position.
void Freshness::spread(const std::uint64_t* from, const Dependence& dependence, int sign,
                       std::uint64_t* to) const {
    for (const auto& [dy, dx] : dependence.positions) {
        for (int y = 0; y < height_; ++y) {
            int row = y + sign * dy;
            if (dependence.wraps) {
                row = (row % height_ + height_) % height_;
            }
            if (from[y] && row >= 0 && row < height_) {
                to[row] |= moved(from[y], sign * dx, dependence.wraps);
            }
        }
    }
}

void Freshness::begin(std::uint64_t* memory) const {
    for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
        std::fill_n(stale(stage, memory), height_, ~std::uint64_t{0} >> (64 - width_));
    }
}

void Freshness::change(const std::uint64_t* cells, std::uint64_t* memory) const {
    // `wanted` serves as the set of cells that this change reaches.
    for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
        const Dependence& dependence = stages_[stage];
        std::uint64_t* reached = wanted(stage, memory);
        std::fill_n(reached, height_, 0);
        const std::uint64_t* source =
            dependence.input < 0 ? cells : wanted(static_cast<std::size_t>(dependence.input), memory);
        spread(source, dependence, -1, reached);
        for (int y = 0; y < height_; ++y) {
            reached[y] |=
                dependence.added < 0 ? 0 : wanted(static_cast<std::size_t>(dependence.added), memory)[y];
            stale(stage, memory)[y] |= reached[y];
        }
    }
}

void Freshness::want(const std::uint64_t* cells, std::uint64_t* memory) const {
    for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
        std::fill_n(wanted(stage, memory), height_, 0);
    }
    std::copy_n(cells, height_, wanted(stages_.size() - 1, memory));
    for (std::size_t stage = stages_.size(); stage-- > 0;) {
        const Dependence& dependence = stages_[stage];
        std::uint64_t* own = wanted(stage, memory);
        for (int y = 0; y < height_; ++y) {
            own[y] &= stale(stage, memory)[y];  // what is fresh needs nothing of the stages before it
            if (dependence.added >= 0) {
                wanted(static_cast<std::size_t>(dependence.added), memory)[y] |= own[y];
            }
        }
        if (dependence.input >= 0) {
            spread(own, dependence, 1, wanted(static_cast<std::size_t>(dependence.input), memory));
        }
    }
}

const std::uint64_t* Freshness::take(std::size_t stage, std::uint64_t* memory) const {
    const std::uint64_t* cells = wanted(stage, memory);
    for (int y = 0; y < height_; ++y) {
        stale(stage, memory)[y] &= ~cells[y];
    }
    return cells;
}

int Freshness::list(const std::uint64_t* cells, std::int32_t* numbers) const {
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

}  // namespace tilewright::cpu
