#pragma once

#include <cstdint>
#include <vector>

namespace tilewright::ops {

/// embed_cells: a learnt vector per kind and palette entry; what a step network reads a picture through.
///   y[p][i] = table[kind][cells[p]][i]
/// cells: uint8 (height, width), each below `entries`. y: uint8 (height, width, width of a row).
/// table: uint8 (kinds, entries, channels), row-major.
struct EmbedCells {
    static constexpr const char* kName = "embed_cells";
    int kinds;
    int entries;
    int channels;
    std::vector<std::uint8_t> table;
};

}  // namespace tilewright::ops
