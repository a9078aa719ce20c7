#pragma once

#include "cuda/arena.cuh"
#include "cuda/random.cuh"

// The work of a block before the first and after the last stage: draw kinds and latents, initialise a
// sampler's cells and order, and write the results to device memory.

namespace tilewright::cuda {

/// Writes borders and tables, once for all tiles of the block.
template <bool kShared>
__device__ __forceinline__ void load_constants(const Arena<kShared>& arena, const BlockPlan& plan) {
    for (std::int32_t at = 4 * static_cast<std::int32_t>(threadIdx.x); at < plan.constant_bytes;
         at += 4 * kThreads) {
        arena.store(static_cast<std::uint32_t>(at),
                    __ldg(reinterpret_cast<const std::uint32_t*>(plan.constants + at)));
    }
}

/// Returns the number that a tile of the call has in the streams of random words; any for tiles after the
/// last.
__device__ __forceinline__ std::uint64_t number_of(const Call& call, std::int32_t tile) {
    return call.numbers && tile < call.count ? __ldg(call.numbers + tile)
                                             : call.start + static_cast<std::uint64_t>(tile);
}

/// Returns the kind of a tile of the call, given or drawn; tiles after the last one have any kind.
__device__ __forceinline__ std::int32_t kind_of(const Call& call, std::int32_t tile) {
    if (call.kind >= 0 || tile >= call.count) {
        return max(call.kind, 0);
    }
    if (call.kinds) {
        return __ldg(call.kinds + tile);
    }
    const RandomBlock block = draw_block(call.seed, number_of(call, tile), 0, streams::kKind);
    return below(block.words[0], call.plan.kinds);
}

template <bool kShared>
__device__ __forceinline__ void fill_kinds(const Arena<kShared>& arena, const Place& place, const Call& call,
                                           std::int32_t first_tile) {
    for (std::int32_t tile = static_cast<std::int32_t>(threadIdx.x); tile < call.plan.tiles;
         tile += kThreads) {
        arena.store(place.offset + 4 * static_cast<std::uint32_t>(tile), kind_of(call, first_tile + tile));
    }
}

/// The kind of each cell: given, or the tile's.
template <bool kShared>
__device__ __forceinline__ void fill_kind_map(const Arena<kShared>& arena, const Place& place,
                                              const Call& call, std::int32_t first_tile) {
    for (std::int32_t i = static_cast<std::int32_t>(threadIdx.x); i < call.plan.tiles * place.cells;
         i += kThreads) {
        const std::int32_t tile = first_tile + i / place.cells;
        std::int32_t kind = 0;
        if (!call.kind_maps) {
            kind = kind_of(call, tile);
        } else if (tile < call.count) {
            kind = __ldg(call.kind_maps + static_cast<std::int64_t>(first_tile) * place.cells + i);
        }
        arena.store(place.offset + static_cast<std::uint32_t>(i), static_cast<std::uint8_t>(kind));
    }
}

/// The words of each tile: given, or none.
template <bool kShared>
__device__ __forceinline__ void fill_words(const Arena<kShared>& arena, const Place& place, const Call& call,
                                           std::int32_t first_tile) {
    const std::int32_t fours = (place.channels + 3) / 4;
    for (std::int32_t i = static_cast<std::int32_t>(threadIdx.x); i < call.plan.tiles * place.cells * fours;
         i += kThreads) {
        const std::int32_t cell = i / fours;
        const std::int32_t channel = i % fours * 4;
        const bool given = call.words && first_tile + cell / place.cells < call.count;
        const std::int64_t at =
            (static_cast<std::int64_t>(first_tile) * place.cells + cell) * place.channels + channel;
        std::uint32_t four = 0;
        for (std::int32_t j = 0; given && j < 4 && channel + j < place.channels; ++j) {
            four |= static_cast<std::uint32_t>(__ldg(call.words + at + j)) << (8 * j);
        }
        arena.store_word(place, cell, channel, four);
    }
}

/// Latents from `input.first` on, given or drawn, as uint8.
template <bool kShared>
__device__ __forceinline__ void fill_latents(const Arena<kShared>& arena, const Input& input,
                                             const Call& call, std::int32_t first_tile) {
    const Place& place = input.place;
    const std::int32_t words = (place.channels + 3) / 4;
    for (std::int32_t i = static_cast<std::int32_t>(threadIdx.x); i < call.plan.tiles * place.cells * words;
         i += kThreads) {
        const std::int32_t cell = i / words;
        const std::int32_t channel = i % words * 4;
        const std::int32_t tile = first_tile + cell / place.cells;
        const std::int32_t first = input.first + cell % place.cells * place.channels + channel;
        std::uint32_t word = 0;
        RandomBlock block{};
        for (std::int32_t j = 0; j < 4 && channel + j < place.channels && tile < call.count; ++j) {
            const std::int32_t number = first + j;
            std::int32_t latent;
            if (call.latents) {
                latent =
                    __ldg(call.latents + static_cast<std::int64_t>(tile) * call.plan.latent_size + number);
            } else {
                if (j == 0 || number % 16 == 0) {
                    block = draw_block(call.seed, number_of(call, tile),
                                       static_cast<std::uint32_t>(number / 16), streams::kLatents);
                }
                const std::uint32_t random = pick(block, static_cast<std::uint32_t>(number % 16 / 4));
                latent = __ldg(call.plan.latent_table + (random >> (8 * (number % 4)) & 0xFF));
            }
            word |= static_cast<std::uint32_t>(latent + 128) << (8 * j);
        }
        arena.store_word(place, cell, channel, word);
    }
}

/// The cells of a picture, for a sampler those that are known at first: given, or none.
template <bool kShared>
__device__ __forceinline__ void fill_cells(const Arena<kShared>& arena, const Place& cells, const Call& call,
                                           std::int32_t first_tile) {
    for (std::int32_t i = static_cast<std::int32_t>(threadIdx.x); i < call.plan.tiles * cells.cells;
         i += kThreads) {
        const bool given = call.cells && first_tile + i / cells.cells < call.count;
        const std::uint8_t cell =
            given ? __ldg(call.cells + static_cast<std::int64_t>(first_tile) * cells.cells + i)
                  : static_cast<std::uint8_t>(call.plan.sampling.colours);
        arena.store(cells.offset + static_cast<std::uint32_t>(i), cell);
    }
}

template <bool kShared>
__device__ __forceinline__ void fill_inputs(const Arena<kShared>& arena, const Call& call,
                                            std::int32_t first_tile) {
    for (std::int32_t i = 0; i < call.plan.input_count; ++i) {
        const Input& input = call.plan.inputs[i];
        switch (input.source) {
            case Source::kLatents:
                fill_latents(arena, input, call, first_tile);
                break;
            case Source::kKind:
                fill_kinds(arena, input.place, call, first_tile);
                break;
            case Source::kCells:
                fill_cells(arena, input.place, call, first_tile);
                break;
            case Source::kKindMap:
                fill_kind_map(arena, input.place, call, first_tile);
                break;
            case Source::kWords:
                fill_words(arena, input.place, call, first_tile);
                break;
        }
    }
}

/// Copies the results of the block's tiles to device memory, 16 bytes at a time if the layouts agree.
template <bool kShared>
__device__ __forceinline__ void write_results(const Arena<kShared>& arena, const Call& call,
                                              std::int32_t first_tile) {
    const std::int32_t tiles = min(call.plan.tiles, call.count - first_tile);
    for (std::int32_t r = 0; r < call.plan.result_count; ++r) {
        const Result& result = call.plan.results[r];
        const Place& place = result.place;
        std::uint8_t* const to =
            call.results + result.prefix * call.capacity + (call.first + first_tile) * result.bytes;
        const std::int32_t bytes = tiles * result.bytes;
        const bool plain = place.cell_bytes == place.channels * result.element_bytes && place.mask == 0;
        const bool whole = plain && result.bytes * call.plan.tiles % kChunk == 0;
        const std::int32_t wide = whole ? bytes / kChunk * kChunk : 0;
        for (std::int32_t at = kChunk * static_cast<std::int32_t>(threadIdx.x); at < wide;
             at += kChunk * kThreads) {
            *reinterpret_cast<uint4*>(to + at) =
                arena.template load<uint4>(place.offset + static_cast<std::uint32_t>(at));
        }
        for (std::int32_t at = wide + static_cast<std::int32_t>(threadIdx.x); at < bytes; at += kThreads) {
            const std::uint32_t from = plain ? place.offset + static_cast<std::uint32_t>(at)
                                             : cell_address(place, at / place.channels, at % place.channels);
            to[at] = arena.template load<std::uint8_t>(from);
        }
    }
}

}  // namespace tilewright::cuda
