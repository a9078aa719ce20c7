#pragma once

#include "cuda/arena.cuh"
#include "cuda/requantize.cuh"

// Layers with weights as implicit matrix products: the first operand is never stored. A row is a point (a
// position of a tile), and its entries for a tap are a cell of the input. Convolutions and dense layers
// differ only in the addresses that lanes pass to ldmatrix.

namespace tilewright::cuda {

/// The position of a point: tile, row and column.
struct Point {
    std::int32_t tile;
    std::int32_t y;
    std::int32_t x;
};

__device__ __forceinline__ Point find_point(const Layer& layer, std::int32_t number) {
    const std::int32_t tile = divide(number, layer.tile_points);
    const std::int32_t place = number - tile * static_cast<std::int32_t>(layer.tile_points.divisor);
    const std::int32_t y = divide(place, layer.row_points);
    return {tile, y, place - y * static_cast<std::int32_t>(layer.row_points.divisor)};
}

/// A row of a matrix; lane l provides row l % 16 to ldmatrix.
struct Row {
    std::int32_t first_cell;  ///< of the tile
    std::int32_t place;       ///< row and column in the input, 16 bits each: registers are scarce
    std::uint32_t at;         ///< address of the first chunk of the cell under the tap

    __device__ __forceinline__ void begin(const Layer& layer, const Place& in, std::int32_t number) {
        const Point point = find_point(layer, min(number, layer.points - 1));
        const std::int32_t y = point.y * layer.in_step + layer.in_origin;
        const std::int32_t x = point.x * layer.in_step + layer.in_origin;
        first_cell = point.tile * in.cells;
        place = static_cast<std::int32_t>(static_cast<std::uint32_t>(y) << 16 |
                                          (static_cast<std::uint32_t>(x) & 0xFFFF));
    }

    __device__ __forceinline__ void move(const Layer& layer, const Place& in, const Tap& tap) {
        std::int32_t y = (place >> 16) + tap.dy;
        std::int32_t x = static_cast<std::int16_t>(place) + tap.dx;
        if (layer.wraps) {
            y = y >= in.height ? y - in.height : y;
            x = x >= in.width ? x - in.width : x;
        }
        const bool inside = static_cast<std::uint32_t>(y) < static_cast<std::uint32_t>(in.height) &&
                            static_cast<std::uint32_t>(x) < static_cast<std::uint32_t>(in.width);
        at = inside ? cell_address(in, first_cell + y * in.width + x, 0) : layer.border;
    }

    /// Chunk c of a cell is stored at c XOR the position of its first chunk, for c below the period of the
    /// permutation. `low` and `high` are the bytes of c within and beyond that period.
    __device__ __forceinline__ std::uint32_t chunk(std::uint32_t low, std::uint32_t high) const {
        return (at ^ low) + high;
    }
};

/// Loads 16 x 32 bytes in the layout of multiply_add. Lanes below 16 address the first half of their row, the
/// others the second half.
template <bool kShared>
__device__ __forceinline__ void load_fragment(const Arena<kShared>& arena, std::uint32_t at,
                                              std::uint32_t (&fragment)[4]) {
    if constexpr (kShared) {
        load_matrices(arena.bytes + at, fragment);
    } else {
        const int lane = static_cast<int>(threadIdx.x % kWarpThreads);
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            const std::uint32_t row = __shfl_sync(0xFFFFFFFF, at, 8 * i + lane / 4);
            fragment[i] = arena.template load<std::uint32_t>(row + 4 * (lane % 4));
        }
    }
}

