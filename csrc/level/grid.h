#pragma once

#include <array>
#include <cstdint>

namespace tilewright::level {

// Right, down, left, up. The opposite of d is d ^ 2.
constexpr int kDirections = 4;
constexpr std::array<int, kDirections> kColumnStep{1, 0, -1, 0};
constexpr std::array<int, kDirections> kRowStep{0, 1, 0, -1};

struct Grid {
    int height, width;
    bool periodic;  // opposite edges meet

    std::int64_t cells() const { return static_cast<std::int64_t>(height) * width; }

    /// Returns the cell at a row and column up to one side away from the grid, or -1 beyond a border of a
    /// grid that is not periodic.
    int at(int row, int column) const {
        if (periodic) {
            row = row < 0 ? row + height : row >= height ? row - height : row;
            column = column < 0 ? column + width : column >= width ? column - width : column;
        } else if (row < 0 || row >= height || column < 0 || column >= width) {
            return -1;
        }
        return row * width + column;
    }
};

}  // namespace tilewright::level
