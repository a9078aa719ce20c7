#pragma once

#include <cstdint>
#include <vector>

namespace tilewright::ops {

/// embed: selects a learned vector by the kind of the tile.
///   y[i] = table[kind][i]
/// y: uint8 (width). table: uint8 (kinds, width), row-major.
struct Embed {
    static constexpr const char* kName = "embed";
    int kinds;
    int width;
    std::vector<std::uint8_t> table;
};

}  // namespace tilewright::ops
