#pragma once

namespace tilewright::ops {

/// argmax: the palette index with the highest score.
///   y[p] = the lowest k for which x[p][k] is greatest
/// x: int32 or uint8 (height, width, channels), at most 256 channels. y: indices (height, width).
struct Argmax {
    static constexpr const char* kName = "argmax";
};

}  // namespace tilewright::ops
