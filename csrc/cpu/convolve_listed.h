#pragma once

// The kernel of convolve.h for points whose input cells are listed per tap. Included like convolve.h.

#include "cpu/convolve.h"
#include "cpu/listed_points.h"

namespace tilewright::cpu {
namespace {

/// Like accumulate. inputs (runs, R): addresses of the points' cells for every run.
template <typename Isa, int R, int V>
[[gnu::always_inline]] inline void accumulate_runs(typename Isa::Sums (&sums)[R * V],
                                                   const typename Isa::Element* input,
                                                   const std::int32_t* inputs, const RunSet& set,
                                                   const std::int32_t* bias, const std::uint8_t* weights) {
    TILEWRIGHT_UNROLL for (int v = 0; v < V; ++v) {
        const typename Isa::Sums start = Isa::load_sums(bias + v * Isa::kLanes);
        TILEWRIGHT_UNROLL for (int r = 0; r < R; ++r) { sums[r * V + v] = start; }
    }
    constexpr std::ptrdiff_t kWordBytes = V * Isa::kVectorBytes;
    for (int run = 0; run < set.count; ++run, inputs += R) {
        const typename Isa::Element* points[R];
        TILEWRIGHT_UNROLL for (int r = 0; r < R; ++r) { points[r] = input + inputs[r]; }
        const std::uint8_t* weight = weights + set.runs[run].weights * kWordBytes;
        const std::ptrdiff_t end = static_cast<std::ptrdiff_t>(set.runs[run].words) * Isa::kWord;
        _Pragma("GCC unroll 2") for (std::ptrdiff_t word = 0; word != end;
                                     word += Isa::kWord, weight += kWordBytes) {
            multiply_word<Isa, R, V>(sums, points, word, weight);
        }
    }
}

template <typename Isa, int R, int V>
void convolve_listed_blocks(const Convolution& call, const RunSet* sets, const ListedBlocks& listed,
                            const ChannelGroup& columns) {
    const Convolution c = call;  // a local copy, which the stores below cannot alias
    const ListedBlocks blocks = listed;
    const typename Isa::Element* const input = static_cast<const typename Isa::Element*>(c.input);
    const Phase phase = c.phases[0];
    const std::uint8_t* const weights = phase.weights + columns.weights;
    const std::int32_t* inputs = blocks.inputs;
    for (int block = 0; block < blocks.blocks; ++block) {
        const RunSet& set = sets[blocks.sets[block]];
        const std::int32_t* const outputs = blocks.outputs + block * R;
        typename Isa::Sums sums[R * V];
        accumulate_runs<Isa, R, V>(sums, input, inputs, set, set.bias + columns.first * Isa::kLanes, weights);
        inputs += set.count * R;
        if (c.result == Result::kBytes) {
            store_bytes<Isa, R, V>(c, sums, columns.first, phase, outputs, blocks.valid[block]);
        } else {
            store_sums<Isa, R, V>(c, sums, columns.first, outputs, blocks.valid[block]);
        }
    }
}

template <typename Isa, int V, int R = Isa::kMostRows[V - 1]>
void convolve_listed_columns(const Convolution& c, const RunSet* sets, const ListedBlocks& listed,
                             const ChannelGroup& columns) {
    if (listed.rows == R) {
        convolve_listed_blocks<Isa, R, V>(c, sets, listed, columns);
    } else if constexpr (smaller_block(R) > 0) {
        convolve_listed_columns<Isa, V, smaller_block(R)>(c, sets, listed, columns);
    }
}

/// Runs one phase with results of bytes or sums.
template <typename Isa>
void convolve_listed(const Convolution& c, const ListedPoints& points) {
    for (int i = 0; i < c.column_count; ++i) {
        const ChannelGroup& columns = c.columns[i];
        const auto& listed = points.by_vectors[columns.vectors - 1];
        with_vectors<Isa>(columns.vectors, [&](auto vectors) {
            for (int j = 0; j < listed.count; ++j) {
                convolve_listed_columns<Isa, decltype(vectors)::kCount>(c, points.sets, listed.blocks[j],
                                                                        columns);
            }
        });
    }
}

}  // namespace
}  // namespace tilewright::cpu
