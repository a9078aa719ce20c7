#include "core/apply_palette.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tilewright {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 22;  // pixels between checks of the Interrupt

}  // namespace

void apply_palette(const std::uint8_t* indices, std::size_t tiles, std::size_t pixels,
                   const std::uint8_t* palettes, std::size_t entries, bool shared, std::uint8_t* colours,
                   Interrupt* interrupt) {
    std::array<std::uint32_t, 256> table{};  // one entry per byte, so no index needs a check
    std::size_t painted = 0;
    for (std::size_t tile = 0; tile < tiles; ++tile) {
        if (tile == 0 || !shared) {
            std::memcpy(table.data(), palettes + tile * entries * 4, entries * 4);
        }
        for (std::size_t pixel = 0; pixel < pixels; ++pixel, ++indices, colours += 4) {
            std::memcpy(colours, &table[*indices], 4);
        }
        painted += pixels;
        if (painted >= kPiece) {
            painted = 0;
            if (requested(interrupt)) {
                return;
            }
        }
    }
}

void binarize_alpha(const std::uint8_t* colours, std::size_t count, std::uint8_t* rgba,
                    Interrupt* interrupt) {
    constexpr std::uint8_t kOpaque[4] = {0, 0, 0, 255};
    constexpr std::uint8_t kFromHalf[4] = {0, 0, 0, 128};
    std::uint32_t opaque, from_half;  // whole words, so that the loop vectorises
    std::memcpy(&opaque, kOpaque, 4);
    std::memcpy(&from_half, kFromHalf, 4);
    for (std::size_t first = 0; first < count && !requested(interrupt); first += kPiece) {
        const std::size_t end = std::min(count, first + kPiece);
        for (std::size_t i = first; i < end; ++i) {
            std::uint32_t word;
            std::memcpy(&word, colours + 4 * i, 4);
            word = word & from_half ? word | opaque : 0;
            std::memcpy(rgba + 4 * i, &word, 4);
        }
    }
}

}  // namespace tilewright
