#pragma once

#include <cstddef>
#include <vector>

namespace tilewright {

/// Bytes that hold a value while the stages first_use to last_use run, both included.
struct LiveRange {
    std::size_t bytes = 0;  ///< 0: takes no place
    int first_use = 0;
    int last_use = 0;
};

/// Where each range lies in an arena; 0 for a range of 0 bytes.
struct ArenaOffsets {
    std::vector<std::size_t> offsets;
    std::size_t bytes;  ///< the end of the last range, at least `head`
};

/// Gives ranges that overlap in time different bytes, from `head` on: first fit, the largest range first.
/// Offsets are sums of `head` and sizes, so they have the alignment that all of those have.
ArenaOffsets assign_offsets(const std::vector<LiveRange>& ranges, std::size_t head);

}  // namespace tilewright
