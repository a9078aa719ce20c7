#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace tilewright::ops {

/// The largest magnitude of a sum. The range is symmetric, so that the negative of a sum also fits int32.
constexpr std::int64_t kMostSum = std::numeric_limits<std::int32_t>::max();

/// The smallest and largest partial sum over all uint8 inputs, in any order (docs/numerics.md). The
/// compiler's sum_bounds.py implements the same rule.
struct SumBounds {
    std::int64_t low = 0;
    std::int64_t high = 0;

    void add_weight(std::int8_t weight) { (weight < 0 ? low : high) += 255 * std::int64_t{weight}; }
    void add_bias(std::int32_t bias) { (bias < 0 ? low : high) += bias; }

    /// Whether the sum plus any number in -margin .. margin fits int32.
    bool fits(std::int64_t margin = 0) const {
        return low - margin >= -kMostSum && high + margin <= kMostSum;
    }
};

/// The bounds of each output channel. weights: (outputs, taps * inputs); bias: (outputs).
inline std::vector<SumBounds> sum_bounds(const std::vector<std::int8_t>& weights,
                                         const std::vector<std::int32_t>& bias, int outputs) {
    const std::size_t row = weights.size() / static_cast<std::size_t>(outputs);
    std::vector<SumBounds> bounds(static_cast<std::size_t>(outputs));
    for (std::size_t output = 0; output < bounds.size(); ++output) {
        bounds[output].add_bias(bias[output]);
        std::for_each_n(weights.data() + output * row, row,
                        [&](std::int8_t weight) { bounds[output].add_weight(weight); });
    }
    return bounds;
}

/// The bounds of conv_transpose2d, (4, outputs): each phase sums its own 2x2 taps. weights: (outputs, 4, 4,
/// inputs); bias: (4, outputs).
inline std::vector<SumBounds> phase_sum_bounds(const std::vector<std::int8_t>& weights,
                                               const std::vector<std::int32_t>& bias, int outputs) {
    const std::size_t count = static_cast<std::size_t>(outputs);
    const std::size_t inputs = weights.size() / (16 * count);
    std::vector<SumBounds> bounds(4 * count);
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        bounds[i].add_bias(bias[i]);
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::size_t tap = i / inputs % 16;
        // Kernel rows 1 and 3 contribute to even output rows, rows 0 and 2 to odd ones; columns likewise.
        const std::size_t phase = 2 * (1 - tap / 4 % 2) + (1 - tap % 2);
        bounds[phase * count + i / (16 * inputs)].add_weight(weights[i]);
    }
    return bounds;
}

}  // namespace tilewright::ops