/// Computes the sums of kRowTiles * 16 points and kColumns * 16 output channels. The first point is
/// `first_point`, and the first column of 16 channels is `first_column`. Of each column, a lane gets channels
/// 4t to 4t + 3, with t = lane % 4, for points lane / 4 and lane / 4 + 8. Two of these channels are in the
/// first matrix of the column, and two in the second.
template <bool kShared, int kRowTiles, int kColumns>
__device__ __forceinline__ void accumulate(const Arena<kShared>& arena, const Stage& stage,
                                           const Phase& phase, std::int32_t first_point,
                                           std::int32_t first_column,
                                           std::int32_t (&sums)[kRowTiles][2 * kColumns][4]) {
    const Layer& layer = stage.layer;
    const Place& in = stage.in;
    const int lane = static_cast<int>(threadIdx.x % kWarpThreads);
#pragma unroll
    for (int p = 0; p < kColumns; ++p) {
        const int4 bias =
            __ldg(reinterpret_cast<const int4*>(phase.bias + (first_column + p) * kChunk + 4 * (lane % 4)));
#pragma unroll
        for (int i = 0; i < kRowTiles; ++i) {
            sums[i][2 * p][0] = sums[i][2 * p][2] = bias.x;
            sums[i][2 * p][1] = sums[i][2 * p][3] = bias.y;
            sums[i][2 * p + 1][0] = sums[i][2 * p + 1][2] = bias.z;
            sums[i][2 * p + 1][1] = sums[i][2 * p + 1][3] = bias.w;
        }
    }
    // A step consumes two chunks, which may belong to two taps, so the two halves of the warp advance
    // separately.
    const Tap* const taps = phase.taps;
    std::int32_t tap = 0;
    std::int32_t chunk = lane / kRows;
    if (chunk >= layer.chunks) {
        chunk = 0;
        tap = min(1, phase.tap_count - 1);
    }
    Row rows[kRowTiles];
#pragma unroll
    for (int i = 0; i < kRowTiles; ++i) {
        rows[i].begin(layer, in, first_point + i * kRows + lane % kRows);
        rows[i].move(layer, in, taps[tap]);
    }
    const uint4* weights = reinterpret_cast<const uint4*>(phase.weights) + first_column * kWarpThreads + lane;
    // Prefetch the weights of the next step during the multiplication, if there are enough registers.
    constexpr bool kAhead = kRowTiles * kColumns < 6;
    uint4 next[kColumns];
#pragma unroll
    for (int p = 0; p < kColumns && kAhead; ++p) {
        next[p] = __ldg(weights + p * kWarpThreads);
    }
    for (std::int32_t step = 0; step < phase.steps; ++step) {
        uint4 own[kColumns];
        const uint4* const following = weights + layer.columns * kWarpThreads;
        const uint4* const asked = kAhead && step + 1 < phase.steps ? following : weights;
        weights = following;
#pragma unroll
        for (int p = 0; p < kColumns; ++p) {
            const uint4 got = __ldg(asked + p * kWarpThreads);
            own[p] = kAhead ? next[p] : got;
            next[p] = got;
        }
        __syncwarp();  // the halves may have diverged
        const std::uint32_t low = static_cast<std::uint32_t>(chunk & in.mask) * kChunk;
        const std::uint32_t high = static_cast<std::uint32_t>(chunk) * kChunk - low;
#pragma unroll
        for (int i = 0; i < kRowTiles; ++i) {
            std::uint32_t points[4];
            load_fragment(arena, rows[i].chunk(low, high), points);
#pragma unroll
            for (int p = 0; p < kColumns; ++p) {
                multiply_add(sums[i][2 * p], points, own[p].x, own[p].y);
                multiply_add(sums[i][2 * p + 1], points, own[p].z, own[p].w);
            }
        }
        chunk += kStepChunks;
        if (chunk >= layer.chunks) {
            do {
                chunk -= layer.chunks;
                ++tap;
            } while (chunk >= layer.chunks);
            // Beyond the last tap, the weights are zero and any cell is valid.
            const Tap to = taps[min(tap, phase.tap_count - 1)];
#pragma unroll
            for (int i = 0; i < kRowTiles; ++i) {
                rows[i].move(layer, in, to);
            }
        }
    }
}

/// Returns the output cell of a point, or of this lane's part of a point's group; -1 if there is none.
__device__ __forceinline__ std::int32_t output_cell(const Stage& stage, const Phase& phase,
                                                    std::int32_t number) {
    const Layer& layer = stage.layer;
    if (number >= layer.points) {
        return -1;
    }
    const Point point = find_point(layer, number);
    std::int32_t y = point.y * layer.out_step + layer.out_origin + phase.out_y;
    std::int32_t x = point.x * layer.out_step + layer.out_origin + phase.out_x;
    if (layer.grouped) {
        const int part = static_cast<int>(threadIdx.x % 4);
        y += part / 2;
        x += part % 2;
        if (y < 0 || y >= stage.out.height || x < 0 || x >= stage.out.width) {
            return -1;  // a corner at the border, whose other cells do not exist
        }
    }
    return point.tile * stage.out.cells + y * stage.out.width + x;
}

