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

/// Which rows and columns of the kernel meet the map from a point: a bit for each. Points of one class share
/// their taps.
using PointClass = std::pair<std::uint64_t, std::uint64_t>;

/// The class of points of either class together.
inline PointClass join(const PointClass& a, const PointClass& b) {
    return {a.first | b.first, a.second | b.second};
}

/// The points of a layer for some number of tiles, cell by cell.
struct PointList {
    std::size_t outputs_each = 1;               ///< numbers in `outputs` for each point
    std::int32_t stride = 0;                    ///< elements from a tile's input cell to the next tile's
    std::vector<std::int32_t> inputs, outputs;  ///< elements
    std::vector<PointClass> classes;
};

/// What a block costs, in instructions or so, by its class and number of points.
using BlockCost = std::function<double(const PointClass&, int)>;

/// The number of a class among all that are in use.
using ClassNumber = std::function<int(const PointClass&)>;

/// The blocks of one size, and what they consist of.
class Blocks {
  public:
    Blocks() = default;
    explicit Blocks(int rows) : rows_(rows) {}

    /// Appends a block of the points order[first] to order[first + valid - 1]; one with fewer points than
    /// rows repeats its last.
    void append(const PointList& points, const std::vector<int>& order, std::size_t first, int valid,
                const ClassNumber& number_of);

    Schedule view() const;
    bool empty() const { return valid_.empty(); }
    bool regular() const { return regular_; }
    bool mixes_classes() const { return mixes_classes_; }

    /// Those blocks alone that hold a requested cell; `chosen` has room for all.
    Schedule choose(const CellList& requested, int tiles, std::int32_t* chosen) const;

  private:
    int rows_ = 0;
    bool regular_ = true;
    bool mixes_classes_ = false;
    std::vector<std::int32_t> inputs_, outputs_, classes_, valid_;
};

/// Part `number` of `count` about equal ones. rows: points of a block; outputs_each: numbers of each.
Schedule part_of(const Schedule& all, int rows, int outputs_each, int number, int count);

/// The points of a layer by their numbers (RequestedPoints).
struct NumberedPoints {
    std::vector<std::int32_t> inputs, outputs, classes;
};

/// int32 that cut_requested writes at most, for so many points of so many classes.
std::size_t request_index_count(std::size_t points, std::size_t classes);

/// The requested points in blocks of `most_rows` and smaller sizes, none of which mixes classes. What the
/// schedules point to is written to `index_scratch`; returns how many int32.
std::size_t cut_requested(const NumberedPoints& points, const RequestedPoints& requested, int most_rows,
                          std::size_t classes, std::int32_t* index_scratch, Schedules& schedules);

/// All points in blocks of `rows`, cell by cell.
Blocks cut_in_order(const PointList& points, int rows, const ClassNumber& number_of);

/// All points in blocks of `most_rows` (6, or a multiple of 4) and of smaller sizes, by class, so that few
/// blocks have points of several classes: of all ways to cut them into such runs the cheapest.
std::array<Blocks, kSchedules> cut_by_class(const PointList& points, int most_rows, const BlockCost& cost,
                                            const ClassNumber& number_of);

}  // namespace tilewright::cpu
