#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tilewright {

/// Maps a random byte to a latent: 256 quantiles of the distribution used in training.
using LatentTable = std::array<std::int8_t, 256>;

/// Writes latents `first` to `first + count - 1` of tile `index`.
///
/// Latent 16 n + b comes from byte b of Philox block n. The key is the seed, and the counter is (index low,
/// index high, n, 0). The words of a block are read in order, each in little-endian order.
void draw_latents(std::uint64_t seed, std::uint64_t index, const LatentTable& table, std::size_t first,
                  std::size_t count, std::int8_t* latents);

/// Draws the kind of tile `index`, uniformly from [0, kinds), from the stream of kinds.
std::int32_t draw_kind(std::uint64_t seed, std::uint64_t index, std::int32_t kinds);

/// Sorts `count` cells of tile `index` by (random word of the stream of orders, cell). It is fastest if they
/// are ascending. round: of refinement, or 0. keys: scratch space for `count` numbers.
void draw_order(std::uint64_t seed, std::uint64_t index, std::int32_t round, std::size_t count,
                std::uint64_t* keys, std::int32_t* cells);

/// How far the Halton order of a tile is rolled, in cells.
struct HaltonShift {
    std::int32_t rows;
    std::int32_t columns;
};
HaltonShift draw_halton_shift(std::uint64_t seed, std::uint64_t index, std::int32_t round, int height,
                              int width);

/// Draws what a cell of tile `index` starts as: with a probability of begin / 2^16 a number uniformly from
/// [0, entries), otherwise -1.
std::int32_t draw_beginning(std::uint64_t seed, std::uint64_t index, std::int32_t cell, std::int32_t begin,
                            int entries);

/// Draws `colours` random numbers of 16 bits for a cell of tile `index` from the stream of Gumbel noise. A
/// cell uses whole blocks of eight. round: of refinement, or 0.
void draw_noise(std::uint64_t seed, std::uint64_t index, std::int32_t round, std::int32_t cell, int colours,
                std::uint16_t* noise);

}  // namespace tilewright
