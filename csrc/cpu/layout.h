#pragma once

#include <cstddef>
#include <cstdint>

namespace tilewright::cpu {

inline int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

/// How a value of a block of T tiles lies in memory: [row][column][tile][channel], with a margin of cells
/// around the map for convolutions to read. A cell of T tiles and C channels is a run of T equal vectors, so
/// that one kernel serves wide maps, 4x4 maps and features (maps of one cell) alike.
///
/// Indices are bytes [tile][cell] instead, and RGBA that only the caller reads is bytes [tile][cell][4]: as
/// the caller gets them.
struct Layout {
    int height = 1;
    int width = 1;
    int channels = 1;
    int padded = 1;  ///< channels rounded up to whole vectors
    int margin = 0;
    bool indices = false;
    bool colours = false;

    /// In the caller's order, without padding.
    bool plain() const { return indices || colours; }

    int pitch() const { return width + 2 * margin; }

    /// Elements of one tile.
    std::size_t elements() const {
        return plain() ? static_cast<std::size_t>(height) * width * channels
                       : static_cast<std::size_t>(height + 2 * margin) * pitch() * padded;
    }

    /// The first element of a cell of the first tile, for one tile; T times that for T tiles.
    std::int32_t cell(int y, int x) const { return ((y + margin) * pitch() + x + margin) * padded; }
};

}  // namespace tilewright::cpu
