#pragma once

#include <cstddef>
#include <cstdint>

#include "ops/axes.h"

namespace tilewright::cpu {

inline int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

/// The memory layout of a value of T tiles: [row][column][tile][channel], with a halo of cells around the map
/// for convolutions. A cell of T tiles and C channels is a run of T equal vectors, so one kernel serves wide
/// maps, 4x4 maps and features (maps of one cell).
///
/// Indices are bytes [tile][cell], and RGBA that only the caller reads is bytes [tile][cell][4].
struct Layout {
    int height = 1;
    int width = 1;
    int channels = 1;
    int padded = 1;    ///< channels rounded up to whole registers
    ops::Axes margin;  ///< cells of the halo on each side
    bool indices = false;
    bool colours = false;

    /// In the caller's order, without padding.
    bool plain() const { return indices || colours; }

    int pitch() const { return width + 2 * margin.x; }

    /// Elements of one tile.
    std::size_t elements() const {
        return plain() ? static_cast<std::size_t>(height) * width * channels
                       : static_cast<std::size_t>(height + 2 * margin.y) * pitch() * padded;
    }

    /// Returns the first element of a cell of the first tile, for one tile; T times that for T tiles.
    std::int32_t cell(int y, int x) const { return ((y + margin.y) * pitch() + x + margin.x) * padded; }
};

}  // namespace tilewright::cpu
