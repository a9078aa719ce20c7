#pragma once

#include <cstdint>
#include <vector>

#include "core/layer_source.h"
#include "core/stages.h"
#include "cuda/image.h"
#include "cuda/stage.h"

namespace tilewright::cuda {

/// A layer with weights, packed for the tensor cores, and how its work is cut for blocks of some number of
/// tiles.
class PackedLayer {
  public:
    /// Writes weights, biases, factors and taps to the image.
    PackedLayer(const tilewright::Stage& stage, const MapShape& input, const MapShape& output, Image& image);

    /// The layer for blocks of T tiles; border and table are the caller's. in_shared: as launch.
    Layer cut(int tiles, bool in_shared) const;

    /// What a block of T tiles takes for it, in cycles of a multiprocessor if nothing else went on. A rough
    /// guess, good for comparing numbers of tiles.
    double cost(int tiles, bool in_shared) const;

    std::uint8_t zero_in() const { return zero_in_; }

    /// Chunks of a cell that lies outside the map; 0 where none is read.
    int border_chunks() const { return reads_border_ ? layer_.chunks : 0; }

    std::uint64_t multiply_adds() const { return multiply_adds_; }

  private:
    struct Cut;
    Cut best_cut(int tiles, bool in_shared) const;

    Layer layer_{};
    bool compares_ = false;  ///< sums that are kept or compared: one warp takes all channels of its points
    bool reads_border_ = false;
    std::uint8_t zero_in_ = 0;
    int tile_points_ = 0;
    std::int64_t steps_ = 0;  ///< of all phases
    std::uint64_t multiply_adds_ = 0;
};

}  // namespace tilewright::cuda
