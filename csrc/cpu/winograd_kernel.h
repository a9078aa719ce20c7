#pragma once

// The kernels of winograd.h for one instruction set. Included like convolve.h.

#include "cpu/convolve.h"
#include "cpu/winograd.h"

namespace tilewright::cpu {
namespace {

/// Transforms the cells of a window along one axis to the values that are multiplied: window_cells(Edge) to
/// window_values(Edge).
template <int Edge, typename V>
[[gnu::always_inline]] inline void transform_line(const V* x, V* to, int step) {
    if constexpr (Edge == 4) {
        to[0] = x[0] - x[2];
        to[step] = x[1] + x[2];
        to[2 * step] = x[2] - x[1];
        to[3 * step] = x[1] - x[3];
    } else if constexpr (Edge == 3) {
        to[0] = x[0] - x[1];
        to[step] = x[1];
        to[2 * step] = x[2] - x[1];
        to[3 * step] = x[2];
        to[4 * step] = x[3] - x[2];
    } else if constexpr (Edge == 6) {
        const V even = x[4] - 4 * x[2];
        const V odd = x[3] - 4 * x[1];
        const V near_even = x[4] - x[2];
        const V near_odd = 2 * (x[3] - x[1]);
        to[0] = 4 * (x[0] - x[2]) + near_even;
        to[step] = even + odd;
        to[2 * step] = even - odd;
        to[3 * step] = near_even + near_odd;
        to[4 * step] = near_even - near_odd;
        to[5 * step] = 4 * (x[1] - x[3]) - x[3] + x[5];
    } else {
        TILEWRIGHT_UNROLL for (int phase = 0; phase < 2; ++phase, ++x, to += 5 * step) {
            const V difference = x[3] - x[1];
            to[0] = 2 * (x[0] - x[2]) + difference;
            to[step] = difference - x[1] - x[2];
            to[2 * step] = x[3] - x[2] + 2 * (x[1] - x[2]);
            to[3 * step] = difference;
            to[4 * step] = x[4] - x[2] - 2 * difference;
        }
    }
}

/// Loads the elements of one window that start at `at`, as many as a V holds.
template <int Edge, typename V>
[[gnu::always_inline]] inline void transform_window(const std::int16_t* input, std::int16_t* output,
                                                    const WindowRows& rows, int at) {
    constexpr int kCells = window_cells(Edge);
    constexpr int kValues = window_values(Edge);
    V half[kValues][kCells];
    TILEWRIGHT_UNROLL for (int x = 0; x < kCells; ++x) {
        V cells[kCells];
        TILEWRIGHT_UNROLL for (int y = 0; y < kCells; ++y) {
            __builtin_memcpy(&cells[y], input + y * rows.row + x * rows.run + at, sizeof(V));
        }
        transform_line<Edge>(cells, &half[0][x], kCells);
    }
    TILEWRIGHT_UNROLL for (int i = 0; i < kValues; ++i) {
        V whole[kValues];
        transform_line<Edge>(half[i], whole, 1);
        TILEWRIGHT_UNROLL for (int j = 0; j < kValues; ++j) {
            __builtin_memcpy(output + (i * kValues + j) * rows.run + at, &whole[j], sizeof(V));
        }
    }
}

template <typename Isa, int Edge>
[[gnu::noinline]] void transform_rows(const WindowRows& rows) {
    typedef std::int16_t Lanes __attribute__((vector_size(2 * Isa::kLanes)));
    typedef std::int16_t TwiceTheLanes __attribute__((vector_size(4 * Isa::kLanes)));
    constexpr int kOutputs = window_outputs(Edge);
    const std::int16_t* const input = static_cast<const std::int16_t*>(rows.input);
    std::int16_t* output = static_cast<std::int16_t*>(rows.output);
    for (int row = 0; row < rows.rows; ++row) {
        for (int window = 0; window < rows.windows; ++window) {
            const std::int16_t* const first = input + kOutputs * (row * rows.row + window * rows.run);
            int at = 0;
            for (; at + 2 * Isa::kLanes <= rows.run; at += 2 * Isa::kLanes) {
                transform_window<Edge, TwiceTheLanes>(first, output, rows, at);
            }
            if (at < rows.run) {
                transform_window<Edge, Lanes>(first, output, rows, at);
            }
            output += window_values(Edge) * window_values(Edge) * rows.run;
        }
    }
}

/// Calls run(Count<edge>{}).
template <typename Run>
[[gnu::always_inline]] inline void with_edge(int edge, const Run& run) {
    if (edge == 3) {
        run(Count<3>{});
    } else if (edge == 4) {
        run(Count<4>{});
    } else if (edge == 5) {
        run(Count<5>{});
    } else {
        run(Count<6>{});
    }
}

template <typename Isa>
void transform_windows(const WindowRows& rows) {
    with_edge(rows.edge, [&](auto edge) { transform_rows<Isa, decltype(edge)::kCount>(rows); });
}

template <typename Isa>
[[gnu::always_inline]] inline typename Isa::Sums twice(typename Isa::Sums x) {
    return Isa::sum(x, x);
}

/// Transforms `Edge` products along one axis, `step` apart, to the outputs along it, in place.
template <typename Isa, int Edge>
[[gnu::always_inline]] inline void finish_line(typename Isa::Sums* products, int step) {
    using Sums = typename Isa::Sums;
    Sums m[Edge];
    TILEWRIGHT_UNROLL for (int i = 0; i < Edge; ++i) { m[i] = products[i * step]; }
    if constexpr (Edge == 3) {
        products[0] = Isa::sum(m[0], m[1]);
        products[step] = Isa::sum(m[1], m[2]);
    } else if constexpr (Edge == 4) {
        products[0] = Isa::sum(Isa::sum(m[0], m[1]), m[2]);
        products[step] = Isa::difference(Isa::difference(m[1], m[2]), m[3]);
    } else {
        const Sums sum = Isa::sum(m[1], m[2]);
        const Sums difference = Isa::difference(m[1], m[2]);
        Sums even = m[3];  // of the points 2 and -2
        Sums odd = m[3];
        if constexpr (Edge == 6) {
            even = Isa::sum(m[3], m[4]);
            odd = Isa::difference(m[3], m[4]);
        }
        products[0] = Isa::sum(Isa::sum(m[0], sum), even);
        products[step] = Isa::sum(difference, twice<Isa>(odd));
        products[2 * step] = Isa::sum(sum, twice<Isa>(twice<Isa>(even)));
        // The product at infinity has a third of its weight for a 3x3 kernel, whose other part would not fit
        // 16 bits.
        const Sums last = Edge == 6 ? Isa::sum(odd, m[Edge - 1]) : odd;
        const Sums eight = Isa::sum(difference, twice<Isa>(twice<Isa>(twice<Isa>(last))));
        products[3 * step] = Edge == 6 ? eight : Isa::sum(eight, m[Edge - 1]);
    }
}

/// Divides an output by window_scale(Edge). It is a multiple modulo 2^32; a factor of 9 has an inverse there.
template <typename Isa, int Edge>
[[gnu::always_inline]] inline typename Isa::Sums unscale(typename Isa::Sums output) {
    constexpr std::int32_t kNinth = 0x38E38E39;  // 9 * kNinth = 1 modulo 2^32
    if constexpr (Edge == 4) {
        return Isa::template shift_right<2>(output);
    } else if constexpr (Edge == 5) {
        return Isa::template shift_right<2>(Isa::template multiply_low<kNinth>(output));
    } else if constexpr (Edge == 6) {
        return Isa::template shift_right<6>(Isa::template multiply_low<kNinth>(output));
    }
    return output;
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

/// Transforms all products of R points to their outputs; `valid` points exist.
template <typename Isa, int R, int V, int Edge>
[[gnu::noinline]] void finish_points(const WindowProducts& call, const WinogradPhase& phase,
                                     const ChannelGroup& columns, int first, int valid,
                                     typename Isa::Sums (&products)[Edge * Edge][R * V]) {
    constexpr int kSums = R * V;
    constexpr int kOutputs = window_outputs(Edge);
    for (int column = 0; column < Edge; ++column) {
        for (int i = 0; i < kSums; ++i) {
            finish_line<Isa, Edge>(&products[column][i], Edge * kSums);
        }
    }
    for (int row = 0; row < kOutputs; ++row) {
        for (int i = 0; i < kSums; ++i) {
            finish_line<Isa, Edge>(&products[row * Edge][i], kSums);
        }
        for (int column = 0; column < kOutputs; ++column) {
            typename Isa::Sums sums[kSums];
            TILEWRIGHT_UNROLL for (int i = 0; i < kSums; ++i) {
                sums[i] = unscale<Isa, Edge>(products[row * Edge + column][i]);
            }
            store_bytes<Isa, R, V>(call.common, sums, columns.first, phase.outputs[row * kOutputs + column],
                                   call.outputs + first, valid);
        }
    }
}

/// Processes points `first` to `end` in blocks of R, several at a time, so that the weights of a product stay
/// in L1.
template <typename Isa, int R, int V, int Edge>
[[gnu::noinline]] void multiply_blocks(const WindowProducts& call, const WinogradPhase& phase,
                                       const ChannelGroup& columns, int first, int end) {
    constexpr int kProducts = Edge * Edge;
    constexpr int kCentre = Edge + 1;  // the product that contributes to all outputs, with factor 1
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
    with_edge(call.edge, [&](auto edge) {
        multiply_blocks<Isa, R, V, decltype(edge)::kCount>(call, phase, columns, 0, call.points);
    });
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
