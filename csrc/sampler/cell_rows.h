#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace tilewright {

/// (dy, dx), in cells.
using Offset = std::pair<int, int>;

/// The size of a map, and operations on sets of its cells: rows of bits, one uint64 each.
struct CellRows {
    int height;
    int width;  ///< at most 64

    std::uint64_t all() const { return ~std::uint64_t{0} >> (64 - width); }

    /// Shifts a row of bits by `by` columns to the right (higher bits).
    std::uint64_t shifted(std::uint64_t row, int by, bool wraps) const {
        if (wraps) {
            by = (by % width + width) % width;
            return by == 0 ? row : (row << by | row >> (width - by)) & all();
        }
        if (by >= width || -by >= width) {
            return 0;
        }
        return (by >= 0 ? row << by : row >> -by) & all();
    }

    /// Adds to `to` the cells of `from`, shifted by sign times each offset. wraps: circular shifts; otherwise
    /// cells beyond the edge are dropped.
    void dilate(const std::uint64_t* from, const std::vector<Offset>& offsets, bool wraps, int sign,
                std::uint64_t* to) const {
        for (const auto& [dy, dx] : offsets) {
            for (int y = 0; y < height; ++y) {
                int row = y + sign * dy;
                if (wraps) {
                    row = (row % height + height) % height;
                }
                if (from[y] && row >= 0 && row < height) {
                    to[row] |= shifted(from[y], sign * dx, wraps);
                }
            }
        }
    }
};

}  // namespace tilewright
