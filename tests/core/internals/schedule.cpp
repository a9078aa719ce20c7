// Tests the division of points into blocks: cut_by_class against all divisions, cut_requested against its
// contract.
#include "cpu/schedule.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <vector>

#include "check.h"

using namespace tilewright::cpu;

namespace {

std::mt19937 engine(1);

int draw(int low, int high) {
    return low + static_cast<int>(engine() % static_cast<std::uint32_t>(high - low + 1));
}

int bits(const PointClass& a) { return __builtin_popcountll(a.first) + __builtin_popcountll(a.second); }

double cost(const PointClass& a, int rows) { return 0.25 + bits(a) * (rows + 0.3) + 0.25 * rows; }

/// Returns the lowest cost of dividing the units from `first` on into blocks. A unit has `unit` points.
double least_cost(const std::vector<PointClass>& units, std::size_t first, int unit, int most_rows) {
    if (first == units.size()) {
        return 0;
    }
    double least = std::numeric_limits<double>::infinity();
    for (int rows = most_rows; rows > 0; rows = smaller_block(rows)) {
        const std::size_t end = first + static_cast<std::size_t>(rows / unit);
        if (end <= units.size()) {
            PointClass all{0, 0};
            for (std::size_t i = first; i < end; ++i) {
                all = join(all, units[i]);
            }
            least = std::min(least, cost(all, rows) + least_cost(units, end, unit, most_rows));
        }
    }
    return least;
}

/// Random classes that a layer could have, numbered in order of appearance.
class Classes {
  public:
    int number(const PointClass& a) {
        return numbers_.try_emplace(a, static_cast<int>(numbers_.size())).first->second;
    }

    PointClass at(int number) const {
        for (const auto& [a, known] : numbers_) {
            if (known == number) {
                return a;
            }
        }
        CHECK(!"a known class");
        return {};
    }

  private:
    std::map<PointClass, int> numbers_;
};

PointList draw_points(int count) {
    PointList points;
    for (int i = 0; i < count; ++i) {
        points.inputs.push_back(7 * i);
        points.outputs.push_back(1000 - i);
        points.classes.push_back(
            {static_cast<std::uint64_t>(draw(1, 3)), static_cast<std::uint64_t>(draw(1, 2))});
    }
    return points;
}

/// Calls visit(rows, valid, first row, class) for every block, and checks the repeated rows of a short block.
template <typename Visit>
void for_each_block(const Schedule& schedule, int rows, const Visit& visit) {
    for (int block = 0; block < schedule.blocks; ++block) {
        const int valid = schedule.valid[block];
        CHECK(valid >= 1 && valid <= rows);
        const std::ptrdiff_t first = std::ptrdiff_t{block} * rows;
        for (int r = valid; r < rows; ++r) {
            CHECK(schedule.inputs[first + r] == schedule.inputs[first + valid - 1]);
            CHECK(schedule.outputs[first + r] == schedule.outputs[first + valid - 1]);
        }
        visit(valid, first, schedule.classes[block]);
    }
}

void check_cut_by_class(int count, int most_rows) {
    const PointList points = draw_points(count);
    Classes classes;
    const std::array<Blocks, kSchedules> blocks =
        cut_by_class(points, most_rows, cost, [&](const PointClass& a) { return classes.number(a); });
    double sum = 0;
    std::vector<int> seen(points.inputs.size(), 0);
    for (int rows = most_rows; rows > 0; rows = smaller_block(rows)) {
        const Schedule schedule = blocks[static_cast<std::size_t>(schedule_number(rows))].view();
        for_each_block(schedule, rows, [&](int valid, std::ptrdiff_t first, int number) {
            PointClass all{0, 0};
            for (int r = 0; r < valid; ++r) {
                const auto point = static_cast<std::size_t>(schedule.inputs[first + r] / 7);
                CHECK(points.outputs[point] == schedule.outputs[first + r]);
                all = join(all, points.classes[point]);
                ++seen[point];
            }
            CHECK(classes.at(number) == all);
            sum += cost(all, rows);
        });
    }
    CHECK(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));

    const int unit = most_rows % 4 == 0 ? 4 : 2;
    std::vector<PointClass> sorted = points.classes;
    std::sort(sorted.begin(), sorted.end());
    std::vector<PointClass> units(static_cast<std::size_t>(std::max((count + unit - 1) / unit, 4 / unit)),
                                  PointClass{0, 0});
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        PointClass& at = units[i / static_cast<std::size_t>(unit)];
        at = join(at, sorted[i]);
    }
    const double least = least_cost(units, 0, unit, most_rows);
    CHECK(sum <= least + 1e-9 && sum >= least - 1e-9);
}

void check_cut_requested(int count, int most_rows) {
    const int class_count = draw(1, 5);
    NumberedPoints points;
    std::vector<std::int32_t> asked;
    for (int i = 0; i < count; ++i) {
        points.inputs.push_back(7 * i);
        points.outputs.push_back(1000 - i);
        points.classes.push_back(draw(0, class_count - 1));
        if (draw(0, 2)) {
            asked.push_back(i);
        }
    }
    std::shuffle(asked.begin(), asked.end(), engine);
    const tilewright::RequestedPoints requested{{nullptr, 0}, asked.data(), static_cast<int>(asked.size())};
    const std::size_t room = request_index_count(asked.size(), static_cast<std::size_t>(class_count));
    std::vector<std::int32_t> index_scratch(room + 1, -5);
    Schedules schedules{};
    const std::size_t used = cut_requested(
        points, requested, most_rows, static_cast<std::size_t>(class_count), index_scratch.data(), schedules);
    CHECK(used <= room);
    CHECK(index_scratch[used] == -5);
    std::multiset<std::int32_t> seen;
    for (int rows = most_rows; rows > 0; rows = smaller_block(rows)) {
        const Schedule& schedule = schedules.by_rows[schedule_number(rows)];
        for_each_block(schedule, rows, [&](int valid, std::ptrdiff_t first, int number) {
            CHECK(valid > smaller_block(rows) || rows == most_rows);  // no smaller block is large enough
            for (int r = 0; r < valid; ++r) {
                const std::int32_t point = schedule.inputs[first + r] / 7;
                CHECK(points.classes[static_cast<std::size_t>(point)] == number);
                CHECK(points.outputs[static_cast<std::size_t>(point)] == schedule.outputs[first + r]);
                seen.insert(point);
            }
        });
    }
    CHECK(seen == std::multiset<std::int32_t>(asked.begin(), asked.end()));
}

}  // namespace

int main() {
    for (const int most_rows : {4, 6, 8, 12, 16}) {
        for (int count = 1; count <= 40; ++count) {
            if (most_rows % 4 == 0 || count <= 26) {
                check_cut_by_class(count, most_rows);
                check_cut_by_class(count, most_rows);
            }
            check_cut_requested(count, most_rows);
        }
    }
}
