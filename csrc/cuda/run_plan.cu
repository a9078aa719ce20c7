#include <cuda_runtime.h>

#include "cuda/cell_order.cuh"
#include "cuda/layer.cuh"
#include "cuda/pointwise.cuh"
#include "cuda/run_plan.h"
#include "cuda/scores.cuh"
#include "cuda/tiles.cuh"

// The kernel: a block executes all stages of a plan for its tiles, whose values stay in the block's arena.

namespace tilewright::cuda {
namespace {

constexpr int kBlocksAtOnce =
    2;  ///< of a multiprocessor, at least: half of its registers are enough for a block

/// Selects the matrix product of the tile size that the host has chosen (packed_layer.h).
template <bool kShared>
__device__ __forceinline__ void run_layer_in_pieces(const Arena<kShared>& arena, const Stage& stage) {
    const std::int32_t rows = stage.layer.row_tiles;
    const std::int32_t columns = stage.layer.columns_at_once;
    if constexpr (kShared) {
        if (rows == 3 && columns == 2) {
            return run_layer<kShared, 3, 2>(arena, stage);
        }
        if (rows == 4 && columns == 1) {
            return run_layer<kShared, 4, 1>(arena, stage);
        }
        if (rows == 2 && columns == 3) {
            return run_layer<kShared, 2, 3>(arena, stage);
        }
        if (rows == 1 && columns == 2) {
            return run_layer<kShared, 1, 2>(arena, stage);
        }
    }
    if (rows == 2 && columns == 2) {
        return run_layer<kShared, 2, 2>(arena, stage);
    }
    return run_layer<kShared, 1, 1>(arena, stage);
}

template <bool kShared>
__device__ __forceinline__ void run_stage(const Arena<kShared>& arena, const Stage& stage, const Call& call,
                                          std::int32_t first_tile, std::int32_t turn) {
    switch (stage.kind) {
        case Kind::kLayer:
            return run_layer_in_pieces(arena, stage);
        case Kind::kScores:
        case Kind::kScoresArgmax:
        case Kind::kDraw:
            return run_scores(arena, stage, call, first_tile, turn);
        case Kind::kEmbed:
        case Kind::kEmbedCells:
            return run_embed(arena, stage, call.plan);
        case Kind::kConcat:
            return run_concat(arena, stage, call.plan);
        case Kind::kSlice:
            return run_slice(arena, stage, call.plan);
        case Kind::kLookup:
            return run_lookup(arena, stage, call.plan);
        case Kind::kAdd:
            return run_add(arena, stage, call.plan);
        case Kind::kArgmax:
            return run_argmax(arena, stage, call.plan);
        case Kind::kNearest:
            return run_nearest(arena, stage, call.plan);
        case Kind::kMaxPool:
            return run_max_pool(arena, stage, call.plan);
        case Kind::kMean:
            return run_mean(arena, stage, call.plan);
    }
}

template <bool kShared>
__global__ __launch_bounds__(kThreads, kBlocksAtOnce) void run_plan(const __grid_constant__ Call call) {
    const BlockPlan& plan = call.plan;
    Arena<kShared> arena;
    if constexpr (kShared) {
        arena.bytes = shared_memory();
    } else {
        arena.bytes = plan.arenas + static_cast<std::size_t>(blockIdx.x) * plan.arena_bytes;
    }
    enter_arena(arena.bytes, plan.arena_bytes);
    load_constants(arena, plan);
    const std::int32_t stride = static_cast<std::int32_t>(gridDim.x) * plan.tiles;
    for (std::int32_t first = static_cast<std::int32_t>(blockIdx.x) * plan.tiles; first < call.count;
         first += stride) {
        fill_inputs(arena, call, first);
        if (plan.sampling.masked) {
            take_turns(arena, call, first, 0);
            if (call.draw.begin > 0) {
                begin_cells(arena, call, first);
            }
        }
        __syncthreads();
        for (std::int32_t turn = 0; turn < plan.sampling.steps + call.draw.rounds; ++turn) {
            if (turn >= plan.sampling.steps) {
                take_turns(arena, call, first, turn - plan.sampling.steps + 1);
                __syncthreads();
            }
            for (std::int32_t i = 0; i < plan.stage_count; ++i) {
                run_stage(arena, plan.stages[i], call, first, turn);
                __syncthreads();
            }
        }
        write_results(arena, call, first);
        __syncthreads();
    }
}

}  // namespace

cudaError_t launch(const Call& call, bool in_shared, int blocks, cudaStream_t stream) {
    Call argument = call;
    void* arguments[] = {&argument};
    const dim3 grid(static_cast<unsigned>(blocks));
    const dim3 block(kThreads);
    return in_shared ? cudaLaunchKernel(run_plan<true>, grid, block, arguments, call.plan.arena_bytes, stream)
                     : cudaLaunchKernel(run_plan<false>, grid, block, arguments, 0, stream);
}

cudaError_t resident_blocks(std::uint32_t arena_bytes, bool in_shared, int* blocks) {
    if (!in_shared) {
        return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, run_plan<false>, kThreads, 0);
    }
    // The limit belongs to the kernel, not to a plan, so never lower it below the needs of earlier plans.
    cudaFuncAttributes attributes{};
    cudaError_t error = cudaFuncGetAttributes(&attributes, run_plan<true>);
    if (error == cudaSuccess &&
        static_cast<std::uint32_t>(attributes.maxDynamicSharedSizeBytes) < arena_bytes) {
        error = cudaFuncSetAttribute(run_plan<true>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                     static_cast<int>(arena_bytes));
    }
    return error != cudaSuccess
               ? error
               : cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, run_plan<true>, kThreads, arena_bytes);
}

bool current_device_has_code() {
    cudaFuncAttributes attributes{};
    const bool found = cudaFuncGetAttributes(&attributes, run_plan<true>) == cudaSuccess;
    cudaGetLastError();  // clear the error, which the runtime keeps until it is queried
    return found;
}

}  // namespace tilewright::cuda
