#pragma once

#include <cstdint>
#include <vector>

namespace tilewright::ops {

/// embed_cells: selects a learned vector for each cell, by the kind of the tile and the index in the cell.
/// The indices are the picture of a sampler, or the kinds of the cells.
///   y[p][i] = table[kind][cells[p]][i]
/// kind: the kind of the tile; 0 if cells is the only input. cells: uint8 (height, width), each less than
/// `entries`. y: uint8 (height, width, channels). table: uint8 (kinds, entries, channels), row-major.
struct EmbedCells {
    static constexpr const char* kName = "embed_cells";
    int kinds;
    int entries;
    int channels;
    std::vector<std::uint8_t> table;
};

}  // namespace tilewright::ops
