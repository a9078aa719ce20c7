#pragma once

// The kernel of all layers with weights, compiled for each instruction set `Isa` (simd_*.h). It must not use
// the standard library: the linker might select a copy of an inline function that was compiled for another
// processor.

#include <cstddef>
#include <cstdint>

#include "cpu/convolution.h"
#include "ops/requantize.h"

#define TILEWRIGHT_UNROLL _Pragma("GCC unroll 32")

namespace tilewright::cpu {
namespace {

/// Hides a value from the optimiser without moving it. Otherwise, GCC 12 may copy all sums in every
/// iteration.
template <typename Vector>
[[gnu::always_inline]] inline void opaque_to_optimizer(Vector& vector) {
#if defined(__x86_64__)
    asm volatile("" : "+v"(vector));
#elif defined(__aarch64__)
    asm volatile("" : "+w"(vector));
#else
    asm volatile("" : "+m"(vector));
#endif
}

template <typename Isa, int R, int V>
[[gnu::always_inline]] inline void multiply_word(typename Isa::Sums (&sums)[R * V],
                                                 const typename Isa::Element* const (&points)[R],
                                                 std::ptrdiff_t word, const std::uint8_t* weight) {
    typename Isa::Weights w[V];
    TILEWRIGHT_UNROLL for (int v = 0; v < V; ++v) {
        w[v] = Isa::load_weights(weight + v * Isa::kVectorBytes);
    }
    TILEWRIGHT_UNROLL for (int r = 0; r < R; ++r) {
        const typename Isa::Weights x = Isa::broadcast(points[r] + word);
        TILEWRIGHT_UNROLL for (int v = 0; v < V; ++v) {
            sums[r * V + v] = Isa::multiply_add(sums[r * V + v], w[v], x);
        }
    }
}

/// sums[r * V + v] = bias + the products of point r under every tap of the set, for V registers of channels.
template <typename Isa, int R, int V>
[[gnu::always_inline]] inline void accumulate(typename Isa::Sums (&sums)[R * V],
                                              const typename Isa::Element* const (&points)[R],
                                              const TapSet& set, const std::int32_t* bias,
                                              const std::uint8_t* weights, int words, int tap_words,
                                              std::ptrdiff_t tiles) {
    TILEWRIGHT_UNROLL for (int v = 0; v < V; ++v) {
        const typename Isa::Sums start = Isa::load_sums(bias + v * Isa::kLanes);
        TILEWRIGHT_UNROLL for (int r = 0; r < R; ++r) { sums[r * V + v] = start; }
    }
    const std::ptrdiff_t tap_bytes = static_cast<std::ptrdiff_t>(tap_words) * V * Isa::kVectorBytes;
    for (int t = 0; t < set.count; ++t) {
        const std::uint8_t* weight = weights + set.taps[t].weights * tap_bytes;
        std::ptrdiff_t word = set.taps[t].input * tiles;
        const std::ptrdiff_t end = word + static_cast<std::ptrdiff_t>(words) * Isa::kWord;
        _Pragma("GCC unroll 2") for (; word != end; word += Isa::kWord, weight += V * Isa::kVectorBytes) {
            multiply_word<Isa, R, V>(sums, points, word, weight);
        }
    }
}

/// The general addition: two float32 products and a float32 sum, each rounded separately.
template <typename Isa>
[[gnu::noinline]] typename Isa::Bytes add_scaled(typename Isa::Bytes own, typename Isa::Bytes other,
                                                 Addition addition) {
    constexpr int kCount = 4 * Isa::kLanes;
    alignas(64) std::uint8_t a[kCount];
    alignas(64) std::uint8_t b[kCount];
    Isa::store_bytes(a, own);
    Isa::store_bytes(b, other);
    for (int i = 0; i < kCount; ++i) {
        const float from_a = static_cast<float>(a[i] - addition.zero_own) * addition.scale_own;
        const float from_b = static_cast<float>(b[i] - addition.zero_other) * addition.scale_other;
        a[i] = ops::to_byte(from_a + from_b, addition.zero_out);
    }
    return Isa::load_bytes(a);
}

/// Requantises registers `group` to `group` + 3 of the sums to bytes, with a lookup if there is a table.
template <typename Isa, int V>
[[gnu::always_inline]] inline typename Isa::Bytes to_bytes(const Convolution& c,
                                                           const typename Isa::Sums* sums,
                                                           const typename Isa::Floats (&factors)[V],
                                                           int group) {
    const typename Isa::Floats four[4] = {factors[group % V], factors[(group + 1) % V],
                                          factors[(group + 2) % V], factors[(group + 3) % V]};
    const typename Isa::Bytes bytes = c.clamp
                                          ? Isa::template requantize<true>(sums + group, four, c.zero_out)
                                          : Isa::template requantize<false>(sums + group, four, c.zero_out);
    return c.table ? Isa::look_up(c.table, bytes) : bytes;
}

template <typename Isa, int V>
[[gnu::always_inline]] inline void load_factors(const Phase& phase, int first,
                                                typename Isa::Floats (&factors)[V]) {
    TILEWRIGHT_UNROLL for (int v = 0; v < V; ++v) {
        factors[v] = Isa::load_floats(phase.multiplier + (first + v) * Isa::kLanes);
    }
}

/// The fast path: a full block, no product beyond int32, at most an integer addition, and adjacent results
/// for every four points.
template <typename Isa, int R, int V>
[[gnu::always_inline]] inline void store_quads(const Convolution& c, const typename Isa::Sums (&sums)[R * V],
                                               const Phase& phase, const std::int32_t* outputs,
                                               std::uint8_t (&zeros)[4 * Isa::kLanes]) {
    using Element = typename Isa::Element;
    const std::ptrdiff_t shift = static_cast<std::ptrdiff_t>(phase.output) * c.tiles;
    typename Isa::Floats factors[V];
    load_factors<Isa, V>(phase, 0, factors);
    // points per run of cells; blocks begin at multiples
    constexpr int kRun = Isa::kMostRows[V - 1] % 4 == 0 ? 4 : 2;
    TILEWRIGHT_UNROLL for (int run = 0; run < R; run += kRun) {
        const std::ptrdiff_t first = outputs[run] + shift;
        TILEWRIGHT_UNROLL for (int group = 0; group < kRun * V; group += 4) {
            const typename Isa::Floats four[4] = {factors[group % V], factors[(group + 1) % V],
                                                  factors[(group + 2) % V], factors[(group + 3) % V]};
            const std::ptrdiff_t places[4] = {first + group * Isa::kLanes, first + (group + 1) * Isa::kLanes,
                                              first + (group + 2) * Isa::kLanes,
                                              first + (group + 3) * Isa::kLanes};
            typename Isa::Bytes bytes =
                Isa::template requantize<false>(sums + run * V + group, four, c.zero_out);
            if (c.table) {
                bytes = Isa::look_up(c.table, bytes);
            }
            if (c.addition.other) {
                asm("" : "+m"(zeros));  // keeps it in memory to save a register
                const Element* other = static_cast<const Element*>(c.addition.other);
                bytes = Isa::add(Isa::template gather<4>(other, places), bytes, Isa::load_bytes(zeros));
            }
            Isa::template scatter<4>(static_cast<Element*>(c.output), places, bytes);
        }
    }
}

/// Converts sums to bytes, four registers at a time, and stores them.
template <typename Isa, int R, int V>
[[gnu::always_inline]] inline void store_bytes(const Convolution& c, const typename Isa::Sums (&sums)[R * V],
                                               int first, const Phase& phase, const std::int32_t* outputs,
                                               int valid) {
    using Element = typename Isa::Element;
    const std::ptrdiff_t shift = static_cast<std::ptrdiff_t>(phase.output) * c.tiles + first * Isa::kLanes;
    Element* const output = static_cast<Element*>(c.output) + shift;
    typename Isa::Floats factors[V];
    load_factors<Isa, V>(phase, first, factors);
    TILEWRIGHT_UNROLL for (int group = 0; group < R * V; group += 4) {
        std::ptrdiff_t places[4];
        TILEWRIGHT_UNROLL for (int i = 0; i < 4; ++i) {
            places[i] = outputs[(group + i) / V] + (group + i) % V * Isa::kLanes;
        }
        typename Isa::Bytes bytes = to_bytes<Isa, V>(c, sums, factors, group);
        if (c.addition.other) {
            const Element* other = static_cast<const Element*>(c.addition.other) + shift;
            const typename Isa::Bytes branch = Isa::template gather<V>(other, places);
            bytes = c.addition.integers ? Isa::add(branch, bytes, Isa::splat(c.addition.zero_own))
                                        : add_scaled<Isa>(bytes, branch, c.addition);
        }
        if (valid == R) {
            Isa::template scatter<V>(output, places, bytes);
        } else {
            TILEWRIGHT_UNROLL for (int i = 0; i < 4; ++i) {
                if ((group + i) / V < valid) {
                    Isa::store_slice(output + places[i], bytes, i);
                }
            }
        }
    }
}

/// For groups of 2x2 cells: the registers of a point hold 4 x 4 channels. Each quad has its own address, or
/// -1 if the cell does not exist.
template <typename Isa, int R, int V>
[[gnu::always_inline]] inline void store_groups(const Convolution& c, const typename Isa::Sums (&sums)[R * V],
                                                const Phase& phase, const std::int32_t* outputs, int valid) {
    using Element = typename Isa::Element;
    Element* const output = static_cast<Element*>(c.output);
    typename Isa::Floats factors[V];
    load_factors<Isa, V>(phase, 0, factors);
    alignas(64) Element quads[R * V * Isa::kLanes];
    TILEWRIGHT_UNROLL for (int group = 0; group < R * V; group += 4) {
        const typename Isa::Bytes bytes = to_bytes<Isa, V>(c, sums, factors, group);
        TILEWRIGHT_UNROLL for (int i = 0; i < 4; ++i) {
            Isa::store_slice(quads + (group + i) * Isa::kLanes, bytes, i);
        }
    }
    asm volatile("" : "+m"(quads));  // otherwise GCC would extract single bytes
    const auto copy = [output](std::int32_t place, const Element* quad) {
        __builtin_memcpy(output + place, quad, 4 * sizeof(Element));
    };
    const Element* quad = quads;
    for (int point = 0; point < valid; ++point, quad += 16, outputs += 4) {
        if ((outputs[0] | outputs[1] | outputs[2] | outputs[3]) >= 0) {
            TILEWRIGHT_UNROLL for (int i = 0; i < 4; ++i) { copy(outputs[i], quad + 4 * i); }
            continue;
        }
        for (int i = 0; i < 4; ++i) {
            if (outputs[i] >= 0) {
                copy(outputs[i], quad + 4 * i);
            }
        }
    }
}

template <typename Isa, int R, int V>
[[gnu::always_inline]] inline void store_sums(const Convolution& c, const typename Isa::Sums (&sums)[R * V],
                                              int first, const std::int32_t* outputs, int valid) {
    std::int32_t* const output = static_cast<std::int32_t*>(c.output) + first * Isa::kLanes;
    TILEWRIGHT_UNROLL for (int r = 0; r < R; ++r) {
        if (r < valid) {
            TILEWRIGHT_UNROLL for (int v = 0; v < V; ++v) {
                Isa::store_sums(output + outputs[r] + v * Isa::kLanes, sums[r * V + v]);
            }
        }
    }
}

/// All channels are in these registers. The rank of a sum is 256 sum + 255 - channel, so that the maximum
/// rank is the maximum sum with the lowest channel. The layer was checked for overflow.
template <typename Isa, int R, int V>
[[gnu::always_inline]] inline void store_argmax(const Convolution& c, const typename Isa::Sums (&sums)[R * V],
                                                const std::int32_t* outputs, int valid) {
    std::uint8_t* const output = static_cast<std::uint8_t*>(c.output);
    constexpr int kFours = (R + 3) / 4 * 4;
    typename Isa::Sums best[kFours];
    TILEWRIGHT_UNROLL for (int i = 0; i < kFours; ++i) {
        const int r = i < R ? i : R - 1;
        best[i] = Isa::rank(sums[r * V], 0);
        TILEWRIGHT_UNROLL for (int v = 1; v < V; ++v) {
            best[i] = Isa::greater(best[i], Isa::rank(sums[r * V + v], v * Isa::kLanes));
        }
    }
    std::int32_t ranks[kFours];
    Isa::template greatest<kFours>(best, ranks);
    TILEWRIGHT_UNROLL for (int r = 0; r < R; ++r) {
        if (r < valid) {
            output[outputs[r]] = static_cast<std::uint8_t>(255 - (ranks[r] & 255));
        }
    }
}

template <typename Isa, int R, int V>
void convolve_blocks(const Convolution& call, const ChannelGroup& columns) {
    const Convolution c = call;  // a local copy, which the stores below cannot alias
    using Element = typename Isa::Element;
    const Schedule schedule = c.schedules[V - 1].by_rows[schedule_number(R)];
    const Element* const input = static_cast<const Element*>(c.input);
    const std::ptrdiff_t tiles = c.tiles;
    const bool plain =
        c.result == Result::kBytes && c.in_quads && !c.clamp && (!c.addition.other || c.addition.integers);
    alignas(64) std::uint8_t zeros[4 * Isa::kLanes];
    Isa::store_bytes(zeros, Isa::splat(c.addition.zero_own));
    for (int p = 0; p < c.phase_count; ++p) {
        const Phase& phase = c.phases[p];
        const std::uint8_t* weights = phase.weights + columns.weights;
        for (int i = 0; i < schedule.blocks; ++i) {
            const int block = schedule.chosen ? schedule.chosen[i] : i;
            const std::int32_t* inputs = schedule.inputs + block * R;
            const std::int32_t* outputs = schedule.outputs + block * (c.grouped ? 4 * R : R);
            const TapSet& set = phase.tap_sets[schedule.classes[block]];
            const Element* points[R];
            TILEWRIGHT_UNROLL for (int r = 0; r < R; ++r) { points[r] = input + inputs[r]; }
            typename Isa::Sums sums[R * V];
            accumulate<Isa, R, V>(sums, points, set, set.bias + columns.first * Isa::kLanes, weights, c.words,
                                  c.tap_words, tiles);
            const int valid = schedule.valid[block];
            if (plain && valid == R) {
                store_quads<Isa, R, V>(c, sums, phase, outputs, zeros);
            } else if (c.grouped) {
                store_groups<Isa, R, V>(c, sums, phase, outputs, valid);
            } else if (c.result == Result::kBytes) {
                store_bytes<Isa, R, V>(c, sums, columns.first, phase, outputs, valid);
            } else if (c.result == Result::kSums) {
                store_sums<Isa, R, V>(c, sums, columns.first, outputs, valid);
            } else {
                store_argmax<Isa, R, V>(c, sums, outputs, valid);
            }
        }
    }
}

/// Dispatches on the block size, largest first.
template <typename Isa, int V, int R = Isa::kMostRows[V - 1]>
void convolve_columns(const Convolution& c, const ChannelGroup& columns) {
    if (c.schedules[V - 1].by_rows[schedule_number(R)].blocks > 0) {
        convolve_blocks<Isa, R, V>(c, columns);
    }
    if constexpr (smaller_block(R) > 0) {
        convolve_columns<Isa, V, smaller_block(R)>(c, columns);
    }
}

/// A compile-time number as a function argument.
template <int N>
struct Count {
    static constexpr int kCount = N;
};

/// Calls run(Count<vectors>{}).
template <typename Isa, typename Run>
[[gnu::always_inline]] inline void with_vectors(int vectors, const Run& run) {
    if (vectors == 1) {
        run(Count<1>{});
    } else if (vectors == 2) {
        run(Count<2>{});
    } else if constexpr (Isa::kMostVectors >= 4) {
        if (vectors == 3) {
            run(Count<3>{});
        } else {
            run(Count<4>{});
        }
    }
}

template <typename Isa>
void convolve(const Convolution& c) {
    for (int i = 0; i < c.column_count; ++i) {
        const ChannelGroup& columns = c.columns[i];
        with_vectors<Isa>(columns.vectors, [&](auto vectors) {
            convolve_columns<Isa, decltype(vectors)::kCount>(c, columns);
        });
    }
}

}  // namespace
}  // namespace tilewright::cpu
