#pragma once

#include <cstddef>
#include <cstdint>

// Computes palette indices from bytes: a convolution to scores with a fused argmax. For few colours, lanes
// hold pixels instead of channels. Lanes are then not compared with each other, and none is idle for 17
// colours.

namespace tilewright::cpu {

/// Pixels that are scored together. The width of the map is a multiple of it.
constexpr int kScoredPixels = 16;

/// Limit for the words of channels.
constexpr int kMostScoredWords = 64;

/// Limit for a tile's transposed rows in bytes, which should stay in L1 or L2.
constexpr std::size_t kMostScoredBytes = std::size_t{1} << 17;

/// Limit for the multiply-adds of a tile, because the kernel does not check the Interrupt.
constexpr double kMostScoredWork = double{1 << 30} * 4;

/// Limit for the distance of taps, in cells.
constexpr int kMostScoredReach = 8;

/// A sum is ranked as 256 sum + 255 - colour, which must fit 32 bits.
constexpr std::int32_t kRankLimit = 1 << 23;

/// A position of the kernel relative to the pixel, in cells.
struct PixelTap {
    int dy;
    int dx;
};

struct PixelScores {
    const std::uint8_t* input;  ///< the first cell of the first tile
    std::uint8_t* output;       ///< (tiles, height, width)
    /// For each tile, scored_rows(reach) rows of its map, each (words, width + 2 reach), with adjacent
    /// pixels.
    std::int32_t* rows;
    int tiles;
    int height;
    int width;
    std::ptrdiff_t tile;  ///< bytes between cells of consecutive tiles; a cell has `tiles` of these
    std::ptrdiff_t row;   ///< bytes between vertically adjacent cells
    int words;            ///< of four channels; a multiple of four
    int reach;            ///< of the taps, along either axis
    bool wraps;           ///< circular padding; otherwise the padding is `border`
    std::int32_t border;  ///< a word
    const PixelTap* taps;
    int tap_count;
    int colours;
    const std::int32_t* weights;  ///< (taps, words, colours)
    const std::int32_t* bias;     ///< (colours)
    const std::int32_t* below;    ///< (colours) 255 - colour
};

/// Rows that are stored at a time. Two rows are scored together.
static constexpr int scored_rows(int reach) { return 2 * reach + 2; }

}  // namespace tilewright::cpu
