#pragma once

namespace tilewright::cuda {

constexpr const char* kForked =
    "this process was forked from one that uses the GPU already; start it with spawn";

/// Whether this process was forked from one that used CUDA. The driver does not support that: no call into
/// the CUDA runtime is allowed, including those that free memory.
bool is_forked();

/// Records that this process uses CUDA. Call this before the first call into the CUDA runtime.
void enter_process();

}  // namespace tilewright::cuda
