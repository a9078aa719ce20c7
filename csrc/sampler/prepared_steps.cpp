#include "sampler/prepared_steps.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "sampler/cell_rows.h"
#include "sampler/dirty_region.h"

namespace tilewright {
namespace {

// Limits of lists, and of the reads in them, of which layers store some 60 bytes each. Columns of 384x24
// cells need 24,490 lists of 1.4 million reads.
constexpr std::size_t kMostLists = std::size_t{1} << 18;
constexpr std::size_t kMostListed = std::size_t{1} << 21;

/// Converts a list of cells to rows of uint64.
std::vector<std::uint64_t> rows_of(const CellGroup& cells, const CellRows& map) {
    std::vector<std::uint64_t> rows(map.size(), 0);
    for (const std::int32_t cell : cells) {
        map.add(cell, rows.data());
    }
    return rows;
}

bool contains(const std::vector<std::uint64_t>& all, const std::vector<std::uint64_t>& some) {
    return std::equal(all.begin(), all.end(), some.begin(), [](auto a, auto b) { return (b & ~a) == 0; });
}

}  // namespace

std::optional<PreparedSteps> PreparedSteps::find(const std::vector<Dependence>& stages,
                                                 const std::vector<CellGroup>& groups, int height,
                                                 int width) {
    const CellRows map{height, width};
    if (stages.empty() || groups.empty() || stages.size() * groups.size() > kMostLists ||
        row_shifts(stages, map, groups.size()) > kMostRowShifts) {
        return std::nullopt;
    }
    const DirtyRegion region(stages, height, width);
    std::vector<std::uint64_t> memory(region.words());
    std::vector<std::int32_t> numbers(static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
    std::vector<CellGroup> cells;
    std::size_t listed = 0;
    region.mark_all(memory.data());
    for (std::size_t step = 0; step < groups.size(); ++step) {
        if (step > 0) {
            region.mark(rows_of(groups[step - 1], map).data(), memory.data());
        }
        region.request(rows_of(groups[step], map).data(), memory.data());
        for (std::size_t stage = 0; stage < stages.size(); ++stage) {
            const int count = region.list(region.requested(stage, memory.data()), numbers.data());
            cells.emplace_back(numbers.begin(), numbers.begin() + count);
            listed += static_cast<std::size_t>(count) * static_cast<std::size_t>(2 + stages[stage].runs);
        }
        if (listed > kMostListed) {
            return std::nullopt;
        }
    }
    return PreparedSteps(stages, std::move(cells), height, width);
}

PreparedSteps::PreparedSteps(const std::vector<Dependence>& stages, std::vector<CellGroup> cells, int height,
                             int width)
    : stage_count_(stages.size()), cells_(std::move(cells)), outlasts_(stages.size(), false) {
    const CellRows map{height, width};
    for (std::size_t step = 0; step < step_count(); ++step) {
        for (std::size_t stage = 0; stage < stage_count_; ++stage) {
            const std::vector<std::uint64_t> own = rows_of(this->cells(step, stage), map);
            const auto look_at = [&](int source, const std::vector<Offset>& offsets, bool wraps) {
                if (source < 0 || outlasts_[static_cast<std::size_t>(source)]) {
                    return;
                }
                std::vector<std::uint64_t> read(own.size(), 0);
                map.dilate(own.data(), offsets, wraps, 1, read.data());
                const CellGroup& made = this->cells(step, static_cast<std::size_t>(source));
                outlasts_[static_cast<std::size_t>(source)] = !contains(rows_of(made, map), read);
            };
            look_at(stages[stage].input, stages[stage].offsets, stages[stage].wraps);
            look_at(stages[stage].added, {{0, 0}}, false);
        }
    }
}

}  // namespace tilewright
