#pragma once

namespace tilewright::ops {

/// nearest: the palette index of the nearest colour by squared distance.
///   y[p] = the lowest k for which the sum over c of (x[p][c] - palette[k][c])^2 is least
/// x: uint8 (height, width, channels). palette: uint8 (colours, channels), at most 256 colours. y: indices
/// (height, width).
struct Nearest {
    static constexpr const char* kName = "nearest";
};

}  // namespace tilewright::ops
