#include "core/arena.h"

#include <algorithm>

namespace tilewright {

ArenaOffsets assign_offsets(const std::vector<LiveRange>& ranges, std::size_t head) {
    std::vector<std::size_t> largest_first;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        if (ranges[i].bytes > 0) {
            largest_first.push_back(i);
        }
    }
    std::sort(largest_first.begin(), largest_first.end(), [&](std::size_t a, std::size_t b) {
        return ranges[a].bytes != ranges[b].bytes ? ranges[a].bytes > ranges[b].bytes : a < b;
    });
    ArenaOffsets arena{std::vector<std::size_t>(ranges.size(), 0), head};
    const auto below = [&](std::size_t a, std::size_t b) { return arena.offsets[a] < arena.offsets[b]; };
    std::vector<std::size_t> placed;  // sorted by offset
    for (const std::size_t i : largest_first) {
        const LiveRange& range = ranges[i];
        std::size_t offset = head;
        for (const std::size_t other : placed) {
            const bool overlapping =
                range.first_use <= ranges[other].last_use && ranges[other].first_use <= range.last_use;
            if (!overlapping) {
                continue;
            }
            if (offset + range.bytes <= arena.offsets[other]) {
                break;  // it fits into the gap before this range
            }
            offset = std::max(offset, arena.offsets[other] + ranges[other].bytes);
        }
        arena.offsets[i] = offset;
        arena.bytes = std::max(arena.bytes, offset + range.bytes);
        placed.insert(std::upper_bound(placed.begin(), placed.end(), i, below), i);
    }
    return arena;
}

}  // namespace tilewright
