#pragma once

#include <cstddef>
#include <cstdint>

#include "sampler/dirty_region.h"

namespace tilewright {

/// Cells of a map by their row-major numbers.
struct CellList {
    const std::int32_t* cells;
    int count;
};

/// What to compute of a value of T tiles: points, which are cells of some tile, by their numbers cell * T +
/// tile in any order, and the cells that have any of them, ascending.
struct RequestedPoints {
    CellList cells;
    const std::int32_t* points;
    int point_count;
};

/// What one evaluation of a step network must compute, stage by stage. Everything else keeps its bytes.
class StepRequest {
  public:
    /// sets: memory of `region` after a request, `set_stride` uint64 apart: one for each tile, or one for
    /// all. scratch: scratch_size(cells, tiles) int32.
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

    /// The points of a stage, valid until the next call.
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

/// A block of pictures and the network that scores their cells: what a backend gives to a CellSampler.
class StepNetwork {
  public:
    virtual ~StepNetwork() = default;

    /// uint8 (tiles, cells): palette entries, or the number of colours for a cell that is not known.
    virtual std::uint8_t* cells() = 0;

    /// Evaluates the network on the cells, for the step of such a number. request: what to compute; null:
    /// what the network knows to be all that the step needs, or everything.
    virtual void evaluate(std::size_t step, const StepRequest* request) = 0;

    /// int32 (colours): the scores of a cell that the last evaluation computed.
    virtual const std::int32_t* scores(std::size_t tile, std::int32_t cell) const = 0;
};

}  // namespace tilewright
