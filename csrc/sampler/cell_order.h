#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/sampling_options.h"

namespace tilewright {

/// Returns the rank of each cell of a map, row-major, in a sequence of Halton points (docs/numerics.md).
std::vector<std::int32_t> halton_ranks(int height, int width);

/// Returns how many of `total` cells round `round` of `rounds` resamples; rounds count from 1.
std::size_t refined_cells(std::size_t total, std::int32_t round, std::int32_t rounds);

/// The order in which a masked sampler fixes the cells of a picture, or in which it chooses those of a round
/// of refinement.
class CellOrder {
  public:
    CellOrder(int height, int width);

    /// Sorts `count` cells of the picture with number `number`. round: 0, or that of refinement. keys:
    /// scratch space for `count` numbers.
    void sort(SamplingOptions::Order order, std::uint64_t seed, std::uint64_t number, std::int32_t round,
              std::size_t count, std::uint64_t* keys, std::int32_t* cells) const;

  private:
    int height_;
    int width_;
    std::vector<std::int32_t> halton_;
};

}  // namespace tilewright
