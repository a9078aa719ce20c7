#include "core/seeds.h"

#include <algorithm>

#include "core/philox.h"
#include "core/streams.h"

namespace tilewright {
namespace {

PhiloxCounter random_block(std::uint64_t seed, std::uint64_t index, std::uint32_t block, std::uint32_t stream,
                           std::int32_t round = 0) {
    const PhiloxCounter counter = {static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32),
                                   block, stream + streams::kRounds * static_cast<std::uint32_t>(round)};
    return philox(counter, philox_key(seed));
}

}  // namespace

void draw_latents(std::uint64_t seed, std::uint64_t index, const LatentTable& table, std::size_t first,
                  std::size_t count, std::int8_t* latents) {
    PhiloxCounter words{};
    for (std::size_t i = first; i < first + count; ++i) {
        if (i % 16 == 0 || i == first) {
            words = random_block(seed, index, static_cast<std::uint32_t>(i / 16), streams::kLatents);
        }
        // Shifts instead of a pointer cast give the same bytes on big-endian machines.
        const std::uint32_t byte = words[i % 16 / 4] >> (8 * (i % 4)) & 0xFF;
        latents[i - first] = table[byte];
    }
}

std::int32_t draw_kind(std::uint64_t seed, std::uint64_t index, std::int32_t kinds) {
    const std::uint64_t word = random_block(seed, index, 0, streams::kKind)[0];
    return static_cast<std::int32_t>(word * static_cast<std::uint64_t>(kinds) >> 32);
}

void draw_order(std::uint64_t seed, std::uint64_t index, std::int32_t round, std::size_t count,
                std::uint64_t* keys, std::int32_t* cells) {
    PhiloxCounter words{};
    std::int32_t drawn = -1;  // the block of `words`
    for (std::size_t i = 0; i < count; ++i) {
        const std::int32_t cell = cells[i];
        if (cell / 4 != drawn) {
            drawn = cell / 4;
            words = random_block(seed, index, static_cast<std::uint32_t>(drawn), streams::kOrder, round);
        }
        keys[i] =
            std::uint64_t{words[static_cast<std::size_t>(cell % 4)]} << 32 | static_cast<std::uint32_t>(cell);
    }
    std::sort(keys, keys + count);
    std::transform(keys, keys + count, cells,
                   [](std::uint64_t key) { return static_cast<std::int32_t>(key & 0xFFFFFFFF); });
}

HaltonShift draw_halton_shift(std::uint64_t seed, std::uint64_t index, std::int32_t round, int height,
                              int width) {
    const PhiloxCounter words = random_block(seed, index, 0, streams::kHalton, round);
    const auto below = [](std::uint64_t word, int edge) {
        return static_cast<std::int32_t>(word * static_cast<std::uint64_t>(edge) >> 32);
    };
    return {below(words[0], height), below(words[1], width)};
}

std::int32_t draw_beginning(std::uint64_t seed, std::uint64_t index, std::int32_t cell, std::int32_t begin,
                            int entries) {
    const PhiloxCounter words =
        random_block(seed, index, static_cast<std::uint32_t>(cell / 4), streams::kBegin);
    const std::uint32_t word = words[static_cast<std::size_t>(cell % 4)];
    if (word >> 16 >= static_cast<std::uint32_t>(begin)) {
        return -1;
    }
    return static_cast<std::int32_t>((word & 0xFFFF) * static_cast<std::uint32_t>(entries) >> 16);
}

void draw_noise(std::uint64_t seed, std::uint64_t index, std::int32_t round, std::int32_t cell, int colours,
                std::uint16_t* noise) {
    const std::uint32_t first =
        static_cast<std::uint32_t>(cell) * static_cast<std::uint32_t>((colours + 7) / 8);
    PhiloxCounter words{};
    for (int k = 0; k < colours; ++k) {
        if (k % 8 == 0) {
            words =
                random_block(seed, index, first + static_cast<std::uint32_t>(k / 8), streams::kGumbel, round);
        }
        noise[k] = static_cast<std::uint16_t>(words[static_cast<std::size_t>(k % 8 / 2)] >> (16 * (k % 2)));
    }
}

}  // namespace tilewright
