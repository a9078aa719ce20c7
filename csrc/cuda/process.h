#pragma once

namespace tilewright::cuda {

constexpr const char* kForked =
    "this process was forked from one that uses the GPU already; start it with spawn";

/// Whether another process, of which this one is a copy, has used CUDA. The driver does not survive a fork:
/// nothing may be asked of it here, and nothing given back.
bool is_forked();

/// Remembers that this process uses CUDA from now on. Call it before the first call into the CUDA runtime.
void enter_process();

}  // namespace tilewright::cuda
