#pragma once

#include <cstdint>

namespace tilewright::ops {

/// mean: the mean of each channel over all cells of a map.
///   y[k] = requantize(sum over p of (x[p][k] - zero_in), multiplier, zero_out)
/// x: uint8 (height, width, channels), of so few cells that the sum of any bytes fits int32. y: uint8
/// (channels). The number of cells is part of the multiplier.
struct Mean {
    static constexpr const char* kName = "mean";
    float multiplier;
    std::uint8_t zero_in;
    std::uint8_t zero_out;
};

}  // namespace tilewright::ops
