#include "cpu/schedule.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace tilewright::cpu {

void Blocks::append(const PointList& points, const std::vector<int>& order, std::size_t first, int valid,
                    const ClassNumber& number_of) {
    PointClass all{0, 0};
    for (int r = 0; r < rows_; ++r) {
        const auto point =
            static_cast<std::size_t>(order[first + static_cast<std::size_t>(std::min(r, valid - 1))]);
        mixes_classes_ = mixes_classes_ || (r > 0 && points.classes[point] != all);
        all = join(all, points.classes[point]);
        regular_ = regular_ && (r == 0 || points.inputs[point] == inputs_.back() + points.stride);
        inputs_.push_back(points.inputs[point]);
        for (std::size_t i = 0; i < points.outputs_each; ++i) {
            outputs_.push_back(points.outputs[point * points.outputs_each + i]);
        }
    }
    classes_.push_back(number_of(all));
    valid_.push_back(valid);
}

Schedule Blocks::view() const {
    return {static_cast<int>(valid_.size()),
            nullptr,
            inputs_.data(),
            outputs_.data(),
            classes_.data(),
            valid_.data(),
            regular_};
}

Schedule Blocks::choose(const CellList& wanted, int tiles, std::int32_t* chosen) const {
    int count = 0;
    for (int i = 0; i < wanted.count; ++i) {
        const int first = wanted.cells[i] * tiles / rows_;
        const int last = (wanted.cells[i] * tiles + tiles - 1) / rows_;
        for (int block = count > 0 ? std::max(first, chosen[count - 1] + 1) : first; block <= last; ++block) {
            chosen[count++] = block;
        }
    }
    Schedule schedule = view();
    schedule.blocks = count;
    schedule.chosen = chosen;
    return schedule;
}

Blocks cut_in_order(const PointList& points, int rows, const ClassNumber& number_of) {
    const std::size_t count = points.inputs.size();
    std::vector<int> order(count);
    std::iota(order.begin(), order.end(), 0);
    Blocks blocks(rows);
    for (std::size_t first = 0; first < count; first += static_cast<std::size_t>(rows)) {
        const std::size_t valid = std::min(static_cast<std::size_t>(rows), count - first);
        blocks.append(points, order, first, static_cast<int>(valid), number_of);
    }
    return blocks;
}

std::array<Blocks, kSchedules> cut_by_class(const PointList& points, int most_rows, const BlockCost& cost,
                                            const ClassNumber& number_of) {
    const std::size_t count = points.inputs.size();
    std::vector<int> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        return points.classes[static_cast<std::size_t>(a)] < points.classes[static_cast<std::size_t>(b)];
    });
    // Units of points, of which every size of block is some; the last may lack points.
    const std::size_t unit = most_rows % 4 == 0 ? 4 : 2;
    const std::size_t fewest = 4 / unit;  // units in the smallest block
    std::vector<PointClass> units(std::max((count + unit - 1) / unit, fewest), PointClass{0, 0});
    for (std::size_t i = 0; i < count; ++i) {
        units[i / unit] = join(units[i / unit], points.classes[static_cast<std::size_t>(order[i])]);
    }
    // least[u]: what the first u units cost at least; last[u]: the units of the block that ends there.
    std::vector<double> least(units.size() + 1, std::numeric_limits<double>::infinity());
    std::vector<std::size_t> last(units.size() + 1, 0);
    least[0] = 0.0;
    for (std::size_t end = 1; end <= units.size(); ++end) {
        for (int rows = most_rows; rows > 0; rows = smaller_block(rows)) {
            const std::size_t size = static_cast<std::size_t>(rows) / unit;
            if (size > end) {
                continue;
            }
            PointClass all{0, 0};
            for (std::size_t i = end - size; i < end; ++i) {
                all = join(all, units[i]);
            }
            const double sum = least[end - size] + cost(all, rows);
            if (sum < least[end]) {
                least[end] = sum;
                last[end] = size;
            }
        }
    }
    std::vector<std::size_t> sizes;
    for (std::size_t end = units.size(); end > 0; end -= last[end]) {
        sizes.push_back(last[end]);
    }
    std::array<Blocks, kSchedules> blocks;
    for (int rows = most_rows; rows > 0; rows = smaller_block(rows)) {
        blocks[static_cast<std::size_t>(schedule_number(rows))] = Blocks(rows);
    }
    std::size_t first = 0;
    for (auto size = sizes.rbegin(); size != sizes.rend(); ++size) {
        const std::size_t rows = *size * unit;
        const std::size_t valid = std::min(rows, count - first);
        blocks[static_cast<std::size_t>(schedule_number(static_cast<int>(rows)))].append(
            points, order, first, static_cast<int>(valid), number_of);
        first += valid;
    }
    return blocks;
}

}  // namespace tilewright::cpu
