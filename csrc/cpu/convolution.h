#pragma once

#include <algorithm>

#include "cpu/patches.h"
#include "ops/conv2d.h"

namespace tilewright::scalar {

inline int patch_length(const ops::Convolution& op) { return op.kernel * op.kernel * op.in_channels; }

/// Gathers the cells under the kernel at (y, x) into one patch.
inline void gather_patch(const ops::Convolution& op, const PaddedMap& map, int y, int x,
                         std::int16_t* patch) {
    const int reach = op.kernel / 2;
    std::int16_t* end = patch;
    for (int ky = -reach; ky <= reach; ++ky) {
        for (int kx = -reach; kx <= reach; ++kx) {
            end = map.append_cell(y + ky * op.dilation, x + kx * op.dilation, end);
        }
    }
    std::fill(end, patch + padded(patch_length(op)), std::int16_t{0});
}

/// The inner loops of conv2d and scores: calls store(index of the output element, output channel, sum).
template <typename Store>
void convolve(const ops::Convolution& op, const Operands& operands, const Store& store) {
    const int row = patch_length(op);
    const int length = padded(row);
    const int pixels = op.height * op.width;
    const PaddedMap map{operands.inputs[0], op.height, op.width, op.in_channels, op.padding, op.zero_in};
    std::int16_t* patches = reinterpret_cast<std::int16_t*>(operands.scratch);
    std::int16_t* weights = patches + static_cast<std::ptrdiff_t>(kPatchesPerBlock) * length;
    std::int32_t sums[kPatchesPerBlock];
    std::fill(weights + row, weights + length, std::int16_t{0});

    for (int first = 0; first < pixels; first += kPatchesPerBlock) {
        const int count = std::min(kPatchesPerBlock, pixels - first);
        for (int p = 0; p < count; ++p) {
            const int pixel = first + p;
            gather_patch(op, map, pixel / op.width, pixel % op.width,
                         patches + static_cast<std::ptrdiff_t>(p) * length);
        }
        for (int o = 0; o < op.out_channels; ++o) {
            widen(op.weights.data() + static_cast<std::ptrdiff_t>(o) * row, row, weights);
            dot_products(patches, count, length, weights, sums);
            for (int p = 0; p < count; ++p) {
                store((first + p) * op.out_channels + o, o, op.bias[o] + sums[p]);
            }
        }
    }
}

}  // namespace tilewright::scalar
