// Counts the evaluations of a network by CellSampler, and compares them and the cells with the groups.
#include "sampler/cell_sampler.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "check.h"

using tilewright::CellGroup;

namespace {

constexpr int kColours = 5;

/// In the evaluation of a step, each cell prefers another entry than in the steps before and after.
int entry_of(std::size_t step, std::size_t cell) {
    return static_cast<int>((step + cell) % static_cast<std::size_t>(kColours));
}

/// A network without layers, which remembers the steps of its evaluations.
class CountedNetwork : public tilewright::StepNetwork {
  public:
    explicit CountedNetwork(std::vector<std::uint8_t> cells) : cells_(std::move(cells)), scores_(kColours) {}

    std::uint8_t* cells() override { return cells_.data(); }

    void evaluate(std::size_t step, const tilewright::StepRequest* request) override {
        CHECK(request == nullptr);
        steps.push_back(step);
    }

    const std::int32_t* scores(std::size_t, std::int32_t cell) const override {
        std::fill(scores_.begin(), scores_.end(), 0);
        scores_[static_cast<std::size_t>(entry_of(steps.back(), static_cast<std::size_t>(cell)))] = 1;
        return scores_.data();
    }

    std::vector<std::size_t> steps;

  private:
    std::vector<std::uint8_t> cells_;
    mutable std::vector<std::int32_t> scores_;
};

/// Divides the cells of a picture into groups, in reading order or as a wavefront does.
std::vector<CellGroup> draw_groups(std::mt19937& random, int height, int width) {
    const int slope = static_cast<int>(random() % 3);  // 0: each cell is a group
    std::vector<CellGroup> groups;
    for (int row = 0; row < height; ++row) {
        for (int column = 0; column < width; ++column) {
            const int place = slope == 0 ? row * width + column : column + slope * row;
            groups.resize(std::max(groups.size(), static_cast<std::size_t>(place) + 1));
            groups[static_cast<std::size_t>(place)].push_back(row * width + column);
        }
    }
    return groups;
}

/// Draws pictures of which all cells, some, those after one, those before one, or none are known.
std::vector<std::uint8_t> draw_pictures(std::mt19937& random, std::size_t tiles, std::size_t cells) {
    std::vector<std::uint8_t> pictures(tiles * cells);
    for (std::size_t tile = 0; tile < tiles; ++tile) {
        const std::size_t how = random() % 5;
        const std::size_t one = random() % cells;
        for (std::size_t cell = 0; cell < cells; ++cell) {
            const bool known[] = {true, random() % 2 == 0, cell > one, cell < one, false};
            pictures[tile * cells + cell] =
                static_cast<std::uint8_t>(known[how] ? random() % kColours : kColours);
        }
    }
    return pictures;
}

/// An autoregressive picture ends with the last unknown cell of its block.
void check(std::uint32_t seed) {
    std::mt19937 random(seed);
    const int height = 1 + static_cast<int>(random() % 6);
    const int width = 1 + static_cast<int>(random() % 6);
    const std::size_t tiles = 1 + random() % 4;
    const std::size_t cells = static_cast<std::size_t>(height * width);
    const std::vector<CellGroup> groups = draw_groups(random, height, width);

    tilewright::SamplingOptions options;
    options.noise.assign(tilewright::kNoiseEntries, 0);
    const tilewright::Sampler sampler{
        tilewright::Sampler::Method::kAutoregressive, kColours, static_cast<int>(cells), 0, 0, options};
    const tilewright::CellSampler cell_sampler(sampler, height, width, tiles, std::nullopt, groups, true);
    std::vector<std::uint64_t> memory(cell_sampler.memory_bytes() / sizeof(std::uint64_t) + 1);
    std::vector<std::uint64_t> numbers(tiles);
    std::iota(numbers.begin(), numbers.end(), random());
    const tilewright::Block block{tiles, nullptr, seed, numbers.data(), nullptr, &options, nullptr};

    std::vector<std::uint8_t> expected = draw_pictures(random, tiles, cells);
    CountedNetwork network(expected);
    cell_sampler.run(block, network, reinterpret_cast<std::uint8_t*>(memory.data()));

    std::size_t last = 0;  // after the last evaluation that fixes a cell
    for (std::size_t step = 0; step < groups.size(); ++step) {
        for (const std::int32_t cell : groups[step]) {
            for (std::size_t tile = 0; tile < tiles; ++tile) {
                std::uint8_t& value = expected[tile * cells + static_cast<std::size_t>(cell)];
                if (value == kColours) {
                    value = static_cast<std::uint8_t>(entry_of(step, static_cast<std::size_t>(cell)));
                    last = step + 1;
                }
            }
        }
    }
    std::vector<std::size_t> steps(last);
    std::iota(steps.begin(), steps.end(), std::size_t{0});
    CHECK(network.steps == steps);
    CHECK(std::equal(expected.begin(), expected.end(), network.cells()));
}

}  // namespace

int main() {
    for (std::uint32_t seed = 0; seed < 2000; ++seed) {
        check(seed);
    }
}
