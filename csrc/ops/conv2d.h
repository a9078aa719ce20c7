#pragma once

#include <cstdint>
#include <vector>

#include "ops/padding.h"

namespace tilewright::ops {

/// A convolution of stride 1 that preserves the size; shared by conv2d and scores.
///   sum(y, x, o) = bias[o] + sum over ky, kx, i of
///                  in[y + (ky - kernel / 2) * dilation][x + (kx - kernel / 2) * dilation][i]
///                  * weights[o][ky][kx][i]
/// in: uint8 (height, width, in_channels); cells outside the map read zero_in, or the opposite edge
/// with circular padding. weights: int8 (out_channels, kernel, kernel, in_channels), row-major; kernel is
/// odd. The zero point is already folded into bias, so padding must read zero_in and not 0.
struct Convolution {
    int in_channels;
    int out_channels;
    int kernel;
    int dilation;
    Padding padding;
    std::uint8_t zero_in;
    std::vector<std::int8_t> weights;
    std::vector<std::int32_t> bias;
};

/// conv2d: a convolution that is requantised to bytes.
///   out[y][x][o] = requantize(sum(y, x, o), multiplier[o], zero_out)
/// out: uint8 (height, width, out_channels).
struct Conv2d {
    static constexpr const char* kName = "conv2d";
    Convolution convolution;
    std::vector<float> multiplier;
    std::uint8_t zero_out;
};

}  // namespace tilewright::ops
