#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tilewright::ops {

/// lookup: any pointwise function of a byte (leaky ReLU, tanh, a change of scale).
///   y[i] = table[x[i]]
/// x, y: uint8 (size).
struct Lookup {
    static constexpr const char* kName = "lookup";
    std::size_t size;
    std::array<std::uint8_t, 256> table;
};

}  // namespace tilewright::ops
