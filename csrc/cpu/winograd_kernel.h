#pragma once

// The kernels of winograd.h for one instruction set. Included like convolve.h.

#include "cpu/convolve.h"
#include "cpu/winograd.h"

namespace tilewright::cpu {
namespace {

/// Transforms four values along one axis to the values that are multiplied.
template <int Values, typename V>
[[gnu::always_inline]] inline void transform_four(const V& a, const V& b, const V& c, const V& d, V* to,
                                                  int step) {
    if constexpr (Values == kConvolutionValues) {
        to[0] = a - c;
        to[step] = b + c;
        to[2 * step] = c - b;
        to[3 * step] = b - d;
    } else {
        to[0] = a - b;
        to[step] = b;
        to[2 * step] = c - b;
        to[3 * step] = c;
        to[4 * step] = d - c;
    }
}

/// Loads the elements of one window that start at `at`, as many as a V holds.
template <int Values, typename V>
[[gnu::always_inline]] inline void transform_window(const std::int16_t* input, std::int16_t* output,
                                                    const WindowRows& rows, int at) {
    V half[Values][4];
    TILEWRIGHT_UNROLL for (int x = 0; x < 4; ++x) {
        V cells[4];
        TILEWRIGHT_UNROLL for (int y = 0; y < 4; ++y) {
            __builtin_memcpy(&cells[y], input + y * rows.row + x * rows.run + at, sizeof(V));
        }
        transform_four<Values>(cells[0], cells[1], cells[2], cells[3], &half[0][x], 4);
    }
    TILEWRIGHT_UNROLL for (int i = 0; i < Values; ++i) {
        V whole[Values];
        transform_four<Values>(half[i][0], half[i][1], half[i][2], half[i][3], whole, 1);
        TILEWRIGHT_UNROLL for (int j = 0; j < Values; ++j) {
            __builtin_memcpy(output + (i * Values + j) * rows.run + at, &whole[j], sizeof(V));
        }
    }
}

template <typename Isa, int Values>
void transform_rows(const WindowRows& rows) {
    typedef std::int16_t Lanes __attribute__((vector_size(2 * Isa::kLanes)));
    typedef std::int16_t TwiceTheLanes __attribute__((vector_size(4 * Isa::kLanes)));
    const std::int16_t* const input = static_cast<const std::int16_t*>(rows.input);
    std::int16_t* output = static_cast<std::int16_t*>(rows.output);
    for (int row = 0; row < rows.rows; ++row) {
        for (int window = 0; window < rows.windows; ++window) {
            const std::int16_t* const first = input + 2 * row * rows.row + 2 * window * rows.run;
            int at = 0;
            for (; at + 2 * Isa::kLanes <= rows.run; at += 2 * Isa::kLanes) {
                transform_window<Values, TwiceTheLanes>(first, output, rows, at);
            }
            if (at < rows.run) {
                transform_window<Values, Lanes>(first, output, rows, at);
            }
            output += Values * Values * rows.run;
        }
    }
}

template <typename Isa>
void transform_windows(const WindowRows& rows) {
    if (rows.values == kConvolutionValues) {
        transform_rows<Isa, kConvolutionValues>(rows);
    } else {
        transform_rows<Isa, kTransposedValues>(rows);
    }
}

/// The two outputs along one axis from `Edge` products along it.
template <typename Isa, int Edge>
[[gnu::always_inline]] inline typename Isa::Sums output_of(const typename Isa::Sums* products, int step,
                                                           int which) {
    const typename Isa::Sums first = products[which == 0 ? 0 : step];
    const typename Isa::Sums second = products[which == 0 ? step : 2 * step];
    if constexpr (Edge == 3) {
        return Isa::sum(first, second);
    } else {
        return which == 0 ? Isa::sum(Isa::sum(first, second), products[2 * step])
                          : Isa::difference(Isa::difference(first, second), products[3 * step]);
    }
}

/// Computes the sums of points `first` to `first + R - 1` for product k.
template <typename Isa, int R, int V>
[[gnu::always_inline]] inline void multiply_points(const WindowProducts& call, const WinogradPhase& phase,
                                                   const ChannelGroup& columns, int first, int k, bool centre,
                                                   typename Isa::Sums (&products)[R * V]) {
    const Convolution& c = call.common;
    const typename Isa::Element* points[R];
    TILEWRIGHT_UNROLL for (int r = 0; r < R; ++r) {
        points[r] = static_cast<const typename Isa::Element*>(c.input) + call.inputs[first + r];
    }
    typename Isa::Sums sums[R * V];
    const std::int32_t* const bias = (centre ? phase.bias : call.zeros) + columns.first * Isa::kLanes;
    accumulate<Isa, R, V>(sums, points, {phase.taps + k, 1, nullptr}, bias,
                          phase.outputs[0].weights + columns.weights, c.words, c.tap_words, c.tiles);
    TILEWRIGHT_UNROLL for (int i = 0; i < R * V; ++i) { products[i] = sums[i]; }
}

/// Transforms all products of R points to their four outputs; `valid` points exist.
template <typename Isa, int R, int V, int Edge>
[[gnu::noinline]] void finish_points(const WindowProducts& call, const WinogradPhase& phase,
                                     const ChannelGroup& columns, int first, int valid,
                                     typename Isa::Sums (&products)[Edge * Edge][R * V]) {
    constexpr int kSums = R * V;
    for (int column = 0; column < Edge; ++column) {
        for (int i = 0; i < kSums; ++i) {
            const typename Isa::Sums upper = output_of<Isa, Edge>(&products[column][i], Edge * kSums, 0);
            products[Edge + column][i] = output_of<Isa, Edge>(&products[column][i], Edge * kSums, 1);
            products[column][i] = upper;
        }
    }
    for (int output = 0; output < 4; ++output) {
        typename Isa::Sums sums[kSums];
        TILEWRIGHT_UNROLL for (int i = 0; i < kSums; ++i) {
            sums[i] = output_of<Isa, Edge>(&products[output / 2 * Edge][i], kSums, output % 2);
            if constexpr (Edge == 4) {
                sums[i] = Isa::quarter(sums[i]);
            }
        }
        store_bytes<Isa, R, V>(call.common, sums, columns.first, phase.outputs[output], call.outputs + first,
                               valid);
    }
}

/// Processes points `first` to `end` in blocks of R, several at a time, so that the weights of a product stay
/// in L1.
template <typename Isa, int R, int V, int Edge>
[[gnu::noinline]] void multiply_blocks(const WindowProducts& call, const WinogradPhase& phase,
                                       const ChannelGroup& columns, int first, int end) {
    constexpr int kProducts = Edge * Edge;
    constexpr int kCentre = Edge + 1;  // the product that contributes to all four outputs
    constexpr int kBytes = 20000;      // bytes of products that are buffered
    constexpr int kFitting = kBytes / (kProducts * R * V * Isa::kVectorBytes);
    constexpr int kBlocks = kFitting > 1 ? kFitting : 1;
    typename Isa::Sums products[kBlocks][kProducts][R * V];
    for (; first < end; first += kBlocks * R) {
        const int left = (end - first + R - 1) / R;
        const int blocks = left < kBlocks ? left : kBlocks;
        for (int k = 0; k < kProducts; ++k) {
            for (int block = 0; block < blocks; ++block) {
                multiply_points<Isa, R, V>(call, phase, columns, first + block * R, k, k == kCentre,
                                           products[block][k]);
            }
        }
        for (int block = 0; block < blocks; ++block) {
            const int remaining = end - first - block * R;
            finish_points<Isa, R, V, Edge>(call, phase, columns, first + block * R,
                                           remaining < R ? remaining : R, products[block]);
        }
    }
}

template <typename Isa, int V,
          int R = V == 4                             ? 4
                  : Isa::kMostVectors >= 4 || V == 1 ? 8
                                                     : 4>
void multiply_columns(const WindowProducts& call, const WinogradPhase& phase, const ChannelGroup& columns) {
    if (call.edge == 4) {
        multiply_blocks<Isa, R, V, 4>(call, phase, columns, 0, call.points);
    } else {
        multiply_blocks<Isa, R, V, 3>(call, phase, columns, 0, call.points);
    }
}

template <typename Isa>
void multiply_windows(const WindowProducts& call) {
    for (int p = 0; p < call.phase_count; ++p) {
        for (int i = 0; i < call.common.column_count; ++i) {
            const ChannelGroup& columns = call.common.columns[i];
            with_vectors<Isa>(columns.vectors, [&](auto vectors) {
                multiply_columns<Isa, decltype(vectors)::kCount>(call, call.phases[p], columns);
            });
        }
    }
}

}  // namespace
}  // namespace tilewright::cpu