/// Requantises four sums, applies the fused lookup and addition, and stores four bytes.
template <bool kShared>
__device__ __forceinline__ void finish_bytes(const Arena<kShared>& arena, const Stage& stage,
                                             std::int32_t cell, std::int32_t channel,
                                             const std::int32_t (&sums)[4], const float4& multiplier) {
    const Layer& layer = stage.layer;
    if (channel >= stage.out.cell_bytes) {
        return;  // padding of an output cell that is not a multiple of a chunk
    }
    const std::uint32_t rounded[4] = {
        requantize(sums[0], multiplier.x, layer.zero_out), requantize(sums[1], multiplier.y, layer.zero_out),
        requantize(sums[2], multiplier.z, layer.zero_out), requantize(sums[3], multiplier.w, layer.zero_out)};
    std::uint32_t word;
    if (layer.table >= 0) {
        std::uint32_t found[4];
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            found[i] = arena.template load<std::uint8_t>(static_cast<std::uint32_t>(layer.table) +
                                                         (rounded[i] & 0xFF));
        }
        word = join_bytes(found[0], found[1], found[2], found[3]);
    } else {
        const std::uint32_t zero = static_cast<std::uint32_t>(layer.zero_out);
        word = join_bytes(rounded[0] + zero, rounded[1] + zero, rounded[2] + zero, rounded[3] + zero);
    }
    if (layer.adds) {
        word = add_integers(word, arena.load_word(stage.other, cell, channel), layer.add_offset);
    }
    arena.store_word(stage.out, cell, channel, word);
}

/// Executes a requantised layer as a loop over tasks: a group of points, then of columns, then a phase.
/// Neighbouring warps read the same weights at about the same time.
template <bool kShared, int kRowTiles, int kColumns>
__device__ __forceinline__ void run_layer(const Arena<kShared>& arena, const Stage& stage) {
    const Layer& layer = stage.layer;
    const int lane = static_cast<int>(threadIdx.x % kWarpThreads);
    const std::int32_t tasks = layer.row_groups * layer.column_groups * layer.phase_count;
    for (std::int32_t task = static_cast<std::int32_t>(threadIdx.x / kWarpThreads); task < tasks;
         task += kWarps) {
        const std::int32_t rest = task / layer.row_groups;
        const std::int32_t first_point = (task - rest * layer.row_groups) * kRowTiles * kRows;
        const Phase& phase = layer.phases[rest / layer.column_groups];
        const std::int32_t first_column = rest % layer.column_groups * kColumns;
        std::int32_t sums[kRowTiles][2 * kColumns][4];
        accumulate<kShared, kRowTiles, kColumns>(arena, stage, phase, first_point, first_column, sums);
        float4 multiplier[kColumns];
#pragma unroll
        for (int p = 0; p < kColumns; ++p) {
            const std::int32_t channel = (first_column + p) * kChunk + 4 * (lane % 4);
            multiplier[p] = __ldg(reinterpret_cast<const float4*>(phase.multiplier + channel));
        }
#pragma unroll
        for (int r = 0; r < 2 * kRowTiles; ++r) {
            const std::int32_t cell = output_cell(stage, phase, first_point + r * 8 + lane / 4);
            if (cell < 0) {
                continue;
            }
#pragma unroll
            for (int p = 0; p < kColumns; ++p) {
                const int half = 2 * (r % 2);
                const std::int32_t four[4] = {sums[r / 2][2 * p][half], sums[r / 2][2 * p][half + 1],
                                              sums[r / 2][2 * p + 1][half], sums[r / 2][2 * p + 1][half + 1]};
                const std::int32_t channel = (first_column + p) * kChunk + 4 * (lane % 4);
                finish_bytes(arena, stage, cell, layer.grouped ? 0 : channel, four, multiplier[p]);
            }
        }
    }
}

}  // namespace tilewright::cuda
