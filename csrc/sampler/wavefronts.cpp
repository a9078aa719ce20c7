#include "sampler/wavefronts.h"

#include <algorithm>
#include <cstddef>

#include "sampler/cell_rows.h"

namespace tilewright {
namespace {

constexpr double kMostRowShifts = 1e9;  // at most a second

/// Returns an upper bound for the row shifts that the analysis of all cells takes.
double row_shifts(const std::vector<Dependence>& stages, const CellRows& map) {
    double offsets = 0;
    for (const Dependence& dependence : stages) {
        offsets += 1.0 + static_cast<double>(dependence.changing.size());
    }
    return offsets * map.height * map.words() * map.height * map.width;
}

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
    if (stages.empty() || row_shifts(stages, map) > kMostRowShifts) {
        for (int cell = 0; cell < cells; ++cell) {
            front[static_cast<std::size_t>(cell)] = cell;
        }
    } else {
        Followed followed(stages, map);
        for (int cell = 0; cell < cells; ++cell) {
            const std::uint64_t* const depends = followed.from(cell);
            const auto each = [&](int first, int last, const auto& visit) {
                for (int other = first; other < last; ++other) {
                    if (map.holds(other, depends)) {
                        visit(front[static_cast<std::size_t>(other)]);
                    }
                }
            };
            int& own = front[static_cast<std::size_t>(cell)];
            each(0, cell, [&own](int& other) { own = std::max(own, other + 1); });
            each(cell + 1, cells, [&own](int& other) { other = std::max(other, own); });
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
