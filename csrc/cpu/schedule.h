#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "cpu/convolution.h"
#include "cpu/layout.h"
#include "sampler/step_network.h"

namespace tilewright::cpu {

/// The class of a point: a bit for each row and each column of the kernel, set if it lies inside the map.
/// Points of one class have the same taps.
using PointClass = std::pair<std::uint64_t, std::uint64_t>;

/// Returns the class that covers points of both classes.
inline PointClass join(const PointClass& a, const PointClass& b) {
    return {a.first | b.first, a.second | b.second};
}

/// The points of a layer for some number of tiles, ordered by cell.
struct PointList {
    std::size_t outputs_each = 1;               ///< entries of `outputs` per point
    std::int32_t stride = 0;                    ///< elements between input cells of consecutive tiles
    std::vector<std::int32_t> inputs, outputs;  ///< elements
    std::vector<PointClass> classes;
};

/// Estimated cost of a block, in instructions, by class and number of points.
using BlockCost = std::function<double(const PointClass&, int)>;

/// Number of a class among all classes in use.
using ClassNumber = std::function<int(const PointClass&)>;

/// Blocks of one size.
class Blocks {
  public:
    Blocks() = default;
    explicit Blocks(int rows) : rows_(rows) {}

    /// Appends a block of the points order[first] to order[first + valid - 1]. A partial block repeats its
    /// last point.
    void append(const PointList& points, const std::vector<int>& order, std::size_t first, int valid,
                const ClassNumber& number_of);

    Schedule view() const;
    bool empty() const { return valid_.empty(); }
    bool regular() const { return regular_; }
    bool mixes_classes() const { return mixes_classes_; }

    /// Returns the blocks that contain a requested cell. `chosen` has space for all blocks.
    Schedule choose(const CellList& requested, int tiles, std::int32_t* chosen) const;

  private:
    int rows_ = 0;
    bool regular_ = true;
    bool mixes_classes_ = false;
    std::vector<std::int32_t> inputs_, outputs_, classes_, valid_;
};

/// Returns part `number` of `count` parts of about equal size. rows: points per block. outputs_each: outputs
/// per point.
Schedule part_of(const Schedule& all, int rows, int outputs_each, int number, int count);

/// The points of a layer with the numbering of RequestedPoints.
struct NumberedPoints {
    std::vector<std::int32_t> inputs, outputs, classes;
};

/// Returns the maximum number of int32 that cut_requested writes for `points` points of `classes` classes.
std::size_t request_index_count(std::size_t points, std::size_t classes);

/// Divides the requested points into blocks of `most_rows` and smaller sizes; a block has one class. The
/// schedules point into `index_scratch`. Returns the number of int32 used.
std::size_t cut_requested(const NumberedPoints& points, const RequestedPoints& requested, int most_rows,
                          std::size_t classes, std::int32_t* index_scratch, Schedules& schedules);

/// Divides all points into blocks of `rows`, ordered by cell.
Blocks cut_in_order(const PointList& points, int rows, const ClassNumber& number_of);

/// Divides all points into blocks of `most_rows` (6, or a multiple of 4) and smaller sizes, sorted by class
/// so that few blocks contain several classes. Minimises the cost over all such divisions.
std::array<Blocks, kSchedules> cut_by_class(const PointList& points, int most_rows, const BlockCost& cost,
                                            const ClassNumber& number_of);

}  // namespace tilewright::cpu
