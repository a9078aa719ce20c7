// Compares DirtyRegion and StepRequest on random networks with a recursion over single cells.
#include "sampler/dirty_region.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

#include "check.h"
#include "sampler/step_network.h"

using tilewright::Dependence;
using tilewright::DirtyRegion;

namespace {

class Random {
  public:
    explicit Random(std::uint32_t seed) : engine_(seed) {}

    /// Returns an integer in low .. high.
    int draw(int low, int high) {
        return low + static_cast<int>(engine_() % static_cast<std::uint32_t>(high - low + 1));
    }

  private:
    std::mt19937 engine_;
};

/// Returns an offset: mostly to a neighbour, otherwise near the size of the map.
int draw_offset(Random& random, int size) {
    const int sign = random.draw(0, 1) ? 1 : -1;
    return random.draw(0, 3) ? random.draw(-1, 1) : sign * random.draw(size - 1, size + 1);
}

std::vector<Dependence> draw_stages(Random& random, int height, int width) {
    std::vector<Dependence> stages(static_cast<std::size_t>(random.draw(1, 6)));
    for (int i = 0; i < static_cast<int>(stages.size()); ++i) {
        Dependence& stage = stages[static_cast<std::size_t>(i)];
        stage.input = random.draw(0, 2) ? i - 1 : random.draw(-1, i - 1);
        stage.input = random.draw(0, 9) ? stage.input : Dependence::kNothing;
        stage.added = i > 0 && random.draw(0, 2) == 0 ? random.draw(0, i - 1) : Dependence::kNothing;
        stage.wraps = random.draw(0, 1);
        for (int count = random.draw(1, 4); count > 0; --count) {
            stage.offsets.push_back({draw_offset(random, height), draw_offset(random, width)});
            if (random.draw(0, 4)) {
                stage.changing.push_back(stage.offsets.back());
            }
        }
        if (stage.input == Dependence::kNothing) {
            stage.offsets.clear();
            stage.changing.clear();
        }
    }
    return stages;
}

/// The same network with a time for each cell: when the picture's cell changed, and when a stage's cell was
/// computed.
class Model {
  public:
    Model(const std::vector<Dependence>& stages, int height, int width)
        : stages_(stages), height_(height), width_(width), changed_(cells(), 0) {
        computed_.assign(stages.size(), std::vector<int>(cells(), -1));
        for (std::size_t stage = 0; stage < stages.size(); ++stage) {
            depends_.emplace_back(cells());
            for (std::size_t cell = 0; cell < cells(); ++cell) {
                for (const auto& [source, at] : reads(stage, cell, stages[stage].changing)) {
                    if (source == Dependence::kPicture) {
                        depends_[stage][cell].insert(at);
                    } else {
                        const auto& more = depends_[static_cast<std::size_t>(source)][at];
                        depends_[stage][cell].insert(more.begin(), more.end());
                    }
                }
            }
        }
    }

    std::size_t cells() const { return static_cast<std::size_t>(height_) * static_cast<std::size_t>(width_); }

    void change(std::size_t cell, int time) { changed_[cell] = time; }

    /// Returns the cells of each stage that must be computed at `time` for the scores of `cells`.
    std::vector<std::set<std::size_t>> compute(const std::vector<std::size_t>& cells, int time) {
        std::vector<std::set<std::size_t>> found(stages_.size());
        for (const std::size_t cell : cells) {
            visit(stages_.size() - 1, cell, found);
        }
        for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
            for (const std::size_t cell : found[stage]) {
                computed_[stage][cell] = time;
            }
        }
        return found;
    }

  private:
    /// Returns (stage or kPicture, cell) for all cells that a cell depends on, through these offsets.
    std::vector<std::pair<int, std::size_t>> reads(std::size_t stage, std::size_t cell,
                                                   const std::vector<tilewright::Offset>& offsets) const {
        const Dependence& dependence = stages_[stage];
        std::vector<std::pair<int, std::size_t>> result;
        for (const auto& [dy, dx] : offsets) {
            int y = static_cast<int>(cell) / width_ + dy;
            int x = static_cast<int>(cell) % width_ + dx;
            if (dependence.wraps) {
                y = ((y % height_) + height_) % height_;
                x = ((x % width_) + width_) % width_;
            }
            if (y >= 0 && y < height_ && x >= 0 && x < width_) {
                result.push_back({dependence.input, static_cast<std::size_t>(y * width_ + x)});
            }
        }
        if (dependence.added >= 0) {
            result.push_back({dependence.added, cell});
        }
        return result;
    }

