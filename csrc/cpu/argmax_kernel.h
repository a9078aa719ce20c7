#pragma once

// Indices from bytes, compiled for each instruction set with registers of 16 lanes and words of 4 bytes.
// Included like convolve.h.

#include "cpu/argmax.h"
#include "cpu/convolve.h"

namespace tilewright::cpu {
namespace {

constexpr int kMostColoursAtOnce = 12;

/// Two registers of vertically adjacent pixels, which share each broadcast of weights.
template <typename Isa>
struct PixelPair {
    /// The rows of the upper register's taps, from the top; those of the lower one are offset by `below`.
    const std::int32_t* const* rows;
    int below;
    std::ptrdiff_t first;        ///< position of the pixels in a row
    typename Isa::Sums best[2];  ///< maximum rank so far
};

/// Scores colours `first` to `first + N - 1`. Not inlined, so that it has all registers.
template <typename Isa, int N>
[[gnu::noinline]] void rank_colours(const PixelScores& s, int first, PixelPair<Isa>& pair) {
    const std::int32_t* bias = s.bias + first;
    typename Isa::Sums sums[2][N];
    TILEWRIGHT_UNROLL for (int k = 0; k < N; ++k) { sums[0][k] = sums[1][k] = Isa::splat_sum(bias[k]); }
    const std::int32_t* weights = s.weights + first;
    const std::ptrdiff_t pitch = s.width + 2 * s.reach;
    for (int tap = 0; tap < s.tap_count; ++tap) {
        const std::int32_t* const* row = pair.rows + s.taps[tap].dy + s.reach;
        const std::ptrdiff_t column = pair.first + s.taps[tap].dx + s.reach;
        const std::int32_t* a = row[0] + column;
        const std::int32_t* b = row[pair.below] + column;
        const std::int32_t* const end = a + s.words * pitch;
        do {
            TILEWRIGHT_UNROLL for (int w = 0; w < 4; ++w) {
                const typename Isa::Weights of_a = Isa::load_sums(a + w * pitch);
                const typename Isa::Weights of_b = Isa::load_sums(b + w * pitch);
                TILEWRIGHT_UNROLL for (int k = 0; k < N; ++k) {
                    const typename Isa::Weights weight = Isa::splat_sum(weights[k]);
                    sums[0][k] = Isa::multiply_add(sums[0][k], weight, of_a);
                    sums[1][k] = Isa::multiply_add(sums[1][k], weight, of_b);
                }
                weights += s.colours;
            }
            TILEWRIGHT_UNROLL for (int k = 0; k < N; ++k) {
                opaque_to_optimizer(sums[0][k]);
                opaque_to_optimizer(sums[1][k]);
            }
            a += 4 * pitch;
            b += 4 * pitch;
        } while (a != end);
    }
    const std::int32_t* below = s.below + first;
    typename Isa::Sums best[2] = {pair.best[0], pair.best[1]};
    TILEWRIGHT_UNROLL for (int k = 0; k < N; ++k) {
        best[0] = Isa::greater(best[0], Isa::rank_one(sums[0][k], Isa::splat_sum(below[k])));
        best[1] = Isa::greater(best[1], Isa::rank_one(sums[1][k], Isa::splat_sum(below[k])));
    }
    pair.best[0] = best[0];
    pair.best[1] = best[1];
}

/// rank_colours of `count` colours, at most N.
template <typename Isa, int N = kMostColoursAtOnce>
void rank_some(const PixelScores& s, int first, int count, PixelPair<Isa>& pair) {
    if (count == N) {
        rank_colours<Isa, N>(s, first, pair);
    } else if constexpr (N > 1) {
        rank_some<Isa, N - 1>(s, first, count, pair);
    }
}

/// Row y of a tile, possibly outside of the map, as words x pixels.
template <typename Isa>
void load_row(const PixelScores& s, int tile, int y, std::int32_t* row) {
    const std::ptrdiff_t pitch = s.width + 2 * s.reach;
    if (s.wraps) {
        y = (y % s.height + s.height) % s.height;
    } else if (y < 0 || y >= s.height) {
        for (std::ptrdiff_t i = 0; i < s.words * pitch; ++i) {
            row[i] = s.border;
        }
        return;
    }
    const std::ptrdiff_t cell = s.tile * s.tiles;
    const std::uint8_t* input = s.input + y * s.row + tile * s.tile;
    for (int x = 0; x < s.width; x += kScoredPixels) {
        for (int w = 0; w < s.words; w += 4) {
            Isa::load_words(input + x * cell + 4 * w, cell, row + w * pitch + s.reach + x, pitch);
        }
    }
    for (int w = 0; s.reach > 0 && w < s.words; ++w) {
        std::int32_t* const line = row + w * pitch;
        for (int i = 0; i < s.reach; ++i) {
            line[i] = s.wraps ? line[s.width + i] : s.border;
            line[s.reach + s.width + i] = s.wraps ? line[s.reach + i] : s.border;
        }
    }
}

/// Processes row by row, and each row for all tiles, which are adjacent in memory.
template <typename Isa>
void index_pixels(const PixelScores& scores) {
    const PixelScores s = scores;
    const int held = scored_rows(s.reach);
    const std::ptrdiff_t row_size = std::ptrdiff_t{s.words} * (s.width + 2 * s.reach);
    const std::ptrdiff_t tile_size = held * row_size;
    std::int32_t* rows[scored_rows(kMostScoredReach)];  // of the first tile, from the farthest above
    for (int i = 0; i < held; ++i) {
        rows[i] = s.rows + i * row_size;
    }
    const auto load = [&](int y, std::int32_t* row) {
        for (int tile = 0; tile < s.tiles; ++tile) {
            load_row<Isa>(s, tile, y, row + tile * tile_size);
        }
    };
    for (int i = 2; i < held; ++i) {
        load(i - 2 - s.reach, rows[i]);
    }
    for (int y = 0; y < s.height; y += 2) {
        // Two rows are replaced.
        std::int32_t* const free[2] = {rows[0], rows[1]};
        for (int i = 2; i < held; ++i) {
            rows[i - 2] = rows[i];
        }
        for (int i = 0; i < 2; ++i) {
            rows[held - 2 + i] = free[i];
            load(y + s.reach + i, free[i]);
        }
        const int below = y + 1 < s.height ? 1 : 0;  // the last row of an odd number is computed twice
        for (int tile = 0; tile < s.tiles; ++tile) {
            std::uint8_t* const output = s.output + (std::ptrdiff_t{tile} * s.height + y) * s.width;
            for (int x = 0; x < s.width; x += kScoredPixels) {
                PixelPair<Isa> pair{rows,
                                    below,
                                    tile * tile_size + x,
                                    {Isa::splat_sum(INT32_MIN), Isa::splat_sum(INT32_MIN)}};
                for (int first = 0; first < s.colours;) {
                    const int left = s.colours - first;
                    const int passes = (left + kMostColoursAtOnce - 1) / kMostColoursAtOnce;
                    const int count = (left + passes - 1) / passes;
                    rank_some<Isa>(s, first, count, pair);
                    first += count;
                }
                Isa::store_best(output + x, pair.best[0]);
                Isa::store_best(output + x + below * s.width, pair.best[1]);
            }
        }
    }
}

}  // namespace
}  // namespace tilewright::cpu
