#pragma once

#include <cstdint>
#include <vector>

namespace tilewright::ops {

/// embed_cells: a learned vector per kind and index; the input of a step network, or a kind per cell.
///   y[p][i] = table[kind][cells[p]][i]
/// kind: of the tile; 0 if the only input is cells. cells: uint8 (height, width), each less than `entries`.
/// y: uint8 (height, width, channels).
/// table: uint8 (kinds, entries, channels), row-major.
struct EmbedCells {
    static constexpr const char* kName = "embed_cells";
    int kinds;
    int entries;
    int channels;
    std::vector<std::uint8_t> table;
};

}  // namespace tilewright::ops
