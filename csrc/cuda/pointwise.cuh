#pragma once

#include "cuda/arena.cuh"
#include "cuda/requantize.cuh"

// Steps without weights, and steps that could not be fused into a layer: loops of all threads over words of
// four channels or over pixels. They take a small part of the time.

namespace tilewright::cuda {

/// Calls visit(cell, channel) for every word of a value of `tiles` tiles.
template <typename Visit>
__device__ __forceinline__ void for_each_word(const Place& place, std::int32_t tiles, const Visit& visit) {
    const std::int32_t words = (place.channels + 3) / 4;
    const std::int32_t all = tiles * place.cells * words;
    for (std::int32_t i = static_cast<std::int32_t>(threadIdx.x); i < all; i += kThreads) {
        visit(i / words, i % words * 4);
    }
}

template <bool kShared>
__device__ __forceinline__ void run_embed(const Arena<kShared>& arena, const Stage& stage,
                                          const BlockPlan& plan) {
    const Pointwise& op = stage.pointwise;
    for_each_word(stage.out, plan.tiles, [&](std::int32_t cell, std::int32_t channel) {
        const std::uint32_t tile = static_cast<std::uint32_t>(cell / stage.out.cells);
        std::int32_t row = op.by_kind ? arena.template load<std::int32_t>(stage.in.offset + 4 * tile) : 0;
        if (stage.kind == Kind::kEmbedCells) {
            const std::uint32_t from = stage.other.offset + static_cast<std::uint32_t>(cell);
            row = row * op.entries + arena.template load<std::uint8_t>(from);
        }
        const std::uint8_t* const from = op.table + static_cast<std::int64_t>(row) * op.row_bytes + channel;
        arena.store_word(stage.out, cell, channel, __ldg(reinterpret_cast<const std::uint32_t*>(from)));
    });
}

/// Copies the elements of every tile's input, in reading order, to consecutive features, starting at `first`.
template <bool kShared>
__device__ __forceinline__ void run_concat(const Arena<kShared>& arena, const Stage& stage,
                                           const BlockPlan& plan) {
    const Place& in = stage.in;
    const std::int32_t elements = in.cells * in.channels;
    for (std::int32_t i = static_cast<std::int32_t>(threadIdx.x); i < plan.tiles * elements; i += kThreads) {
        const std::int32_t tile = i / elements;
        const std::int32_t to = stage.pointwise.first + i % elements;
        const std::uint32_t from = cell_address(in, i / in.channels, i % in.channels);
        arena.store(cell_address(stage.out, tile, to), arena.template load<std::uint8_t>(from));
    }
}

/// Copies consecutive features of every tile's input, starting at `first`, to a map, channel by channel.
template <bool kShared>
__device__ __forceinline__ void run_slice(const Arena<kShared>& arena, const Stage& stage,
                                          const BlockPlan& plan) {
    const Place& out = stage.out;
    const std::int32_t elements = out.cells * out.channels;
    for (std::int32_t i = static_cast<std::int32_t>(threadIdx.x); i < plan.tiles * elements; i += kThreads) {
        const std::int32_t tile = i / elements;
        const std::int32_t element = i % elements;
        const std::uint32_t from = cell_address(stage.in, tile, stage.pointwise.first + element);
        const std::int32_t cell = tile * out.cells + element % out.cells;
        arena.store(cell_address(out, cell, element / out.cells), arena.template load<std::uint8_t>(from));
    }
}

template <bool kShared>
__device__ __forceinline__ void run_lookup(const Arena<kShared>& arena, const Stage& stage,
                                           const BlockPlan& plan) {
    const std::uint8_t* const table = stage.pointwise.table;
    for_each_word(stage.out, plan.tiles, [&](std::int32_t cell, std::int32_t channel) {
        const std::uint32_t word = arena.load_word(stage.in, cell, channel);
        arena.store_word(stage.out, cell, channel,
                         join_bytes(__ldg(table + byte_of(word, 0)), __ldg(table + byte_of(word, 1)),
                                    __ldg(table + byte_of(word, 2)), __ldg(table + byte_of(word, 3))));
    });
}

template <bool kShared>
__device__ __forceinline__ void run_add(const Arena<kShared>& arena, const Stage& stage,
                                        const BlockPlan& plan) {
    for_each_word(stage.out, plan.tiles, [&](std::int32_t cell, std::int32_t channel) {
        const std::uint32_t a = arena.load_word(stage.in, cell, channel);
        const std::int32_t other = stage.other.cells == 1 ? cell / stage.out.cells : cell;
        const std::uint32_t b = arena.load_word(stage.other, other, channel);
        arena.store_word(stage.out, cell, channel, add_scaled(a, b, stage.pointwise.addition));
    });
}

/// Returns the greater of each pair of four bytes.
__device__ __forceinline__ std::uint32_t max_bytes(std::uint32_t a, std::uint32_t b) {
    return join_bytes(max(byte_of(a, 0), byte_of(b, 0)), max(byte_of(a, 1), byte_of(b, 1)),
                      max(byte_of(a, 2), byte_of(b, 2)), max(byte_of(a, 3), byte_of(b, 3)));
}

template <bool kShared>
__device__ __forceinline__ void run_max_pool(const Arena<kShared>& arena, const Stage& stage,
                                             const BlockPlan& plan) {
    const Place& in = stage.in;
    const Place& out = stage.out;
    for_each_word(out, plan.tiles, [&](std::int32_t cell, std::int32_t channel) {
        const std::int32_t tile = cell / out.cells;
        const std::int32_t place = cell % out.cells;
        const std::int32_t top = tile * in.cells + place / out.width * 2 * in.width + place % out.width * 2;
        const auto load = [&](std::int32_t at) { return arena.load_word(in, at, channel); };
        const std::uint32_t upper = max_bytes(load(top), load(top + 1));
        const std::uint32_t lower = max_bytes(load(top + in.width), load(top + in.width + 1));
        arena.store_word(out, cell, channel, max_bytes(upper, lower));
    });
}

/// Mean of every channel over the cells of a tile: the output has one cell.
template <bool kShared>
__device__ __forceinline__ void run_mean(const Arena<kShared>& arena, const Stage& stage,
                                         const BlockPlan& plan) {
    const Place& in = stage.in;
    const Scaling& op = stage.pointwise.scaling;
    for_each_word(stage.out, plan.tiles, [&](std::int32_t tile, std::int32_t channel) {
        std::int32_t sums[4];
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            sums[i] = -in.cells * op.zero_in;
        }
        for (std::int32_t cell = 0; cell < in.cells; ++cell) {
            const std::uint32_t word = arena.load_word(in, tile * in.cells + cell, channel);
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                sums[i] += static_cast<std::int32_t>(byte_of(word, i));
            }
        }
        std::uint32_t means[4];
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            means[i] =
                requantize(sums[i], op.multiplier, op.zero_out) + static_cast<std::uint32_t>(op.zero_out);
        }
        arena.store_word(stage.out, tile, channel, join_bytes(means[0], means[1], means[2], means[3]));
    });
}

