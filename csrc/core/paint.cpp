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

}  // namespace tilewright
