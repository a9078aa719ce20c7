#pragma once

// Indices from bytes, once for each instruction set with registers of 16 lanes and words of 4 bytes. Included
// like convolve.h.

#include "cpu/argmax.h"
#include "cpu/convolve.h"

namespace tilewright::cpu {
namespace {

constexpr int kMostColoursAtOnce = 12;

/// Two registers of pixels: each broadcast of weights serves both.
template <typename Isa>
struct PixelPair {
    const std::uint8_t* words[2];  ///< a register for each word of the pixels
    typename Isa::Sums best[2];    ///< the greatest rank so far
};

/// The scores of N more colours, from `first` on. Not inlined, so that the registers are all its own.
template <typename Isa, int N>
[[gnu::noinline]] void rank_colours(const PixelScores& s, int first, PixelPair<Isa>& pair) {
    const std::int32_t* bias = s.bias + first;
    typename Isa::Sums sums[2][N];
    TILEWRIGHT_UNROLL for (int k = 0; k < N; ++k) { sums[0][k] = sums[1][k] = Isa::splat_sum(bias[k]); }
    const std::int32_t* weights = s.weights + first;
    const std::uint8_t* a = pair.words[0];
    const std::uint8_t* b = pair.words[1];
    const std::uint8_t* const end = a + s.words * Isa::kVectorBytes;
    do {  // four words at a time: GCC copies all sums once in every round
        TILEWRIGHT_UNROLL for (int w = 0; w < 4; ++w) {
            const typename Isa::Weights of_a = Isa::load_weights(a + w * Isa::kVectorBytes);
            const typename Isa::Weights of_b = Isa::load_weights(b + w * Isa::kVectorBytes);
            TILEWRIGHT_UNROLL for (int k = 0; k < N; ++k) {
                const typename Isa::Weights weight = Isa::splat_sum(weights[k]);
                sums[0][k] = Isa::multiply_add(sums[0][k], weight, of_a);
                sums[1][k] = Isa::multiply_add(sums[1][k], weight, of_b);
            }
            weights += s.colours;
        }
        a += 4 * Isa::kVectorBytes;
        b += 4 * Isa::kVectorBytes;
    } while (a != end);
    const std::int32_t* below = s.below + first;
    typename Isa::Sums best[2] = {pair.best[0], pair.best[1]};
    TILEWRIGHT_UNROLL for (int k = 0; k < N; ++k) {
        best[0] = Isa::greater(best[0], Isa::rank_one(sums[0][k], Isa::splat_sum(below[k])));
        best[1] = Isa::greater(best[1], Isa::rank_one(sums[1][k], Isa::splat_sum(below[k])));
    }
    pair.best[0] = best[0];
    pair.best[1] = best[1];
}

/// Goes over all runs of kScoredPixels pixels.
struct PixelRun {
    int tile, x, y;

    void advance(const PixelScores& s) {
        if (++tile == s.tiles) {
            tile = 0;
            x += kScoredPixels;
            if (x == s.width) {
                x = 0;
                ++y;
            }
        }
    }
    const std::uint8_t* input(const PixelScores& s) const {
        return s.input + y * s.row + (std::ptrdiff_t{x} * s.tiles + tile) * s.tile;
    }
    std::uint8_t* output(const PixelScores& s) const {
        return s.output + (std::ptrdiff_t{tile} * s.height + y) * s.width + x;
    }
};

template <typename Isa>
void index_pixels(const PixelScores& scores) {
    const PixelScores s = scores;
    const int runs = s.tiles * s.height * (s.width / kScoredPixels);
    alignas(64) std::uint8_t words[2][kMostScoredWords * Isa::kVectorBytes];
    PixelRun next{0, 0, 0};
    for (int run = 0; run < runs; run += 2) {
        PixelPair<Isa> pair{{words[0], words[1]}, {Isa::splat_sum(INT32_MIN), Isa::splat_sum(INT32_MIN)}};
        std::uint8_t* outputs[2];
        for (int i = 0; i < 2; ++i) {
            const std::uint8_t* input = next.input(s);
            outputs[i] = next.output(s);
            for (int w = 0; w < s.words; w += 4) {
                Isa::load_words(input + 4 * w, s.tile * s.tiles, words[i] + w * Isa::kVectorBytes);
            }
            if (run + i + 1 < runs) {  // or the last of an odd number is made twice
                next.advance(s);
            }
        }
        for (int first = 0; first < s.colours;) {
            const int left = s.colours - first;
            if (left == kMostColoursAtOnce || left > 16) {
                rank_colours<Isa, kMostColoursAtOnce>(s, first, pair);
                first += kMostColoursAtOnce;
            } else if (left >= 8) {
                rank_colours<Isa, 8>(s, first, pair);
                first += 8;
            } else {
                rank_colours<Isa, 4>(s, first, pair);
                first += 4;
            }
        }
        Isa::store_best(outputs[0], pair.best[0]);
        Isa::store_best(outputs[1], pair.best[1]);
    }
}

}  // namespace
}  // namespace tilewright::cpu
