#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "cuda/stage.h"

// csrc/ops/requantize.h for four channels at a time. Each float operation is a separate intrinsic, rounded to
// nearest and never contracted into an FMA.

namespace tilewright::cuda {

/// The lowest byte is the value clamped to [-zero_out, 255 - zero_out] and rounded half to even, modulo 256;
/// the other bytes are undefined. At 1.5 * 2^23, adjacent floats differ by 1, and the low bits of a float are
/// those of the integer.
__device__ __forceinline__ std::uint32_t round_clamped(float value, std::int32_t zero_out) {
    value = fmaxf(value, static_cast<float>(-zero_out));
    value = fminf(value, static_cast<float>(255 - zero_out));
    return __float_as_uint(__fadd_rn(value, 12582912.0f));
}

__device__ __forceinline__ std::uint32_t requantize(std::int32_t sum, float multiplier,
                                                    std::int32_t zero_out) {
    return round_clamped(__fmul_rn(__int2float_rn(sum), multiplier), zero_out);
}

/// Joins the lowest bytes of four words.
__device__ __forceinline__ std::uint32_t join_bytes(std::uint32_t a, std::uint32_t b, std::uint32_t c,
                                                    std::uint32_t d) {
    return __byte_perm(__byte_perm(a, b, 0x0040), __byte_perm(c, d, 0x0040), 0x5410);
}

__device__ __forceinline__ std::uint32_t byte_of(std::uint32_t word, int i) { return word >> (8 * i) & 0xFF; }

/// Returns own + other + offset for four bytes each, clamped: an addition with unit scales.
__device__ __forceinline__ std::uint32_t add_integers(std::uint32_t own, std::uint32_t other,
                                                      std::int32_t offset) {
    std::uint32_t sums[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        const std::int32_t sum = static_cast<std::int32_t>(byte_of(own, i) + byte_of(other, i)) + offset;
        sums[i] = static_cast<std::uint32_t>(min(max(sum, 0), 255));
    }
    return join_bytes(sums[0], sums[1], sums[2], sums[3]);
}

/// Adds two branches with non-unit scales: two products and one sum.
__device__ __forceinline__ std::uint32_t add_scaled(std::uint32_t a, std::uint32_t b,
                                                    const Addition& addition) {
    std::uint32_t sums[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        const float left = __int2float_rn(static_cast<std::int32_t>(byte_of(a, i)) - addition.zero_a);
        const float right = __int2float_rn(static_cast<std::int32_t>(byte_of(b, i)) - addition.zero_b);
        const float sum = __fadd_rn(__fmul_rn(left, addition.scale_a), __fmul_rn(right, addition.scale_b));
        sums[i] = round_clamped(sum, addition.zero_out) + static_cast<std::uint32_t>(addition.zero_out);
    }
    return join_bytes(sums[0], sums[1], sums[2], sums[3]);
}

}  // namespace tilewright::cuda
