#pragma once

#include <cstdint>
#include <vector>

#include "core/layer_geometry.h"
#include "core/stages.h"
#include "cuda/image.h"
#include "cuda/stage.h"

namespace tilewright::cuda {

/// A layer with weights packed for the tensor cores, and its division into tasks for a given block size.
class PackedLayer {
  public:
    /// Writes weights, biases, multipliers and taps to the image.
    PackedLayer(const tilewright::Stage& stage, const MapShape& input, const MapShape& output, Image& image);

    /// Returns the layer for blocks of `tiles` tiles; the caller sets border and table. in_shared: see
    /// launch.
    Layer cut(int tiles, bool in_shared) const;

    /// Estimates the cycles of a multiprocessor for a block of `tiles` tiles. The estimate is rough and only
    /// suitable for comparing block sizes.
    double cost(int tiles, bool in_shared) const;

    std::uint8_t zero_in() const { return zero_in_; }

    /// Chunks of a cell outside of the map; 0 if none is read.
    int border_chunks() const { return reads_border_ ? layer_.chunks : 0; }

    std::uint64_t multiply_adds() const { return multiply_adds_; }

  private:
    struct Cut;
    Cut best_cut(int tiles, bool in_shared) const;

    Layer layer_{};
    bool compares_ = false;  ///< sums are stored or compared: one warp processes all channels of its points
    bool reads_border_ = false;
    std::uint8_t zero_in_ = 0;
    int tile_points_ = 0;
    std::int64_t steps_ = 0;  ///< of all phases
    std::uint64_t multiply_adds_ = 0;
};

}  // namespace tilewright::cuda
