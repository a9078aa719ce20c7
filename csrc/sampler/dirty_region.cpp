#include "sampler/dirty_region.h"

#include <algorithm>
#include <utility>

namespace tilewright {

DirtyRegion::DirtyRegion(std::vector<Dependence> stages, int height, int width)
    : stages_(std::move(stages)), map_{height, width} {}

void DirtyRegion::mark_all(std::uint64_t* memory) const {
    for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
        std::fill_n(memory + dirty_at(stage), map_.height, stages_[stage].constant() ? 0 : map_.all());
    }
}

void DirtyRegion::mark(const std::uint64_t* cells, std::uint64_t* memory) const {
    // No request is open, so the memory of the requested cells is free for the cells that the change reaches.
    const auto reached = [&](int stage) { return memory + requested_at(static_cast<std::size_t>(stage)); };
    for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
        const Dependence& dependence = stages_[stage];
        std::uint64_t* const own = memory + requested_at(stage);
        std::uint64_t* const dirty = memory + dirty_at(stage);
        std::fill_n(own, map_.height, 0);
        if (dependence.input != Dependence::kNothing) {
            map_.dilate(dependence.input == Dependence::kPicture ? cells : reached(dependence.input),
                        dependence.changing, dependence.wraps, -1, own);
        }
        for (int y = 0; y < map_.height; ++y) {
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
        std::fill_n(memory + requested_at(stage), map_.height, 0);
    }
    std::copy_n(cells, map_.height, memory + requested_at(stages_.size() - 1));
    for (std::size_t stage = stages_.size(); stage-- > 0;) {
        const Dependence& dependence = stages_[stage];
        std::uint64_t* const own = memory + requested_at(stage);
        std::uint64_t* const dirty = memory + dirty_at(stage);
        for (int y = 0; y < map_.height; ++y) {
            own[y] &= dirty[y];  // a clean cell requires no input
            dirty[y] &= ~own[y];
            if (dependence.added >= 0) {
                requested_of(dependence.added)[y] |= own[y];
            }
        }
        if (dependence.input >= 0) {
            map_.dilate(own, dependence.offsets, dependence.wraps, 1, requested_of(dependence.input));
        }
    }
}

const std::uint64_t* DirtyRegion::requested(std::size_t stage, const std::uint64_t* memory) const {
    return memory + requested_at(stage);
}

int DirtyRegion::list(const std::uint64_t* cells, std::int32_t* numbers) const {
    int count = 0;
    for (int y = 0; y < map_.height; ++y) {
        std::uint64_t row = cells[y];
        for (int x = 0; row; ++x, row >>= 1) {
            if (row & 1) {
                numbers[count++] = y * map_.width + x;
            }
        }
    }
    return count;
}

}  // namespace tilewright
