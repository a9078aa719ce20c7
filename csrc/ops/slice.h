#pragma once

#include <cstdint>

namespace tilewright::ops {

/// slice: some of the features of a vector, from `first` on; as a map they are taken channel by channel.
///   y[f] = x[first + f], or y[row, column, c] = x[first + (c * H + row) * W + column]
/// y: uint8, of the shape that the plan gives it.
struct Slice {
    static constexpr const char* kName = "slice";
    std::int32_t first;
};

}  // namespace tilewright::ops
