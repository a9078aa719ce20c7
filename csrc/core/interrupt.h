#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <utility>

namespace tilewright {

/// Lets the caller end a long computation. The computation checks the Interrupt between pieces of work of at
/// most some tens of milliseconds. It returns early if the Interrupt is set, and its output is then
/// undefined.
class Interrupt {
  public:
    /// ask: returns whether to end. It is called every kPeriod on the thread that created this object.
    explicit Interrupt(std::function<bool()> ask)
        : ask_(std::move(ask)), owner_(std::this_thread::get_id()), next_(Clock::now() + kPeriod) {}
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    /// Whether to return early. Any thread of the computation may call this.
    bool requested() {
        if (std::this_thread::get_id() == owner_ && !requested_.load(std::memory_order_relaxed) &&
            Clock::now() >= next_) {
            requested_.store(ask_(), std::memory_order_relaxed);
            next_ = Clock::now() + kPeriod;
        }
        return requested_.load(std::memory_order_relaxed);
    }

  private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds kPeriod{100};

    const std::function<bool()> ask_;
    const std::thread::id owner_;
    Clock::time_point next_;
    std::atomic<bool> requested_{false};
};

/// Whether to return early. A computation without an Interrupt, a null pointer, is never ended.
inline bool requested(Interrupt* interrupt) { return interrupt && interrupt->requested(); }

/// Multiply-adds between two checks of an Interrupt: some tens of milliseconds on the slowest backend.
constexpr double kPieceOfWork = 1 << 26;

}  // namespace tilewright
