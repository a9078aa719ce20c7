#pragma once

#include <cstddef>
#include <cstdint>

// Palette indices straight from bytes, as the kernels of an instruction set see it: scores through a
// convolution and their argmax. With few colours the lanes of a register serve better as pixels than as
// channels: no score has to be compared with another lane's, and none is wasted on a seventeenth colour.

namespace tilewright::cpu {

/// Pixels that are scored together. A row of the map is some of these.
constexpr int kScoredPixels = 16;

/// Words of channels that it takes on.
constexpr int kMostScoredWords = 64;

/// Bytes of a tile's transposed rows that it takes on: they should stay in the first cache or the second.
constexpr std::size_t kMostScoredBytes = std::size_t{1} << 17;

/// Multiply-adds of a tile that it takes on: its kernel looks at no Interrupt.
constexpr double kMostScoredWork = double{1 << 30} * 4;

/// The farthest tap, in cells.
constexpr int kMostScoredReach = 8;

/// A sum is ranked as 256 sum + 255 - colour, which has to fit 32 bits.
constexpr std::int32_t kRankLimit = 1 << 23;

/// A position of the kernel, in cells from the pixel.
struct PixelTap {
    int dy;
    int dx;
};

struct PixelScores {
    const std::uint8_t* input;  ///< the first cell of the first tile
    std::uint8_t* output;       ///< (tiles, height, width)
    /// For each tile scored_rows(reach) rows of its map, each (words, width + 2 reach): pixels beside each
    /// other.
    std::int32_t* rows;
    int tiles;
    int height;
    int width;
    std::ptrdiff_t tile;  ///< bytes from a tile's cell to the next tile's; a cell is `tiles` of these
    std::ptrdiff_t row;   ///< from a cell to the one below
    int words;            ///< of four channels; a multiple of four
    int reach;            ///< of the taps
    bool wraps;           ///< beyond the edge is the opposite one; else `border`
    std::int32_t border;  ///< a word
    const PixelTap* taps;
    int tap_count;
    int colours;
    const std::int32_t* weights;  ///< (taps, words, colours)
    const std::int32_t* bias;     ///< (colours)
    const std::int32_t* below;    ///< (colours) 255 - colour
};

/// Rows that are held at a time: two are scored together.
static constexpr int scored_rows(int reach) { return 2 * reach + 2; }

}  // namespace tilewright::cpu
