#pragma once

#include "cuda/layer.cuh"
#include "cuda/random.cuh"
#include "cuda/tiles.cuh"

// Layers whose sums are compared: argmax, and the sampler. A warp processes all channels of its points,
// column by column, and keeps the maximum.

namespace tilewright::cuda {

/// The maximum so far and its channel. Ties select the lowest channel.
struct Best {
    std::int32_t sum;
    std::int32_t channel;

    __device__ __forceinline__ void take(std::int32_t other, std::int32_t its_channel) {
        const bool better = other > sum || (other == sum && its_channel < channel);
        sum = better ? other : sum;
        channel = better ? its_channel : channel;
    }

    /// Reduces over the four lanes that share a point.
    __device__ __forceinline__ void share() {
#pragma unroll
        for (int distance = 1; distance < 4; distance *= 2) {
            const std::int32_t other = __shfl_xor_sync(0xFFFFFFFF, sum, distance);
            const std::int32_t its_channel = __shfl_xor_sync(0xFFFFFFFF, channel, distance);
            take(other, its_channel);
        }
    }
};

/// Adds noise to channels `channel` to `channel` + 3 of a cell: half a block of stream 6 (docs/seeds.md).
__device__ __forceinline__ void add_noise(const Sampling& sampling, std::uint64_t seed, std::uint64_t index,
                                          std::int32_t round, std::int32_t cell, std::int32_t channel,
                                          std::int32_t (&sums)[4]) {
    const std::uint32_t blocks = static_cast<std::uint32_t>((sampling.colours + 7) / 8);
    const std::uint32_t number =
        static_cast<std::uint32_t>(cell) * blocks + static_cast<std::uint32_t>(channel) / 8;
    const RandomBlock block = draw_block(seed, index, number, streams::kGumbel, round);
    const std::uint32_t first = static_cast<std::uint32_t>(channel) % 8 / 2;
    const std::uint32_t low = pick(block, first);
    const std::uint32_t high = pick(block, first + 1);
    sums[0] += __ldg(sampling.noise + (low >> 4 & 0xFFF));
    sums[1] += __ldg(sampling.noise + (low >> 20));
    sums[2] += __ldg(sampling.noise + (high >> 4 & 0xFFF));
    sums[3] += __ldg(sampling.noise + (high >> 20));
}

/// Whether evaluation `turn` fixes a cell of the block.
template <bool kShared>
__device__ __forceinline__ bool is_fixed(const Arena<kShared>& arena, const Sampling& sampling,
                                         std::int32_t cell, std::int32_t turn) {
    if (sampling.masked) {
        return arena.template load<std::int32_t>(sampling.turns + 4 * static_cast<std::uint32_t>(cell)) ==
               turn;
    }
    return __ldg(sampling.groups + cell % sampling.cells.cells) == turn &&
           arena.template load<std::uint8_t>(sampling.cells.offset + static_cast<std::uint32_t>(cell)) ==
               sampling.colours;
}

/// Stores or compares sums, or samples from them. kDraw fixes the cells of evaluation `turn`.
template <bool kShared>
__device__ __forceinline__ void run_scores(const Arena<kShared>& arena, const Stage& stage, const Call& call,
                                           std::int32_t first_tile, std::int32_t turn) {
    constexpr int kRowTiles = 2;
    const Sampling& sampling = call.plan.sampling;
    const std::int32_t round = max(turn - sampling.steps + 1, 0);
    const Layer& layer = stage.layer;
    const Phase& phase = layer.phases[0];
    const int lane = static_cast<int>(threadIdx.x % kWarpThreads);
    for (std::int32_t task = static_cast<std::int32_t>(threadIdx.x / kWarpThreads); task < layer.row_groups;
         task += kWarps) {
        const std::int32_t first_point = task * kRowTiles * kRows;
        std::int32_t cells[2 * kRowTiles];
        bool any = false;
#pragma unroll
        for (int r = 0; r < 2 * kRowTiles; ++r) {
            cells[r] = output_cell(stage, phase, first_point + r * 8 + lane / 4);
            if (stage.kind == Kind::kDraw && cells[r] >= 0) {
                cells[r] = is_fixed(arena, sampling, cells[r], turn) ? cells[r] : -1;
            }
            any = any || cells[r] >= 0;
        }
        if (!__any_sync(0xFFFFFFFF, any)) {
            continue;  // this evaluation fixes none of these points
        }
        Best best[2 * kRowTiles];
#pragma unroll
        for (int r = 0; r < 2 * kRowTiles; ++r) {
            best[r] = {-0x7FFFFFFF - 1, layer.lanes};
        }
        for (std::int32_t column = 0; column < layer.columns; ++column) {
            std::int32_t sums[kRowTiles][2][4];
            accumulate<kShared, kRowTiles, 1>(arena, stage, phase, first_point, column, sums);
            const std::int32_t channel = column * kChunk + 4 * (lane % 4);
#pragma unroll
            for (int r = 0; r < 2 * kRowTiles; ++r) {
                if (cells[r] < 0 || channel >= layer.lanes) {
                    continue;
                }
                const int half = 2 * (r % 2);
                std::int32_t four[4] = {sums[r / 2][0][half], sums[r / 2][0][half + 1], sums[r / 2][1][half],
                                        sums[r / 2][1][half + 1]};
                const std::uint8_t* allowed = nullptr;
                if (stage.kind == Kind::kDraw) {
                    const std::int32_t tile = cells[r] / sampling.cells.cells;
                    add_noise(sampling, call.seed, number_of(call, first_tile + tile), round,
                              cells[r] - tile * sampling.cells.cells, channel, four);
                    if (call.allowed && first_tile + tile < call.count) {
                        allowed = call.allowed +
                                  static_cast<std::int64_t>(first_tile + tile) * sampling.colours + channel;
                    }
                }
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    if (channel + i >= layer.lanes) {
                        continue;
                    }
                    if (stage.kind == Kind::kScores) {
                        arena.store(
                            stage.out.offset + static_cast<std::uint32_t>(cells[r] * stage.out.cell_bytes +
                                                                          4 * (channel + i)),
                            four[i]);
                    } else if (!allowed || __ldg(allowed + i)) {
                        best[r].take(four[i], channel + i);
                    }
                }
            }
        }
        if (stage.kind == Kind::kScores) {
            continue;
        }
#pragma unroll
        for (int r = 0; r < 2 * kRowTiles; ++r) {
            best[r].share();
            if (cells[r] >= 0 && lane % 4 == 0) {
                arena.store(stage.out.offset + static_cast<std::uint32_t>(cells[r]),
                            static_cast<std::uint8_t>(best[r].channel));
            }
        }
    }
}

}  // namespace tilewright::cuda
