#include "ops/conv_transpose2d.h"

#include <algorithm>

#include "cpu/kernels.h"
#include "cpu/patches.h"
#include "ops/requantize.h"

namespace tilewright::scalar {
namespace {

/// The two taps of one axis that reach an output of the given parity, in the order of the kernel.
struct Taps {
    int kernel[2];  ///< position in the kernel
    int input[2];   ///< input position relative to output / 2
};

constexpr Taps kTaps[2] = {{{1, 3}, {0, -1}}, {{0, 2}, {1, 0}}};

/// Gathers the 2x2 cells that reach the output cell (2 y + py, 2 x + px).
void gather_patch(const PaddedMap& map, const Taps& rows, const Taps& columns, int y, int x, int length,
                  std::int16_t* patch) {
    std::int16_t* end = patch;
    for (const int dy : rows.input) {
        for (const int dx : columns.input) {
            end = map.append_cell(y + dy, x + dx, end);
        }
    }
    std::fill(end, patch + length, std::int16_t{0});
}

/// The weights of one output channel that belong to those cells.
void gather_weights(const std::int8_t* kernel, const Taps& rows, const Taps& columns, int channels,
                    std::int16_t* weights) {
    for (const int ky : rows.kernel) {
        for (const int kx : columns.kernel) {
            weights = widen(kernel + (4 * ky + kx) * channels, channels, weights);
        }
    }
}

}  // namespace

void conv_transpose2d(const ops::ConvTranspose2d& op, const Operands& operands) {
    const int row = 4 * op.in_channels;
    const int length = padded(row);
    const int pixels = op.height * op.width;
    const PaddedMap map{operands.inputs[0], op.height, op.width, op.in_channels, op.padding, op.zero_in};
    std::int16_t* patches = reinterpret_cast<std::int16_t*>(operands.scratch);
    std::int16_t* weights = patches + static_cast<std::ptrdiff_t>(kPatchesPerBlock) * length;
    std::int32_t sums[kPatchesPerBlock];
    std::fill(weights + row, weights + length, std::int16_t{0});

    for (int phase = 0; phase < 4; ++phase) {
        const int py = phase / 2;
        const int px = phase % 2;
        const std::int32_t* bias = op.bias.data() + phase * op.out_channels;
        for (int first = 0; first < pixels; first += kPatchesPerBlock) {
            const int count = std::min(kPatchesPerBlock, pixels - first);
            std::uint8_t* cells[kPatchesPerBlock];
            for (int p = 0; p < count; ++p) {
                const int y = (first + p) / op.width;
                const int x = (first + p) % op.width;
                cells[p] = operands.output + ((2 * y + py) * 2 * op.width + 2 * x + px) * op.out_channels;
                gather_patch(map, kTaps[py], kTaps[px], y, x, length,
                             patches + static_cast<std::ptrdiff_t>(p) * length);
            }
            for (int o = 0; o < op.out_channels; ++o) {
                gather_weights(op.weights.data() + static_cast<std::ptrdiff_t>(o) * 4 * row, kTaps[py],
                               kTaps[px], op.in_channels, weights);
                dot_products(patches, count, length, weights, sums);
                for (int p = 0; p < count; ++p) {
                    cells[p][o] = ops::requantize(bias[o] + sums[p], op.multiplier[o], op.zero_out);
                }
            }
        }
    }
}

}  // namespace tilewright::scalar
