#include "ops/conv_transpose2d.h"

#include <cstddef>
#include <cstdint>

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

}  // namespace

void conv_transpose2d(const ops::ConvTranspose2d& op, const Operands& operands) {
    const int row = 4 * op.in_channels;
    const PaddedMap map{operands.inputs[0], op.height, op.width, op.in_channels, op.padding, op.zero_in};
    for (int phase = 0; phase < 4; ++phase) {
        const int py = phase / 2;
        const int px = phase % 2;
        const std::int32_t* bias = op.bias.data() + phase * op.out_channels;
        // The 2x2 cells that reach the output cell (2 y + py, 2 x + px), and the weights that belong to them.
        const auto gather = [&](int pixel, std::int16_t* patch) {
            for (const int dy : kTaps[py].input) {
                for (const int dx : kTaps[px].input) {
                    patch = map.append_cell(pixel / op.width + dy, pixel % op.width + dx, patch);
                }
            }
            return patch;
        };
        const auto weigh = [&](int channel, std::int16_t* weights) {
            const std::int8_t* kernel = op.weights.data() + static_cast<std::ptrdiff_t>(channel) * 4 * row;
            for (const int ky : kTaps[py].kernel) {
                for (const int kx : kTaps[px].kernel) {
                    weights = widen(kernel + (4 * ky + kx) * op.in_channels, op.in_channels, weights);
                }
            }
            return weights;
        };
        const auto store = [&](int pixel, int channel, std::int32_t sum) {
            const int y = 2 * (pixel / op.width) + py;
            const int x = 2 * (pixel % op.width) + px;
            operands.output[(y * 2 * op.width + x) * op.out_channels + channel] =
                ops::requantize(bias[channel] + sum, op.multiplier[channel], op.zero_out);
        };
        multiply_patches(op.height * op.width, op.out_channels, row,
                         reinterpret_cast<std::int16_t*>(operands.scratch), gather, weigh, store);
    }
}

}  // namespace tilewright::scalar
