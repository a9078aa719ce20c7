#pragma once

#include <cstddef>

#include "core/interrupt.h"

namespace tilewright {

/// Calls work(context, worker) for worker 0 on this thread and for 1 .. workers - 1 on threads that are kept
/// for the next call, then waits for those that began. The workers take what there is to do from the context
/// until nothing is left, so this thread never waits for one that the system was late to wake: such a worker
/// is not called any more. While another call has the threads, or where the system gives no more of them,
/// fewer are called. One worker never starts a thread. After a fork the child starts threads of its own.
/// interrupt, or null: looked at while this thread waits; the work itself has to look at it, too.
void run_in_parallel(std::size_t workers, void (*work)(void* context, std::size_t worker), void* context,
                     Interrupt* interrupt);

}  // namespace tilewright