    bool dirty(std::size_t stage, std::size_t cell) const {
        const int computed = computed_[stage][cell];
        const auto& depends = depends_[stage][cell];
        const auto changed = [&](std::size_t at) { return changed_[at] > computed; };
        return !stages_[stage].constant() &&
               (computed < 0 || std::any_of(depends.begin(), depends.end(), changed));
    }

    void visit(std::size_t stage, std::size_t cell, std::vector<std::set<std::size_t>>& found) const {
        if (!dirty(stage, cell) || !found[stage].insert(cell).second) {
            return;
        }
        for (const auto& [source, at] : reads(stage, cell, stages_[stage].offsets)) {
            if (source >= 0) {
                visit(static_cast<std::size_t>(source), at, found);
            }
        }
    }

    const std::vector<Dependence>& stages_;
    int height_;
    int width_;
    std::vector<int> changed_;
    std::vector<std::vector<int>> computed_;
    std::vector<std::vector<std::set<std::size_t>>> depends_;
};

std::vector<std::size_t> draw_cells(Random& random, std::size_t cells) {
    std::vector<std::size_t> chosen(static_cast<std::size_t>(random.draw(0, 3)));
    for (std::size_t& cell : chosen) {
        cell = static_cast<std::size_t>(random.draw(0, static_cast<int>(cells) - 1));
    }
    return chosen;
}

std::vector<std::uint64_t> to_rows(const std::vector<std::size_t>& cells, int height, int width) {
    const tilewright::CellRows map{height, width};
    std::vector<std::uint64_t> rows(map.size(), 0);
    for (const std::size_t cell : cells) {
        map.add(static_cast<int>(cell), rows.data());
    }
    return rows;
}

/// Runs several evaluations of a random network, for one set of cells or one set per tile.
void check(std::uint32_t seed) {
    Random random(seed);
    const int widths[] = {1, random.draw(2, 9), 63, 64, 65, 127, 128, 129, 200};
    const int width = widths[random.draw(0, 9) ? 1 : random.draw(0, 8)];
    const int height = random.draw(1, width > 64 ? 3 : 7);
    const int tiles = random.draw(1, 3);
    const bool shared = random.draw(0, 1);
    const std::size_t set_count = shared ? 1 : static_cast<std::size_t>(tiles);
    const std::vector<Dependence> stages = draw_stages(random, height, width);
    const DirtyRegion region(stages, height, width);
    std::vector<Model> models(set_count, Model(stages, height, width));
    const std::size_t cells = models[0].cells();

    const std::size_t stride = region.words() + 1;
    std::vector<std::uint64_t> sets(set_count * stride, 0x5555555555555555u);
    std::vector<std::int32_t> scratch(
        tilewright::StepRequest::scratch_size(cells, static_cast<std::size_t>(tiles)));
    for (std::size_t set = 0; set < set_count; ++set) {
        region.mark_all(&sets[set * stride]);
    }
    for (int time = 1; time < 8; ++time) {
        std::vector<std::vector<std::set<std::size_t>>> expected;
        for (std::size_t set = 0; set < set_count; ++set) {
            if (time > 1) {
                const std::vector<std::size_t> changed = draw_cells(random, cells);
                for (const std::size_t cell : changed) {
                    models[set].change(cell, time);
                }
                region.mark(to_rows(changed, height, width).data(), &sets[set * stride]);
            }
            const std::vector<std::size_t> asked = draw_cells(random, cells);
            // A computation at `time` sees the changes made at `time`.
            expected.push_back(models[set].compute(asked, time));
            region.request(to_rows(asked, height, width).data(), &sets[set * stride]);
        }
        const tilewright::StepRequest request(region, sets.data(), stride, set_count, cells, tiles,
                                              scratch.data());
        for (std::size_t stage = 0; stage < stages.size(); ++stage) {
            std::set<std::size_t> any;
            std::multiset<std::int32_t> points;
            for (int tile = 0; tile < tiles; ++tile) {
                for (const std::size_t cell : expected[shared ? 0 : static_cast<std::size_t>(tile)][stage]) {
                    any.insert(cell);
                    points.insert(static_cast<std::int32_t>(cell) * tiles + tile);
                }
            }
            const tilewright::RequestedPoints found = request.points(stage);
            CHECK(std::multiset<std::int32_t>(found.points, found.points + found.point_count) == points);
            CHECK(std::vector<std::size_t>(found.cells.cells, found.cells.cells + found.cells.count) ==
                  std::vector<std::size_t>(any.begin(), any.end()));
        }
    }
}

}  // namespace

int main() {
    for (std::uint32_t seed = 0; seed < 1500; ++seed) {
        check(seed);
    }
}
