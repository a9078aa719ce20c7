#pragma once

// How many multiply-adds a second the instruction behind Isa::multiply_add reaches when its operands are in
// registers. Included like convolve.h.

#include <ctime>

#include "cpu/convolve.h"

namespace tilewright::cpu {
namespace {

inline double seconds_now() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// The best of three runs of about a millisecond each, on accumulators enough to hide the latency.
template <typename Isa>
double measure_peak() {
    constexpr int kChains = Isa::kPeakChains;
    constexpr int kRounds = 20000;
    // One instruction that multiplies and adds takes its operands from registers. Where it takes two, every
    // product needs an operand of its own, or the compiler would compute it once for all chains.
    alignas(64) std::uint8_t ones[Isa::kPeakOperands * Isa::kVectorBytes];
    alignas(64) std::int32_t zeros[Isa::kLanes] = {};
    for (std::uint8_t& one : ones) {
        one = 1;
    }
    double best = 0;
    for (int run = 0; run < 3; ++run) {
        typename Isa::Sums sums[kChains];
        for (int i = 0; i < kChains; ++i) {
            sums[i] = Isa::load_sums(zeros);
        }
        const double began = seconds_now();
        for (int round = 0; round < kRounds; ++round) {
            asm volatile("" : : "r"(ones) : "memory");  // or the compiler would multiply once
            const typename Isa::Weights w = Isa::load_weights(ones);
            TILEWRIGHT_UNROLL for (int i = 0; i < kChains; ++i) {
                sums[i] = Isa::multiply_add(
                    sums[i], Isa::load_weights(ones + i % Isa::kPeakOperands * Isa::kVectorBytes), w);
            }
        }
        const double took = seconds_now() - began;
        alignas(64) std::int32_t sink[Isa::kLanes];
        for (int i = 0; i < kChains; ++i) {
            Isa::store_sums(sink, sums[i]);
            asm volatile("" : : "r"(sink) : "memory");
        }
        const double speed = 1.0 * kChains * kRounds * Isa::kLanes * Isa::kWord / took;
        best = speed > best ? speed : best;
    }
    return best;
}

}  // namespace
}  // namespace tilewright::cpu
