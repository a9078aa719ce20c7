#pragma once

#include <cstdint>

namespace tilewright::ops {

/// slice: consecutive features of a vector, from `first` on; a map is filled channel by channel.
///   y[f] = x[first + f], or y[row, column, c] = x[first + (c * H + row) * W + column]
/// y: uint8, with the shape that the plan specifies.
struct Slice {
    static constexpr const char* kName = "slice";
    std::int32_t first;
};

}  // namespace tilewright::ops
