#pragma once

#include <cstddef>
#include <cstdint>

#include "sampler/dirty_region.h"

namespace tilewright {

/// Cells of a map as row-major numbers.
struct CellList {
    const std::int32_t* cells;
    int count;
};

/// The points of a value of T tiles to compute: their numbers cell * T + tile in any order, and the cells
/// that contain any of them, ascending.
struct RequestedPoints {
    CellList cells;
    const std::int32_t* points;
    int point_count;
};

/// The points that one evaluation of a step network must compute, per stage. Other values do not change.
class StepRequest {
  public:
    /// sets: memory of `region` after a request, with `set_stride` uint64 between tiles, or one for all
    /// tiles. scratch: scratch_size(cells, tiles) int32.
    StepRequest(const DirtyRegion& region, const std::uint64_t* sets, std::size_t set_stride,
                std::size_t set_count, std::size_t cells, int tiles, std::int32_t* scratch)
        : region_(region),
          sets_(sets),
          set_stride_(set_stride),
          set_count_(set_count),
          tiles_(tiles),
          cells_(scratch),
          points_(scratch + cells) {}

    static std::size_t scratch_size(std::size_t cells, std::size_t tiles) { return (tiles + 1) * cells; }

    const Dependence& dependence(std::size_t stage) const { return region_.dependence(stage); }

    /// Returns the points of a stage, valid until the next call.
    RequestedPoints points(std::size_t stage) const;

  private:
    const DirtyRegion& region_;
    const std::uint64_t* sets_;
    std::size_t set_stride_;
    std::size_t set_count_;
    int tiles_;
    std::int32_t* cells_;
    std::int32_t* points_;
};

/// A block of pictures and the network that scores their cells, provided by a backend to a CellSampler.
class StepNetwork {
  public:
    virtual ~StepNetwork() = default;

    /// uint8 (tiles, cells): palette entries, or the number of colours for an unknown cell.
    virtual std::uint8_t* cells() = 0;

    /// Evaluates the network on the cells for step `step`. request: the points to compute; null: what the
    /// network itself determines for the step, or everything.
    virtual void evaluate(std::size_t step, const StepRequest* request) = 0;

    /// int32 (colours): the scores of a cell from the last evaluation.
    virtual const std::int32_t* scores(std::size_t tile, std::int32_t cell) const = 0;
};

}  // namespace tilewright
