// Shannon entropy in fixed-point integer arithmetic, so that all machines order cells alike.
#pragma once

#include <cstdint>

namespace tilewright::level {

constexpr int kLogBits = 16;  // fractional bits of a fixed-point logarithm

/// Returns floor(log2(n) * 2^16), up to one unit in the last place, for 1 <= n < 2^32.
inline std::int64_t log2_fixed(std::uint32_t n) {
    int exponent = 0;
    while (n >> exponent > 1) {
        ++exponent;
    }
    // The mantissa is in [1, 2) with 31 fractional bits. Each squaring yields one bit of the logarithm.
    std::uint64_t mantissa = static_cast<std::uint64_t>(n) << (31 - exponent);
    std::int64_t result = exponent;
    for (int bit = 0; bit < kLogBits; ++bit) {
        mantissa = (mantissa * mantissa) >> 31;
        const std::uint64_t carry = mantissa >> 32;
        mantissa >>= carry;
        result = result * 2 + static_cast<std::int64_t>(carry);
    }
    return result;
}

/// H = log2(sum w) - (sum w log2 w) / (sum w), in units of 2^-16 bits.
inline std::int64_t entropy_fixed(std::int64_t sum_weights, std::int64_t sum_weight_logs) {
    return log2_fixed(static_cast<std::uint32_t>(sum_weights)) - sum_weight_logs / sum_weights;
}

}  // namespace tilewright::level
