#include "sampler/dirty_region.h"

#include <algorithm>
#include <utility>

namespace tilewright {

DirtyRegion::DirtyRegion(std::vector<Dependence> stages, int height, int width)
    : stages_(std::move(stages)), map_{height, width} {}

void DirtyRegion::mark_all(std::uint64_t* memory) const {
    for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
        std::uint64_t* const dirty = memory + dirty_at(stage);
        std::fill_n(dirty, set_words(), 0);
        if (!stages_[stage].constant()) {
            map_.add_all(dirty);
        }
    }
}

void DirtyRegion::mark(const std::uint64_t* cells, std::uint64_t* memory) const {
    // No request is open, so the memory of the requested cells is free for the cells that the change reaches.
    const auto reached = [&](int stage) { return memory + requested_at(static_cast<std::size_t>(stage)); };
    for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
        const Dependence& dependence = stages_[stage];
        std::uint64_t* const own = memory + requested_at(stage);
        std::uint64_t* const dirty = memory + dirty_at(stage);
        std::fill_n(own, set_words(), 0);
        if (dependence.input != Dependence::kNothing) {
            map_.dilate(dependence.input == Dependence::kPicture ? cells : reached(dependence.input),
                        dependence.changing, dependence.wraps, -1, own);
        }
        for (std::size_t word = 0; word < set_words(); ++word) {
            own[word] |= dependence.added < 0 ? 0 : reached(dependence.added)[word];
            dirty[word] |= own[word];
        }
    }
}

void DirtyRegion::request(const std::uint64_t* cells, std::uint64_t* memory) const {
    const auto requested_of = [&](int stage) {
        return memory + requested_at(static_cast<std::size_t>(stage));
    };
    for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
        std::fill_n(memory + requested_at(stage), set_words(), 0);
    }
    std::copy_n(cells, set_words(), memory + requested_at(stages_.size() - 1));
    for (std::size_t stage = stages_.size(); stage-- > 0;) {
        const Dependence& dependence = stages_[stage];
        std::uint64_t* const own = memory + requested_at(stage);
        std::uint64_t* const dirty = memory + dirty_at(stage);
        for (std::size_t word = 0; word < set_words(); ++word) {
            own[word] &= dirty[word];  // a clean cell requires no input
            dirty[word] &= ~own[word];
            if (dependence.added >= 0) {
                requested_of(dependence.added)[word] |= own[word];
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
    map_.for_each(cells, [&](int cell) { numbers[count++] = cell; });
    return count;
}

}  // namespace tilewright
