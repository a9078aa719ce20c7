#pragma once

// The peak rate of the instruction behind Isa::multiply_add, with operands in registers. Included like
// convolve.h.

#include <ctime>

#include "cpu/convolve.h"

namespace tilewright::cpu {
namespace {

inline double seconds_now() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// sums[i] += products of ones, in each chain i. A separate function, so that no other values occupy
/// registers.
template <typename Isa, int Chains>
[[gnu::noinline]] void multiply_chains(std::int32_t* sums, int rounds) {
    alignas(64) std::uint8_t ones[Isa::kVectorBytes];
    for (std::uint8_t& one : ones) {
        one = 1;
    }
    typename Isa::Weights w = Isa::load_weights(ones);
    typename Isa::Sums chains[Chains];
    TILEWRIGHT_UNROLL for (int i = 0; i < Chains; ++i) { chains[i] = Isa::load_sums(sums + i * Isa::kLanes); }
    for (int round = 0; round < rounds; ++round) {
        // Without hiding the values, the compiler would merge equal products and chains.
        TILEWRIGHT_UNROLL for (int i = 0; i < Chains; ++i) {
            opaque_to_optimizer(w);
            chains[i] = Isa::multiply_add(chains[i], w, w);
            opaque_to_optimizer(chains[i]);
        }
    }
    TILEWRIGHT_UNROLL for (int i = 0; i < Chains; ++i) { Isa::store_sums(sums + i * Isa::kLanes, chains[i]); }
}

/// Returns the best of three runs of about a millisecond, with enough accumulators to hide the latency.
template <typename Isa>
double measure_peak() {
    constexpr int kChains = Isa::kPeakChains;
    constexpr int kRounds = 20000;
    alignas(64) std::int32_t sums[kChains * Isa::kLanes] = {};
    double best = 0;
    for (int run = 0; run < 3; ++run) {
        const double began = seconds_now();
        multiply_chains<Isa, kChains>(sums, kRounds);
        const double took = seconds_now() - began;
        const double speed = 1.0 * kChains * kRounds * Isa::kLanes * Isa::kWord / took;
        best = speed > best ? speed : best;
    }
    return best;
}

}  // namespace
}  // namespace tilewright::cpu
