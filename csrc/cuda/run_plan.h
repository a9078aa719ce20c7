#pragma once

#include <cuda_runtime_api.h>

#include "cuda/stage.h"

namespace tilewright::cuda {

/// Number of streams per plan: one computes while the results of another are copied.
constexpr int kStreams = 2;

/// Enqueues a call with `blocks` blocks of kThreads threads on a stream. in_shared: the arenas are in shared
/// memory; otherwise each block has its part of plan.arenas.
cudaError_t launch(const Call& call, bool in_shared, int blocks, cudaStream_t stream);

/// Returns the number of blocks that one multiprocessor of the current device can run, possibly 0. Raises the
/// kernel's limit of shared memory to the size of the arena.
cudaError_t resident_blocks(std::uint32_t arena_bytes, bool in_shared, int* blocks);

/// Whether this build contains machine code or PTX for the current device.
bool current_device_has_code();

}  // namespace tilewright::cuda
