#pragma once

#include <cfloat>
#include <cstdint>

namespace tilewright::ops {

// Static: kernels are compiled once per instruction set, and the linker must not merge the copies.

// Every float operation must round to float32 separately, or bytes differ between machines.
static_assert(FLT_EVAL_METHOD == 0, "tilewright needs float arithmetic in float precision (SSE2, not x87)");

/// Converts a real value to a byte: clamp to [-zero_out, 255 - zero_out], round half to even, add zero_out.
/// Clamping first keeps the value in the range where rounding is exact and the conversion to integer is
/// defined.
static inline std::uint8_t to_byte(float value, int zero_out) {
    const float low = static_cast<float>(-zero_out);
    const float high = static_cast<float>(255 - zero_out);
    value = value < low ? low : value;
    value = value > high ? high : value;
    // Near 1.5 * 2^23 adjacent floats differ by 1, so this addition rounds half to even, the IEEE 754
    // default. Unlike nearbyint it needs no call and vectorises.
    constexpr float kIntegers = 12582912.0f;
    const float rounded = (value + kIntegers) - kIntegers;
    return static_cast<std::uint8_t>(static_cast<int>(rounded) + zero_out);
}

/// Requantisation of every layer with weights: one conversion int32 -> float32, one multiplication, then
/// to_byte. Each is a single correctly rounded IEEE operation.
static inline std::uint8_t requantize(std::int32_t accumulator, float multiplier, int zero_out) {
    return to_byte(static_cast<float>(accumulator) * multiplier, zero_out);
}

}  // namespace tilewright::ops
