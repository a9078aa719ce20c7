#include "cuda/process.h"

#include <unistd.h>

#include <atomic>

namespace tilewright::cuda {
namespace {

std::atomic<pid_t> user{0};  ///< the process that uses CUDA; 0: none yet

}  // namespace

bool is_forked() {
    const pid_t process = user.load();
    return process != 0 && process != getpid();
}

void enter_process() {
    pid_t none = 0;
    user.compare_exchange_strong(none, getpid());
}

}  // namespace tilewright::cuda
