#pragma once

#include <cstddef>
#include <cstdint>

#include "cpu/convolution.h"

// Winograd's minimal filtering for 2x2 outputs (Lavin and Gray, "Fast algorithms for convolutional neural
// networks", CVPR 2016). A 3x3 kernel takes 16 products instead of 36. A 2x2 kernel, of which a transposed
// convolution has four, takes 9 instead of 16. All arithmetic is in integers. Transformed inputs and weights
// have 16 bits. Sums are modulo 2^32, and their final values fit int32.

namespace tilewright::cpu {

/// Number of transformed values along an edge of a 4x4 window, for a 3x3 kernel and for the four 2x2 kernels
/// of a transposed convolution, which share some values.
constexpr int kConvolutionValues = 4;
constexpr int kTransposedValues = 5;

/// Rows of windows to transform. Each window has `values` squared runs of `run` elements.
struct WindowRows {
    const void* input;  ///< first cell of the first window; windows are two cells apart
    void* output;
    std::ptrdiff_t row;  ///< elements between vertically adjacent cells
    int run;             ///< elements of a cell: tiles times padded channels
    int rows;
    int windows;  ///< in a row
    int values;
};

/// A transformed set of weights that computes 2x2 outputs from each window.
struct WinogradPhase {
    const Tap* taps;           ///< (edge, edge): the value of a window, and the weights, of each product
    const std::int32_t* bias;  ///< (padded output channels): times 4 for a 3x3 kernel
    Phase outputs[4];
};

/// The products of some windows, whose values are `common.input`.
struct WindowProducts {
    Convolution common;
    const WinogradPhase* phases;
    int phase_count;
    int edge;                     ///< 4 for a 3x3 kernel, 3 for 2x2 ones
    const std::int32_t* zeros;    ///< (padded output channels)
    int points;                   ///< windows times tiles
    const std::int32_t* inputs;   ///< (points and up to 11 more) elements
    const std::int32_t* outputs;  ///< the same: address of the first of the four outputs
};

struct WinogradKernels {
    void (*transform)(const WindowRows& rows) = nullptr;
    void (*multiply)(const WindowProducts& products) = nullptr;
};

}  // namespace tilewright::cpu
