#pragma once

#include "ops/conv2d.h"

namespace tilewright::ops {

/// scores: a convolution that keeps its sums, one per palette entry, for argmax to compare.
///   out[y][x][o] = sum(y, x, o)
/// out: int32 (height, width, out_channels). Requantising them would make ties out of near misses.
struct Scores {
    static constexpr const char* kName = "scores";
    Convolution convolution;
};

}  // namespace tilewright::ops
