#pragma once

#include <cstdint>
#include <vector>

#include "ops/padding.h"

namespace tilewright::ops {

/// What conv2d and scores share: a stride 1 convolution whose output is as large as its input.
///   sum(y, x, o) = bias[o] + sum over ky, kx, i of
///                  in[y + (ky - kernel / 2) * dilation][x + (kx - kernel / 2) * dilation][i]
///                  * weights[o][ky][kx][i]
/// in: uint8 (height, width, in_channels); cells outside the map are zero_in, or the opposite edge when
/// the padding wraps. weights: int8 (out_channels, kernel, kernel, in_channels), row-major; kernel is odd.
/// The zero point is folded into bias already, which is why padding must read zero_in and not 0.
struct Convolution {
    int height;
    int width;
    int in_channels;
    int out_channels;
    int kernel;
    int dilation;
    Padding padding;
    std::uint8_t zero_in;
    std::vector<std::int8_t> weights;
    std::vector<std::int32_t> bias;
};

/// conv2d: a convolution back to bytes.
///   out[y][x][o] = requantize(sum(y, x, o), multiplier[o], zero_out)
/// out: uint8 (height, width, out_channels).
struct Conv2d {
    static constexpr const char* kName = "conv2d";
    Convolution convolution;
    std::vector<float> multiplier;
    std::uint8_t zero_out;
};

}  // namespace tilewright::ops
