#pragma once

#include <cstddef>

#include "core/interrupt.h"

namespace tilewright {

/// Calls work(context, worker) for worker 0 on this thread and for workers 1 .. workers - 1 on pooled
/// threads, and waits for the workers that started. Workers take items from the context until none are left.
/// This thread never waits for a thread that has not woken up yet: such a worker is cancelled. Fewer workers
/// run while another call uses the pool, or if the system refuses to start threads. A single worker starts no
/// thread. A forked child starts its own threads. interrupt, or null: checked while this thread waits; the
/// work must check it as well.
void run_in_parallel(std::size_t workers, void (*work)(void* context, std::size_t worker), void* context,
                     Interrupt* interrupt);

}  // namespace tilewright
