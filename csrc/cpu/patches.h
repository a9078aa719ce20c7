#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/backend.h"
#include "ops/padding.h"

namespace tilewright::scalar {

// Every layer with weights becomes dot products of int16 rows: the bytes under the kernel ("a patch") and
// the weights of one output channel. Widened to int16 because GCC turns such a product into pmaddwd, eight
// multiply-adds at once even on the oldest x86-64.

/// Patches that share one widened row of weights.
constexpr int kPatchesPerBlock = 16;

/// Rows are padded with zeros to whole vectors, so that odd channel counts need no tail.
inline int padded(int length) { return (length + 15) / 16 * 16; }

/// Scratch for a block of patches and one row of weights.
inline std::size_t patch_scratch_bytes(int length) {
    return static_cast<std::size_t>(kPatchesPerBlock + 1) * static_cast<std::size_t>(padded(length)) *
           sizeof(std::int16_t);
}

/// Copies `count` bytes or int8 to int16 and returns the end of the copy.
template <typename Narrow>
inline std::int16_t* widen(const Narrow* from, int count, std::int16_t* to) {
    for (int i = 0; i < count; ++i) {
        to[i] = from[i];
    }
    return to + count;
}

/// A map of bytes with something to read beyond its edges.
struct PaddedMap {
    const std::uint8_t* cells;
    int height;
    int width;
    int channels;
    ops::Padding padding;
    std::uint8_t zero;

    /// Appends the channels of the cell at (y, x), which may lie outside, to a patch.
    std::int16_t* append_cell(int y, int x, std::int16_t* patch) const;
};

/// sums[p] = dot product of patch p with the weights, for `patches` rows of `length` (padded) values.
void dot_products(const std::int16_t* patches, int count, int length, const std::int16_t* weights,
                  std::int32_t* sums);

/// The loops that all convolutions share. gather(pixel, patch) and weigh(channel, row) write `length` values
/// and return their end; store(pixel, channel, dot product) takes a result. The weights of a channel are
/// widened once for a block of patches. scratch: patch_scratch_bytes(length).
template <typename Gather, typename Weigh, typename Store>
void multiply_patches(int pixels, int channels, int length, std::int16_t* scratch, const Gather& gather,
                      const Weigh& weigh, const Store& store) {
    const int stride = padded(length);
    std::int16_t* weights = scratch + static_cast<std::ptrdiff_t>(kPatchesPerBlock) * stride;
    std::int32_t sums[kPatchesPerBlock];
    std::fill(weights + length, weights + stride, std::int16_t{0});

    for (int first = 0; first < pixels; first += kPatchesPerBlock) {
        const int count = std::min(kPatchesPerBlock, pixels - first);
        for (int p = 0; p < count; ++p) {
            std::int16_t* patch = scratch + static_cast<std::ptrdiff_t>(p) * stride;
            std::fill(gather(first + p, patch), patch + stride, std::int16_t{0});
        }
        for (int channel = 0; channel < channels; ++channel) {
            weigh(channel, weights);
            dot_products(scratch, count, stride, weights, sums);
            for (int p = 0; p < count; ++p) {
                store(first + p, channel, sums[p]);
            }
        }
    }
}

}  // namespace tilewright::scalar
