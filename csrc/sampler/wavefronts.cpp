#include "sampler/wavefronts.h"

#include <algorithm>
#include <cstddef>

#include "sampler/cell_rows.h"

namespace tilewright {
namespace {

/// The cells of the picture on which a cell's scores depend.
class Followed {
  public:
    Followed(const std::vector<Dependence>& stages, const CellRows& map)
        : stages_(stages), map_(map), rows_((stages.size() + 1) * map.size()) {}

    /// Valid until the next call.
    const std::uint64_t* from(int cell) {
        std::fill(rows_.begin(), rows_.end(), 0);
        map_.add(cell, rows_of(static_cast<int>(stages_.size()) - 1));
        for (int stage = static_cast<int>(stages_.size()) - 1; stage >= 0; --stage) {
            const Dependence& dependence = stages_[static_cast<std::size_t>(stage)];
            const std::uint64_t* const own = rows_of(stage);
            if (dependence.input != Dependence::kNothing) {
                map_.dilate(own, dependence.changing, dependence.wraps, 1, rows_of(dependence.input));
            }
            if (dependence.added != Dependence::kNothing) {
                std::uint64_t* const added = rows_of(dependence.added);
                std::transform(own, own + map_.size(), added, added, [](auto a, auto b) { return a | b; });
            }
        }
        return rows_of(Dependence::kPicture);
    }

  private:
    std::uint64_t* rows_of(int stage) {
        return rows_.data() + static_cast<std::size_t>(stage + 1) * map_.size();
    }

    const std::vector<Dependence>& stages_;
    CellRows map_;
    std::vector<std::uint64_t> rows_;  ///< of the picture, then of each stage
};

}  // namespace

std::vector<CellGroup> wavefronts(const std::vector<Dependence>& stages, int height, int width) {
    const CellRows map{height, width};
    const int cells = height * width;
    std::vector<int> front(static_cast<std::size_t>(cells), 0);
    if (stages.empty() || row_shifts(stages, map, static_cast<std::size_t>(cells)) > kMostRowShifts) {
        for (int cell = 0; cell < cells; ++cell) {
            front[static_cast<std::size_t>(cell)] = cell;
        }
    } else {
        Followed followed(stages, map);
        for (int cell = 0; cell < cells; ++cell) {
            const std::uint64_t* const depends = followed.from(cell);
            const auto front_of = [&front](int other) -> int& {
                return front[static_cast<std::size_t>(other)];
            };
            int& own = front_of(cell);
            map.for_each(depends,
                         [&](int other) { own = other < cell ? std::max(own, front_of(other) + 1) : own; });
            map.for_each(depends, [&](int other) {
                if (other > cell) {
                    front_of(other) = std::max(front_of(other), own);
                }
            });
        }
    }
    std::vector<CellGroup> groups;
    for (int cell = 0; cell < cells; ++cell) {
        const auto number = static_cast<std::size_t>(front[static_cast<std::size_t>(cell)]);
        groups.resize(std::max(groups.size(), number + 1));
        groups[number].push_back(cell);
    }
    return groups;
}

}  // namespace tilewright
