#pragma once

#include <cstddef>
#include <cstdint>

#include "cpu/patches.h"
#include "ops/conv2d.h"

namespace tilewright::scalar {

inline int patch_length(const ops::Convolution& op) { return op.kernel * op.kernel * op.in_channels; }

/// What conv2d and scores share: calls store(index of the output element, output channel, sum).
template <typename Store>
void convolve(const ops::Convolution& op, const Operands& operands, const Store& store) {
    const int row = patch_length(op);
    const int reach = op.kernel / 2;
    const PaddedMap map{operands.inputs[0], op.height, op.width, op.in_channels, op.padding, op.zero_in};
    const auto gather = [&](int pixel, std::int16_t* patch) {
        const int y = pixel / op.width;
        const int x = pixel % op.width;
        for (int ky = -reach; ky <= reach; ++ky) {
            for (int kx = -reach; kx <= reach; ++kx) {
                patch = map.append_cell(y + ky * op.dilation, x + kx * op.dilation, patch);
            }
        }
        return patch;
    };
    const auto weigh = [&](int channel, std::int16_t* weights) {
        return widen(op.weights.data() + static_cast<std::ptrdiff_t>(channel) * row, row, weights);
    };
    multiply_patches(op.height * op.width, op.out_channels, row,
                     reinterpret_cast<std::int16_t*>(operands.scratch), gather, weigh,
                     [&](int pixel, int channel, std::int32_t sum) {
                         store(pixel * op.out_channels + channel, channel, op.bias[channel] + sum);
                     });
}

}  // namespace tilewright::scalar
