#pragma once

#include <cstdint>
#include <vector>

namespace tilewright::ops {

/// slice: selects consecutive features of a vector, starting at feature `first`. A map is filled channel by
/// channel.
///   y[f] = x[first + f], or y[row, column, c] = x[first + (c * H + row) * W + column]
/// x: uint8 (features). y: uint8 of `shape`, (features) or (height, width, channels).
struct Slice {
    static constexpr const char* kName = "slice";
    std::int32_t first;
    std::vector<std::int64_t> shape;
};

}  // namespace tilewright::ops
