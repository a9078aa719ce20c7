#pragma once

#include <cstddef>

namespace tilewright {

/// Calls work(context, share) once for each share in [0, shares), on this thread and on threads that are kept
/// for the next call; which share runs where is fixed by its number, so nothing depends on timing. Returns
/// when all are done. While another call has the threads, or where the system gives no more of them, this
/// thread does the work itself. One share never starts a thread. After a fork the child starts threads of its
/// own.
void run_in_parallel(std::size_t shares, void (*work)(void* context, std::size_t share), void* context);

}  // namespace tilewright
