// The ends of a solve that do not depend on its input: a time limit, and the interrupt of the caller.
#pragma once

#include <chrono>

#include "core/interrupt.h"

namespace tilewright::level {

class Limits {
  public:
    /// seconds: negative for no limit. interrupt: may be null.
    Limits(double seconds, Interrupt* interrupt) : interrupt_(interrupt), limited_(seconds >= 0) {
        constexpr double kForever = 1e9;
        const std::chrono::duration<double> length(seconds < kForever ? seconds : kForever);
        if (limited_) {
            end_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(length);
        }
    }

    /// Whether to return early; true for good once it was true. Looks at the clock every `kEvery` calls, each
    /// of which stands for at most some 10 microseconds of work.
    bool reached() {
        constexpr unsigned kEvery = 256;
        if (++calls_ % kEvery == 0) {
            look();
        }
        return reached_;
    }

    /// The same, looking at the clock at once.
    bool reached_now() {
        look();
        return reached_;
    }

  private:
    using Clock = std::chrono::steady_clock;

    void look() { reached_ = reached_ || requested(interrupt_) || (limited_ && Clock::now() >= end_); }

    Interrupt* interrupt_;
    Clock::time_point end_;
    bool limited_;
    bool reached_ = false;
    unsigned calls_ = 0;
};

}  // namespace tilewright::level
