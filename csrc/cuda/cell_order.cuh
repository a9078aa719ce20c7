#pragma once

#include "cuda/tiles.cuh"

// The turns of a masked sampler's cells: which evaluation fixes each, like sampler/cell_order.h.

namespace tilewright::cuda {

/// Whether a cell of the block is given; the caller's array shows it during the whole call.
__device__ __forceinline__ bool is_given(const Call& call, std::int32_t first_tile, std::int32_t i) {
    const Sampling& sampling = call.plan.sampling;
    const std::int32_t cells = sampling.cells.cells;
    return call.cells && first_tile + i / cells < call.count &&
           __ldg(call.cells + static_cast<std::int64_t>(first_tile) * cells + i) != sampling.colours;
}

/// Writes a random word for each cell.
template <bool kShared>
__device__ __forceinline__ void draw_random_keys(const Arena<kShared>& arena, const Call& call,
                                                 std::int32_t first_tile, std::int32_t round) {
    const Sampling& sampling = call.plan.sampling;
    const std::int32_t cells = sampling.cells.cells;
    const std::int32_t blocks = (cells + 3) / 4;
    for (std::int32_t i = static_cast<std::int32_t>(threadIdx.x); i < call.plan.tiles * blocks;
         i += kThreads) {
        const std::int32_t tile = i / blocks;
        const std::int32_t first = i % blocks * 4;
        const RandomBlock block = draw_block(call.seed, number_of(call, first_tile + tile),
                                             static_cast<std::uint32_t>(first / 4), streams::kOrder, round);
        for (std::int32_t j = 0; j < 4 && first + j < cells; ++j) {
            arena.store(sampling.words + 4 * static_cast<std::uint32_t>(tile * cells + first + j),
                        pick(block, static_cast<std::uint32_t>(j)));
        }
    }
}

/// Writes the rank of each cell in the rolled Halton order, or 0 in reading order.
template <bool kShared>
__device__ __forceinline__ void write_ranks(const Arena<kShared>& arena, const Call& call,
                                            std::int32_t first_tile, std::int32_t round) {
    const Sampling& sampling = call.plan.sampling;
    const Place& place = sampling.cells;
    for (std::int32_t i = static_cast<std::int32_t>(threadIdx.x); i < call.plan.tiles * place.cells;
         i += kThreads) {
        std::uint32_t key = 0;
        if (call.draw.order == SamplingOptions::Order::kHalton) {
            const RandomBlock block = draw_block(call.seed, number_of(call, first_tile + i / place.cells), 0,
                                                 streams::kHalton, round);
            const std::int32_t cell = i % place.cells;
            const std::int32_t y =
                (cell / place.width + place.height - below(block.words[0], place.height)) % place.height;
            const std::int32_t x =
                (cell % place.width + place.width - below(block.words[1], place.width)) % place.width;
            key = static_cast<std::uint32_t>(__ldg(sampling.halton + y * place.width + x));
        }
        arena.store(sampling.words + 4 * static_cast<std::uint32_t>(i), key);
    }
}

/// Determines which evaluation fixes each cell: round 0, of all unknown cells; otherwise, of those that this
/// round of refinement resamples, which become unknown. A cell's rank is that of (key, cell) among the
/// unknown cells. Counting smaller pairs replaces a sort; it takes a few hundred comparisons.
template <bool kShared>
__device__ __forceinline__ void take_turns(const Arena<kShared>& arena, const Call& call,
                                           std::int32_t first_tile, std::int32_t round) {
    const Sampling& sampling = call.plan.sampling;
    const std::int32_t cells = sampling.cells.cells;
    const bool reading = call.draw.order == SamplingOptions::Order::kRaster && round == 0;
    if (reading || call.draw.order == SamplingOptions::Order::kHalton) {
        write_ranks(arena, call, first_tile, round);
    } else {
        draw_random_keys(arena, call, first_tile, round);
    }
    __syncthreads();
    for (std::int32_t i = static_cast<std::int32_t>(threadIdx.x); i < call.plan.tiles * cells;
         i += kThreads) {
        if (is_given(call, first_tile, i)) {
            arena.store(sampling.turns + 4 * static_cast<std::uint32_t>(i), std::int32_t{-1});
            continue;
        }
        const std::int32_t first = i - i % cells;
        const std::uint32_t own =
            arena.template load<std::uint32_t>(sampling.words + 4 * static_cast<std::uint32_t>(i));
        std::int32_t rank = 0;
        std::int32_t total = 0;
        for (std::int32_t other = first; other < first + cells; ++other) {
            const std::uint32_t key =
                arena.template load<std::uint32_t>(sampling.words + 4 * static_cast<std::uint32_t>(other));
            if (!is_given(call, first_tile, other)) {
                rank += key < own || (key == own && other < i) ? 1 : 0;
                ++total;
            }
        }
        // The evaluation whose ranks begin at floor(turn * total / steps) and end before the next one's.
        std::int32_t turn = static_cast<std::int32_t>((std::int64_t{rank + 1} * sampling.steps - 1) / total);
        if (round > 0) {
            const std::int32_t rounds = call.draw.rounds;
            const std::int64_t share = rounds > 1 ? 400 - 350 * std::int64_t{round - 1} / (rounds - 1) : 400;
            if (rank >= max(static_cast<std::int32_t>(total * share / 1000), 1)) {
                continue;
            }
            turn = sampling.steps + round - 1;
            arena.store(sampling.cells.offset + static_cast<std::uint32_t>(i),
                        static_cast<std::uint8_t>(sampling.colours));
        }
        arena.store(sampling.turns + 4 * static_cast<std::uint32_t>(i), turn);
    }
}

/// Fills the share of the unknown cells that start as a random allowed entry.
template <bool kShared>
__device__ __forceinline__ void begin_cells(const Arena<kShared>& arena, const Call& call,
                                            std::int32_t first_tile) {
    const Sampling& sampling = call.plan.sampling;
    const std::int32_t cells = sampling.cells.cells;
    for (std::int32_t i = static_cast<std::int32_t>(threadIdx.x); i < call.plan.tiles * cells;
         i += kThreads) {
        const std::int32_t tile = first_tile + i / cells;
        const std::int32_t cell = i % cells;
        const RandomBlock block = draw_block(call.seed, number_of(call, tile),
                                             static_cast<std::uint32_t>(cell / 4), streams::kBegin);
        const std::uint32_t word = pick(block, static_cast<std::uint32_t>(cell % 4));
        if (is_given(call, first_tile, i) || static_cast<std::int32_t>(word >> 16) >= call.draw.begin) {
            continue;
        }
        const std::uint8_t* const allowed = call.allowed && tile < call.count
                                                ? call.allowed + std::int64_t{tile} * sampling.colours
                                                : nullptr;
        std::int32_t count = 0;
        for (std::int32_t k = 0; k < sampling.colours; ++k) {
            count += !allowed || __ldg(allowed + k) ? 1 : 0;
        }
        std::int32_t left =
            static_cast<std::int32_t>((word & 0xFFFF) * static_cast<std::uint32_t>(count) >> 16);
        std::int32_t entry = 0;
        while (allowed && (left > 0 || !__ldg(allowed + entry))) {
            left -= __ldg(allowed + entry) ? 1 : 0;
            ++entry;
        }
        arena.store(sampling.cells.offset + static_cast<std::uint32_t>(i),
                    static_cast<std::uint8_t>(allowed ? entry : left));
    }
}

}  // namespace tilewright::cuda
