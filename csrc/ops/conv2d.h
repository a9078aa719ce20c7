#pragma once

#include <cstdint>
#include <vector>

#include "ops/axes.h"
#include "ops/padding.h"

namespace tilewright::ops {

/// A convolution of stride 1 that preserves the size; shared by conv2d and scores.
///   sum(y, x, o) = bias[o] + sum over ky, kx, i of
///                  in[y + (ky - kernel.y / 2) * dilations.y][x + (kx - kernel.x / 2) * dilations.x][i]
///                  * weights[o][ky][kx][i]
/// in: uint8 (height, width, in_channels); cells outside the map read zero_in, or the opposite edge
/// with circular padding. weights: int8 (out_channels, kernel.y, kernel.x, in_channels), row-major; both
/// edges of the kernel are odd. The zero point is already folded into bias, so padding must read zero_in and
/// not 0.
struct Convolution {
    int in_channels;
    int out_channels;
    Axes kernel;
    Axes dilations;
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
