#pragma once

#if defined(__x86_64__) || defined(_M_X64)
#include <xmmintrin.h>
#elif defined(__aarch64__)
#include <cstdint>
#else
#include <cfenv>
#endif

namespace tilewright {

// Rounding mode and denormal flushing of this thread: the control register of its floats.
#if defined(__x86_64__) || defined(_M_X64)
using FloatMode = unsigned;
constexpr FloatMode kDefaultFloatMode = 0x1F80;         // round to nearest, keep denormals, no traps
constexpr FloatMode kFloatModeBits = ~FloatMode{0x3F};  // the other bits are status flags
inline FloatMode float_mode() { return _mm_getcsr() & kFloatModeBits; }
inline void set_float_mode(FloatMode mode) { _mm_setcsr(mode); }
#elif defined(__aarch64__)
using FloatMode = std::uint64_t;
constexpr FloatMode kDefaultFloatMode = 0;
inline FloatMode float_mode() {
    FloatMode mode;
    asm volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
}
inline void set_float_mode(FloatMode mode) { asm volatile("msr fpcr, %0" ::"r"(mode)); }
#else
using FloatMode = int;
constexpr FloatMode kDefaultFloatMode = FE_TONEAREST;
inline FloatMode float_mode() { return std::fegetround(); }
inline void set_float_mode(FloatMode mode) { std::fesetround(mode); }
#endif

/// Sets the floating-point mode of this thread to the IEEE 754 defaults (docs/numerics.md) for its lifetime.
class WithFloatMode {
  public:
    explicit WithFloatMode(FloatMode mode = kDefaultFloatMode) : before_(float_mode()), mode_(mode) {
        if (mode_ != before_) {
            set_float_mode(mode_);
        }
    }
    ~WithFloatMode() {
        if (mode_ != before_) {
            set_float_mode(before_);
        }
    }
    WithFloatMode(const WithFloatMode&) = delete;
    WithFloatMode& operator=(const WithFloatMode&) = delete;

    FloatMode before() const { return before_; }

  private:
    FloatMode before_;
    FloatMode mode_;
};

}  // namespace tilewright
