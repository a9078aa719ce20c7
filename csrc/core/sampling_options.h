#pragma once

#include <cstdint>
#include <vector>

namespace tilewright {

constexpr std::size_t kNoiseEntries = 4096;
constexpr std::int32_t kMostRounds = 1 << 16;  ///< of refinement
constexpr std::int32_t kWhole = 1 << 16;       ///< a share of 1

/// How a sampler fixes the cells of a picture (docs/numerics.md). An autoregressive one uses the noise only.
struct SamplingOptions {
    enum class Order { kRandom, kHalton, kRaster };

    Order order = Order::kRandom;
    std::int32_t refine = 0;          ///< rounds after the last cell
    std::int32_t begin = 0;           ///< share of cells that start as a random entry, in units of 2^-16
    std::vector<std::int32_t> noise;  ///< kNoiseEntries Gumbel quantiles in units of the scores
};

}  // namespace tilewright
