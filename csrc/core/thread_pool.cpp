#include "core/thread_pool.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "core/float_mode.h"

#if __has_include(<pthread.h>)
#include <pthread.h>
#endif

namespace tilewright {
namespace {

class ThreadPool {
  public:
    /// Runs the work on the pool's threads. Returns false if another call is using them.
    bool try_run(std::size_t workers, void (*work)(void*, std::size_t), void* context, Interrupt* interrupt) {
        if (busy_.exchange(true)) {
            return false;
        }
        const std::size_t helpers = start_threads(workers - 1);
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            work_ = work;
            context_ = context;
            helpers_ = helpers;
            ++job_;
        }
        wake_.notify_all();
        work(context, 0);
        wait_for_helpers(interrupt);
        busy_ = false;
        return true;
    }

  private:
    /// Starts threads until there are `wanted`. Returns the number of threads.
    std::size_t start_threads(std::size_t wanted) {
        try {
            while (threads_ < wanted) {
                // Detached: the threads wait for work, and the end of the process must not wait for them.
                std::thread(&ThreadPool::serve, this, threads_ + 1, job_.load()).detach();
                ++threads_;
            }
        } catch (const std::system_error&) {
            return threads_;
        }
        return wanted;
    }

    /// Spins briefly until `ready`, which is faster than a wake-up.
    template <typename Ready>
    static void look(const Ready& ready) {
        constexpr std::chrono::microseconds kMoment(50);
        const auto end = std::chrono::steady_clock::now() + kMoment;
        while (!ready() && std::chrono::steady_clock::now() < end) {
            std::this_thread::yield();
        }
    }

    /// Prevents further helpers from starting, and waits for those that are running.
    void wait_for_helpers(Interrupt* interrupt) {
        std::unique_lock<std::mutex> lock(mutex_);
        helpers_ = 0;
        lock.unlock();
        look([this] { return running_ == 0; });
        lock.lock();
        constexpr std::chrono::milliseconds kPatience(50);
        while (!done_.wait_for(lock, kPatience, [this] { return running_ == 0; })) {
            lock.unlock();
            requested(interrupt);
            lock.lock();
        }
    }

    void serve(std::size_t worker, std::size_t seen) {
        const WithFloatMode floats;
        std::unique_lock<std::mutex> lock(mutex_);
        for (;;) {
            wake_.wait(lock, [&] { return job_ != seen; });
            seen = job_;
            if (worker > helpers_) {
                continue;
            }
            ++running_;
            const auto work = work_;
            void* const context = context_;
            lock.unlock();
            work(context, worker);
            lock.lock();
            if (--running_ == 0) {
                done_.notify_one();
            }
            lock.unlock();
            look([&] { return job_ != seen; });  // calls often follow each other closely
            lock.lock();
        }
    }

    /// Set while a call uses the threads. This is no mutex, because the same call may return here from a
    /// signal handler that its Interrupt ran.
    std::atomic<bool> busy_{false};
    std::size_t threads_ = 0;
    std::mutex mutex_;  ///< guards the following members
    std::condition_variable wake_;
    std::condition_variable done_;
    void (*work_)(void*, std::size_t) = nullptr;
    void* context_ = nullptr;
    std::size_t helpers_ = 0;  ///< that may still join the job
    std::atomic<std::size_t> running_{0};
    std::atomic<std::size_t> job_{0};
};

ThreadPool* make_pool();

// Never destroyed, because threads may wait in it while the process ends. Created at load time: a fork during
// the initialisation of a function-local static would deadlock the child.
ThreadPool* pool = make_pool();

#if __has_include(<pthread.h>)
/// A forked child has none of the threads, and mutexes may be locked, so it abandons the pool.
[[maybe_unused]] void forget_pool() { pool = new ThreadPool; }
#endif

ThreadPool* make_pool() {
#if __has_include(<pthread.h>)
    pthread_atfork(nullptr, nullptr, forget_pool);  // MinGW's is an empty macro
#endif
    return new ThreadPool;
}

}  // namespace

void run_in_parallel(std::size_t workers, void (*work)(void* context, std::size_t worker), void* context,
                     Interrupt* interrupt) {
    if (workers == 1 || !pool->try_run(workers, work, context, interrupt)) {
        work(context, 0);
    }
}

}  // namespace tilewright
