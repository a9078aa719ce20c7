#pragma once

namespace tilewright::ops {

/// argmax: the palette index with the highest score.
///   y[p] = the lowest k for which x[p][k] is greatest
/// x: int32 or uint8 (pixels, channels), at most 256 channels. y: uint8 (pixels).
struct Argmax {
    static constexpr const char* kName = "argmax";
    int pixels;
    int channels;
    bool int32_scores;  ///< x is int32, the result of scores; otherwise uint8
};

}  // namespace tilewright::ops
