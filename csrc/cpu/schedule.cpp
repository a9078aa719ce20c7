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

Schedule part_of(const Schedule& all, int rows, int outputs_each, int number, int count) {
    const auto begin_of = [&](std::ptrdiff_t part) { return part * all.blocks / count; };
    const std::ptrdiff_t first = begin_of(number);
    Schedule part = all;
    part.blocks = static_cast<int>(begin_of(number + 1) - first);
    if (part.blocks == 0) {
        return part;
    }
    if (all.chosen) {
        part.chosen += first;
        return part;
    }
    part.inputs += first * rows;
    part.outputs += first * rows * outputs_each;
    part.classes += first;
    part.valid += first;
    return part;
}

Schedule Blocks::choose(const CellList& requested, int tiles, std::int32_t* chosen) const {
    int count = 0;
    for (int i = 0; i < requested.count; ++i) {
        const int first = requested.cells[i] * tiles / rows_;
        const int last = (requested.cells[i] * tiles + tiles - 1) / rows_;
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

std::size_t request_index_count(std::size_t points, std::size_t classes) {
    // The points in order, two numbers per row and two per block. Each class may leave one block of the
    // largest size nearly empty.
    const std::size_t rows = points + 16 * classes;
    return points + 2 * rows + 2 * (rows / 4) + 2 * classes;
}

std::size_t cut_requested(const NumberedPoints& points, const RequestedPoints& requested, int most_rows,
                          std::size_t classes, std::int32_t* index_scratch, Schedules& schedules) {
    std::int32_t* free = index_scratch;
    const auto take = [&free](std::size_t count) {
        std::int32_t* const taken = free;
        free += count;
        return taken;
    };
    // In order of their classes.
    std::int32_t* const counts = take(classes);
    std::int32_t* const places = take(classes);
    std::int32_t* const order = take(static_cast<std::size_t>(requested.point_count));
    std::fill_n(counts, classes, 0);
    for (int i = 0; i < requested.point_count; ++i) {
        ++counts[points.classes[static_cast<std::size_t>(requested.points[i])]];
    }
    std::partial_sum(counts, counts + classes, places);
    for (int i = requested.point_count; i-- > 0;) {
        order[--places[points.classes[static_cast<std::size_t>(requested.points[i])]]] = requested.points[i];
    }
    // A class uses full blocks of the largest size, and the smallest block that holds the rest.
    const auto rows_of = [most_rows](int left) {
        int rows = most_rows;
        while (smaller_block(rows) >= left) {
            rows = smaller_block(rows);
        }
        return rows;
    };
    const auto for_each_block = [&](const auto& visit) {
        for (std::size_t number = 0; number < classes; ++number) {
            const std::int32_t* first = order + places[number];
            for (int left = counts[number]; left > 0; left -= most_rows, first += most_rows) {
                const int rows = rows_of(left);
                visit(rows, first, std::min(rows, left), static_cast<std::int32_t>(number));
            }
        }
    };
    std::array<int, kSchedules> blocks{};
    for_each_block([&](int rows, const std::int32_t*, int, std::int32_t) {
        ++blocks[static_cast<std::size_t>(schedule_number(rows))];
    });
    struct Lists {
        std::int32_t *inputs, *outputs, *classes, *valid;
    };
    std::array<Lists, kSchedules> lists{};
    for (int rows = most_rows; rows > 0; rows = smaller_block(rows)) {
        const auto i = static_cast<std::size_t>(schedule_number(rows));
        const auto count = static_cast<std::size_t>(blocks[i]);
        const std::size_t each = count * static_cast<std::size_t>(rows);
        Lists& own = lists[i] = {take(each), take(each), take(count), take(count)};
        schedules.by_rows[i] = {blocks[i], nullptr, own.inputs, own.outputs, own.classes, own.valid, false};
    }
    for_each_block([&](int rows, const std::int32_t* first, int valid, std::int32_t number) {
        Lists& own = lists[static_cast<std::size_t>(schedule_number(rows))];
        for (int r = 0; r < rows; ++r) {
            const auto point = static_cast<std::size_t>(first[std::min(r, valid - 1)]);
            *own.inputs++ = points.inputs[point];
            *own.outputs++ = points.outputs[point];
        }
        *own.classes++ = number;
        *own.valid++ = valid;
    });
    return static_cast<std::size_t>(free - index_scratch);
}

std::array<Blocks, kSchedules> cut_by_class(const PointList& points, int most_rows, const BlockCost& cost,
                                            const ClassNumber& number_of) {
    const std::size_t count = points.inputs.size();
    std::vector<int> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int a, int b) {
        const auto class_of = [&](int point) { return points.classes[static_cast<std::size_t>(point)]; };
        return class_of(a) < class_of(b) || (!(class_of(b) < class_of(a)) && a < b);
    });
    // Points are handled in units that divide every block size; the last unit may be incomplete.
    const std::size_t unit = most_rows % 4 == 0 ? 4 : 2;
    const std::size_t fewest = 4 / unit;  // units in the smallest block
    std::vector<PointClass> units(std::max((count + unit - 1) / unit, fewest), PointClass{0, 0});
    for (std::size_t i = 0; i < count; ++i) {
        units[i / unit] = join(units[i / unit], points.classes[static_cast<std::size_t>(order[i])]);
    }
    // least[u]: the minimum cost of the first u units. last[u]: the number of units in the block that ends
    // there.
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
