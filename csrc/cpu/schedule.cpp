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
    std::vector<PointClass> quads((count + 3) / 4, PointClass{0, 0});
    for (std::size_t i = 0; i < count; ++i) {
        quads[i / 4] = join(quads[i / 4], points.classes[static_cast<std::size_t>(order[i])]);
    }
    // least[q]: what the first q quads cost at least; last[q]: the quads of the block that ends there.
    std::vector<double> least(quads.size() + 1, std::numeric_limits<double>::infinity());
    std::vector<std::size_t> last(quads.size() + 1, 0);
    least[0] = 0.0;
    for (std::size_t end = 1; end <= quads.size(); ++end) {
        PointClass all{0, 0};
        for (std::size_t size = 1; size <= end && 4 * size <= static_cast<std::size_t>(most_rows); ++size) {
            all = join(all, quads[end - size]);
            const double sum = least[end - size] + cost(all, static_cast<int>(4 * size));
            if (sum < least[end]) {
                least[end] = sum;
                last[end] = size;
            }
        }
    }
    std::vector<std::size_t> sizes;
    for (std::size_t end = quads.size(); end > 0; end -= last[end]) {
        sizes.push_back(last[end]);
    }
    std::array<Blocks, kSchedules> blocks{Blocks(4), Blocks(8), Blocks(12), Blocks(16)};
    std::size_t first = 0;
    for (auto size = sizes.rbegin(); size != sizes.rend(); ++size) {
        const std::size_t valid = std::min(4 * *size, count - first);
        blocks[*size - 1].append(points, order, first, static_cast<int>(valid), number_of);
        first += valid;
    }
    return blocks;
}

}  // namespace tilewright::cpu
