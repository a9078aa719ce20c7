#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tilewright::ops {

/// What the sum of an output channel can be, over all inputs of bytes and all partial sums.
struct SumBounds {
    std::int64_t low;
    std::int64_t high;
};

/// The bounds of each output channel. weights: one row per channel; bias: one or more rows of `outputs`
/// values, one for each variant of the channel (the phases of conv_transpose2d), each held against all
/// weights.
inline std::vector<SumBounds> sum_bounds(const std::vector<std::int8_t>& weights,
                                         const std::vector<std::int32_t>& bias, int outputs) {
    const std::size_t count = static_cast<std::size_t>(outputs);
    const std::size_t row = weights.size() / count;
    std::vector<SumBounds> bounds(count, SumBounds{0, 0});
    const std::int8_t* weight = weights.data();
    for (std::size_t output = 0; output < count; ++output) {
        std::int64_t negative = 0;
        std::int64_t positive = 0;
        for (std::size_t i = 0; i < row; ++i, ++weight) {
            (*weight < 0 ? negative : positive) += *weight;
        }
        std::int64_t least = 0;
        std::int64_t most = 0;
        for (std::size_t b = output; b < bias.size(); b += count) {
            least = std::min<std::int64_t>(least, bias[b]);
            most = std::max<std::int64_t>(most, bias[b]);
        }
        bounds[output] = {255 * negative + least, 255 * positive + most};
    }
    return bounds;
}

}  // namespace tilewright::ops
