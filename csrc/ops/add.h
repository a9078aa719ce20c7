#pragma once

#include <cstdint>

namespace tilewright::ops {

/// add: the sum of two branches with separate scales.
///   y[i] = to_byte(float(a[i] - zero_a) * scale_a + float(b[i] - zero_b) * scale_b, zero_out)
/// There are two float32 multiplications and one float32 addition. Each is rounded separately, so an FMA is
/// not allowed. a, b and y are uint8 of one shape; or a and y are maps (height, width, channels), and b is a
/// map (1, 1, channels), which is added to every cell.
struct Add {
    static constexpr const char* kName = "add";
    float scale_a;
    float scale_b;
    std::uint8_t zero_a;
    std::uint8_t zero_b;
    std::uint8_t zero_out;
};

}  // namespace tilewright::ops
