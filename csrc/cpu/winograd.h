#pragma once

#include <cstddef>
#include <cstdint>

#include "cpu/convolution.h"

// Winograd's minimal filtering (Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR
// 2016), for 2x2 or 4x4 outputs. All arithmetic is in integers. Transformed inputs and
// weights have 16 bits. Sums are modulo 2^32, and their final values fit int32. An algorithm is identified by
// its products along an edge, of one phase:
//
// edge | kernel | outputs | products instead of
//    4 |    3x3 |     2x2 |  16 of  36
//    3 |    2x2 |     2x2 |   9 of  16
//    6 |    3x3 |     4x4 |  36 of 144
//    5 |    2x2 |     4x4 |  25 of  64
//
// The 2x2 kernels are the four phases of a transposed convolution.

namespace tilewright::cpu {

constexpr int kMostWindowOutputs = 16;

/// Outputs of a window along an edge.
static constexpr int window_outputs(int edge) { return edge <= 4 ? 2 : 4; }

/// Cells that a window reads along an edge.
static constexpr int window_cells(int edge) { return window_outputs(edge) + 2; }

/// Transformed values along an edge. The 2x2 kernels of the two phases along it share one, or none.
static constexpr int window_values(int edge) { return edge == 3 ? 5 : edge == 5 ? 10 : edge; }

/// The multiple of an output that the products sum up to.
static constexpr int window_scale(int edge) {
    return edge == 3 ? 1 : edge == 4 ? 4 : edge == 5 ? 4 * 9 : 64 * 9;
}

/// Rows of windows to transform. Each window has window_values(edge) squared runs of `run` elements.
struct WindowRows {
    const void* input;  ///< first cell of the first window; windows are window_outputs apart
    void* output;
    std::ptrdiff_t row;  ///< elements between vertically adjacent cells
    int run;             ///< elements of a cell: tiles times padded channels
    int rows;
    int windows;  ///< in a row
    int edge;
};

/// A transformed set of weights that computes the outputs of each window.
struct WinogradPhase {
    const Tap* taps;           ///< (edge, edge): the value of a window, and the weights, of each product
    const std::int32_t* bias;  ///< (padded output channels): times window_scale(edge)
    Phase outputs[kMostWindowOutputs];
};

/// The products of some windows, whose values are `common.input`.
struct WindowProducts {
    Convolution common;
    const WinogradPhase* phases;
    int phase_count;
    int edge;
    const std::int32_t* zeros;    ///< (padded output channels)
    int points;                   ///< windows times tiles
    const std::int32_t* inputs;   ///< (points and up to 11 more) elements
    const std::int32_t* outputs;  ///< the same: address of the first output
};

struct WinogradKernels {
    void (*transform)(const WindowRows& rows) = nullptr;
    void (*multiply)(const WindowProducts& products) = nullptr;
};

}  // namespace tilewright::cpu