/// Argmax of a stored value.
template <bool kShared>
__device__ __forceinline__ void run_argmax(const Arena<kShared>& arena, const Stage& stage,
                                           const BlockPlan& plan) {
    const Place& in = stage.in;
    for (std::int32_t cell = static_cast<std::int32_t>(threadIdx.x); cell < plan.tiles * in.cells;
         cell += kThreads) {
        std::int32_t best = 0;
        std::int32_t most = 0;
        for (std::int32_t channel = 0; channel < in.channels; ++channel) {
            std::int32_t value;
            if (stage.pointwise.int32) {
                value = arena.template load<std::int32_t>(
                    in.offset + static_cast<std::uint32_t>(cell * in.cell_bytes + 4 * channel));
            } else {
                value = arena.template load<std::uint8_t>(cell_address(in, cell, channel));
            }
            if (channel == 0 || value > most) {
                most = value;
                best = channel;
            }
        }
        arena.store(stage.out.offset + static_cast<std::uint32_t>(cell), static_cast<std::uint8_t>(best));
    }
}

/// Nearest entry of a palette that the network generated for the tile.
template <bool kShared>
__device__ __forceinline__ void run_nearest(const Arena<kShared>& arena, const Stage& stage,
                                            const BlockPlan& plan) {
    const Place& in = stage.in;
    const Place& palette = stage.other;
    const std::int32_t colours = stage.pointwise.entries;
    for (std::int32_t cell = static_cast<std::int32_t>(threadIdx.x); cell < plan.tiles * in.cells;
         cell += kThreads) {
        const std::int32_t tile = cell / in.cells;
        std::int32_t best = 0;
        std::int32_t least = 0;
        for (std::int32_t k = 0; k < colours; ++k) {
            std::int32_t distance = 0;
            for (std::int32_t channel = 0; channel < in.channels; ++channel) {
                // element of the palette in reading order, for any shape
                const std::int32_t element = k * in.channels + channel;
                const std::uint32_t entry = cell_address(
                    palette, tile * palette.cells + element / palette.channels, element % palette.channels);
                const std::int32_t difference =
                    arena.template load<std::uint8_t>(cell_address(in, cell, channel)) -
                    arena.template load<std::uint8_t>(entry);
                distance += difference * difference;
            }
            if (k == 0 || distance < least) {
                least = distance;
                best = k;
            }
        }
        arena.store(stage.out.offset + static_cast<std::uint32_t>(cell), static_cast<std::uint8_t>(best));
    }
}

}  // namespace tilewright::cuda
