#pragma once

#include <cstddef>
#include <cstdint>

// Palette indices straight from bytes, as the kernels of an instruction set see it: scores through a 1x1
// kernel and their argmax. With few colours the lanes of a register serve better as pixels than as channels:
// no score has to be compared with another lane's, and none is wasted on a seventeenth colour.

namespace tilewright::cpu {

/// Pixels that are scored together. A row of the map is some of these.
constexpr int kScoredPixels = 16;

/// Colours are padded to a multiple of this.
constexpr int kScoredColours = 4;

/// Words of channels that the kernel has room for.
constexpr int kMostScoredWords = 64;

/// A sum is ranked as 256 sum + 255 - colour, which has to fit 32 bits.
constexpr std::int32_t kRankLimit = 1 << 23;

struct PixelScores {
    const std::uint8_t* input;  ///< the first cell of the first tile
    std::uint8_t* output;       ///< (tiles, height, width)
    int tiles;
    int height;
    int width;
    std::ptrdiff_t tile;  ///< bytes from a tile's cell to the next tile's; a cell is `tiles` of these
    std::ptrdiff_t row;   ///< from a cell to the one below
    int words;            ///< of four channels; a multiple of four
    int colours;
    const std::int32_t* weights;  ///< (words, colours)
    const std::int32_t* bias;     ///< (colours)
    const std::int32_t* below;    ///< (colours) 255 - colour
};

}  // namespace tilewright::cpu
