#pragma once

#include <cstdint>
#include <vector>

#include "ops/padding.h"

namespace tilewright::ops {

/// conv_transpose2d: kernel 4, stride 2, padding 1; doubles height and width.
///   out[oy][ox][o] = requantize(bias[phase][o] + sum over ky, kx, i of
///                    in[(oy + 1 - ky) / 2][(ox + 1 - kx) / 2][i] * weights[o][ky][kx][i],
///                    multiplier[o], zero_out)
/// over the ky and kx for which both divisions are exact: two each, so each output has 2x2 taps and inserted
/// zeros are never multiplied. phase = 2 * (oy % 2) + ox % 2.
/// in: uint8 (height, width, in_channels); outside the map as in conv2d. out: uint8 (2 height, 2 width,
/// out_channels). weights: int8 (out_channels, 4, 4, in_channels). bias: int32 (4, out_channels), with
/// the zero point folded in over the taps of each phase.
struct ConvTranspose2d {
    static constexpr const char* kName = "conv_transpose2d";
    int in_channels;
    int out_channels;
    Padding padding;
    std::uint8_t zero_in;
    std::uint8_t zero_out;
    std::vector<std::int8_t> weights;
    std::vector<std::int32_t> bias;
    std::vector<float> multiplier;
};

}  // namespace tilewright::ops
