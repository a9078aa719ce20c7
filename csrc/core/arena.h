#pragma once

#include <cstddef>
#include <vector>

namespace tilewright {

/// The size of a value and the stages first_use to last_use, inclusive, during which it is live.
struct LiveRange {
    std::size_t bytes = 0;  ///< 0: needs no space
    int first_use = 0;
    int last_use = 0;
};

/// The offset of each range in an arena; 0 for a range of 0 bytes.
struct ArenaOffsets {
    std::vector<std::size_t> offsets;
    std::size_t bytes;  ///< the end of the last range, at least `head`
};

/// Assigns offsets of at least `head`. Ranges that overlap in time get disjoint bytes. Uses first fit in
/// order of decreasing size. Each offset is a sum of `head` and sizes, so it has the alignment that all of
/// these share.
ArenaOffsets assign_offsets(const std::vector<LiveRange>& ranges, std::size_t head);

}  // namespace tilewright
