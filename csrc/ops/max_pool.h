#pragma once

namespace tilewright::ops {

/// max_pool: the largest value of each channel in blocks of 2x2 cells.
///   y[v][u][k] = the greatest of x[2v + i][2u + j][k] for i, j in {0, 1}
/// x: uint8 (height, width, channels), height and width at least 2. y: uint8 (height / 2, width / 2,
/// channels), rounded down: an odd last row or column is not read.
struct MaxPool {
    static constexpr const char* kName = "max_pool";
};

}  // namespace tilewright::ops
