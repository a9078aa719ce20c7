#include "bindings/gil.h"

#if __has_include(<pthread.h>)
#include <pthread.h>
#endif

#include <chrono>
#include <thread>

namespace tilewright {
namespace {

/// Other threads may use objects of the frames below, so do not unwind them.
void wait_for_the_end(void*) {
    for (;;) {
        std::this_thread::sleep_for(std::chrono::hours(1));
    }
}

}  // namespace

void ReleasedGil::take() {
#if __has_include(<pthread.h>)
    pthread_cleanup_push(&wait_for_the_end, nullptr);
    PyEval_RestoreThread(state_);
    pthread_cleanup_pop(0);
#else
    PyEval_RestoreThread(state_);
#endif
}

}  // namespace tilewright
