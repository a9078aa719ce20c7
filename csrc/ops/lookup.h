#pragma once

#include <array>
#include <cstdint>

namespace tilewright::ops {

/// lookup: any pointwise function of a byte (leaky ReLU, tanh, a change of scale).
///   y[i] = table[x[i]]
/// x, y: uint8 of one shape.
struct Lookup {
    static constexpr const char* kName = "lookup";
    std::array<std::uint8_t, 256> table;
};

}  // namespace tilewright::ops
