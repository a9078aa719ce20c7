#include "core/seeds.h"

#include "core/philox.h"

namespace tilewright {
namespace {

enum Stream : std::uint32_t { kLatentStream = 0, kKindStream = 1 };

PhiloxCounter random_block(std::uint64_t seed, std::uint64_t index, std::uint32_t block, Stream stream) {
    const PhiloxCounter counter = {static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32),
                                   block, stream};
    return philox(counter, philox_key(seed));
}

}  // namespace

void draw_latents(std::uint64_t seed, std::uint64_t index, const LatentTable& table, std::size_t size,
                  std::int8_t* latents) {
    PhiloxCounter words{};
    for (std::size_t i = 0; i < size; ++i) {
        if (i % 16 == 0) {
            words = random_block(seed, index, static_cast<std::uint32_t>(i / 16), kLatentStream);
        }
        // Shifts, not a cast of the pointer: the same bytes on a big-endian machine.
        const std::uint32_t byte = words[i % 16 / 4] >> (8 * (i % 4)) & 0xFF;
        latents[i] = table[byte];
    }
}

std::int32_t draw_kind(std::uint64_t seed, std::uint64_t index, std::int32_t kinds) {
    const std::uint64_t word = random_block(seed, index, 0, kKindStream)[0];
    return static_cast<std::int32_t>(word * static_cast<std::uint64_t>(kinds) >> 32);
}

}  // namespace tilewright
