#include "core/paint.h"

#include <array>
#include <cstring>

namespace tilewright {

void paint(const std::uint8_t* indices, std::size_t tiles, std::size_t pixels, const std::uint8_t* palettes,
           std::size_t entries, bool shared, std::uint8_t* colours) {
    std::array<std::uint32_t, 256> table{};  // one for every byte, so that no index needs a check
    for (std::size_t tile = 0; tile < tiles; ++tile) {
        if (tile == 0 || !shared) {
            std::memcpy(table.data(), palettes + tile * entries * 4, entries * 4);
        }
        for (std::size_t pixel = 0; pixel < pixels; ++pixel, ++indices, colours += 4) {
            std::memcpy(colours, &table[*indices], 4);
        }
    }
}

void opaque_or_clear(const std::uint8_t* colours, std::size_t count, std::uint8_t* rgba) {
    constexpr std::uint8_t kOpaque[4] = {0, 0, 0, 255};
    constexpr std::uint8_t kFromHalf[4] = {0, 0, 0, 128};
    std::uint32_t opaque, from_half;  // words, so that the loop becomes vectors
    std::memcpy(&opaque, kOpaque, 4);
    std::memcpy(&from_half, kFromHalf, 4);
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t word;
        std::memcpy(&word, colours + 4 * i, 4);
        word = word & from_half ? word | opaque : 0;
        std::memcpy(rgba + 4 * i, &word, 4);
    }
}

}  // namespace tilewright
