#pragma once

#include "ops/conv2d.h"

namespace tilewright::ops {

/// scores: a convolution without requantisation, one sum per palette entry; argmax or a sampler compares
/// them.
///   out[y][x][o] = sum(y, x, o)
/// out: int32 (height, width, out_channels). Requantisation would turn small differences into ties.
struct Scores {
    static constexpr const char* kName = "scores";
    Convolution convolution;
};

}  // namespace tilewright::ops
