#pragma once

#include <cuda_runtime_api.h>

#include "cuda/stage.h"

namespace tilewright::cuda {

/// Streams that one plan uses: while the results of one are copied, the other computes.
constexpr int kStreams = 2;

/// Makes the tiles of a call with `blocks` blocks of kThreads threads, in order on a stream. in_shared: the
/// arenas are in shared memory; else each block has its own of plan.arenas.
cudaError_t launch(const Call& call, bool in_shared, int blocks, cudaStream_t stream);

/// How many blocks of a plan one multiprocessor runs at a time; 0 where not even one fits. Asks the current
/// device, and allows the kernel as much shared memory as the arena takes.
cudaError_t resident_blocks(std::uint32_t arena_bytes, bool in_shared, int* blocks);

/// True when this build holds machine code or PTX that the current device can run.
bool current_device_has_code();

}  // namespace tilewright::cuda
