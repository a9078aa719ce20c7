#pragma once

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

}  // namespace tilewright::scalar
