#include "cpu/step_layer.h"

#include <algorithm>
#include <numeric>

namespace tilewright::cpu {
namespace {

constexpr int kGap = 4;  // minimum gap of zero words that separates two runs

}  // namespace

StepLayer::StepLayer(const Stage& stage, CpuLayerGeometry source, const Layout& input, const Layout& output,
                     const Kernels& kernels, int most_tiles, const StepCells& cells)
    : Layer(stage, std::move(source), input, output, kernels) {
    find_runs();
    std::vector<WordRange> ranges;
    for (const SourceRun& run : runs_) {
        ranges.push_back({run.tap, run.first, run.words.words, run.words.words});
    }
    pack_weights(1, ranges, [this](std::size_t, int tap, int lane, std::int16_t* to) {
        std::copy_n(source_.phases[0].weights(tap, lane), source_.in_channels, to);
        return true;
    });
    for (const int tiles : kTileCounts) {
        for (const ChannelGroup& columns : columns_) {
            const std::pair<int, int> key{tiles, columns.vectors};
            if (tiles <= most_tiles && !blocks_.count(key)) {
                list_blocks(tiles, columns.vectors, cells, blocks_[key]);
            }
        }
    }
    make_sets();
    count_multiply_adds(cells);
    source_.phases[0].weights = nullptr;  // the op's arrays may be freed before this layer
}

/// Finds the runs of words with weights for each tap.
void StepLayer::find_runs() {
    const PhaseSource& phase = source_.phases[0];
    const int words = (source_.in_channels + kernels_->word - 1) / kernels_->word;
    std::int32_t before = 0;
    for (int tap = 0; tap < static_cast<int>(phase.positions.size()); ++tap) {
        const auto used = [&](int word) {
            const int first = word * kernels_->word;
            const int last = std::min(first + kernels_->word, source_.in_channels);
            for (int lane = 0; lane < source_.lanes; ++lane) {
                const std::int8_t* const weights = phase.weights(tap, lane);
                if (std::any_of(weights + first, weights + last, [](std::int8_t w) { return w != 0; })) {
                    return true;
                }
            }
            return false;
        };
        const std::size_t of_others = runs_.size();
        for (int word = 0; word < words; ++word) {
            if (!used(word)) {
                continue;
            }
            if (runs_.size() == of_others || word - (runs_.back().first + runs_.back().words.words) >= kGap) {
                runs_.push_back({tap, word, {0, 0}});
            }
            runs_.back().words.words = word + 1 - runs_.back().first;
        }
    }
    for (SourceRun& run : runs_) {
        run.words.weights = before;
        before += run.words.words;
    }
}

StepLayer::RunMask StepLayer::mask_of(int cell) const {
    RunMask mask = 0;
    for (std::size_t run = 0; run < runs_.size() && !lists_all(); ++run) {
        const Position& position = source_.phases[0].positions[static_cast<std::size_t>(runs_[run].tap)];
        const int y = cell / input_.width + position.dy;
        const int x = cell % input_.width + position.dx;
        const bool inside = y >= 0 && y < input_.height && x >= 0 && x < input_.width;
        mask |= RunMask{source_.wraps || inside} << run;
    }
    return mask;
}

/// Returns the address at which a point reads a run.
std::int32_t StepLayer::input_of(int cell, int tile, int tiles, const SourceRun& run,
                                 std::int32_t border) const {
    const Position& position = source_.phases[0].positions[static_cast<std::size_t>(run.tap)];
    int y = cell / input_.width + position.dy;
    int x = cell % input_.width + position.dx;
    const std::int32_t first = run.first * kernels_->word;
    if (source_.wraps) {
        y = (y % input_.height + input_.height) % input_.height;
        x = (x % input_.width + input_.width) % input_.width;
    } else if (y < 0 || y >= input_.height || x < 0 || x >= input_.width) {
        return border + first;
    }
    return input_.cell(y, x) * tiles + tile * input_.padded + first;
}

PointList StepLayer::list_points(const CellGroup& cells, int tiles) const {
    PointList points;
    for (const std::int32_t cell : cells) {
        for (int tile = 0; tile < tiles; ++tile) {
            points.inputs.push_back(static_cast<std::int32_t>(points.inputs.size()));  // index of the point
            points.outputs.push_back(output_.cell(cell / output_.width, cell % output_.width) * tiles +
                                     tile * output_.padded);
            points.classes.push_back({mask_of(cell), 0});
        }
    }
    return points;
}

double StepLayer::cost_of(RunMask mask, int rows, int vectors) const {
    constexpr int kEpilogue = 8;  // instructions per register of sums
    constexpr int kBlock = 20;
    double cost = rows * vectors * kEpilogue + kBlock;
    for (std::size_t run = 0; run < runs_.size(); ++run) {
        cost += met(mask, run) ? runs_[run].words.words * (rows * vectors + rows + vectors + 3.0) : 0;
    }
    return cost;
}

int StepLayer::set_of(RunMask mask) {
    return numbers_.emplace(mask, static_cast<int>(numbers_.size())).first->second;
}

void StepLayer::list_step(const CellGroup& cells, int tiles, int vectors, std::int32_t border,
                          Blocks& blocks) {
    const PointList points = list_points(cells, tiles);
    const auto cut = cut_by_class(
        points, kernels_->most_rows[vectors - 1],
        [&](const PointClass& all, int rows) { return cost_of(all.first, rows, vectors); },
        [this](const PointClass& all) { return set_of(all.first); });
    for (int rows = kernels_->most_rows[vectors - 1]; rows > 0; rows = smaller_block(rows)) {
        const Schedule schedule = cut[static_cast<std::size_t>(schedule_number(rows))].view();
        if (schedule.blocks == 0) {
            continue;
        }
        blocks.listed.push_back({rows, schedule.blocks, nullptr, nullptr, nullptr, nullptr});
        for (int block = 0; block < schedule.blocks; ++block) {
            const std::int32_t* const numbers = schedule.inputs + block * rows;
            RunMask mask = 0;
            for (int r = 0; r < rows; ++r) {
                mask |= points.classes[static_cast<std::size_t>(numbers[r])].first;
            }
            for (std::size_t run = 0; run < runs_.size(); ++run) {
                for (int r = 0; r < rows && met(mask, run); ++r) {
                    const std::int32_t cell = cells[static_cast<std::size_t>(numbers[r] / tiles)];
                    blocks.inputs.push_back(input_of(cell, numbers[r] % tiles, tiles, runs_[run], border));
                }
            }
        }
        blocks.outputs.insert(blocks.outputs.end(), schedule.outputs,
                              schedule.outputs + schedule.blocks * rows);
        blocks.sets.insert(blocks.sets.end(), schedule.classes, schedule.classes + schedule.blocks);
        blocks.valid.insert(blocks.valid.end(), schedule.valid, schedule.valid + schedule.blocks);
    }
}

void StepLayer::list_blocks(int tiles, int vectors, const StepCells& cells, Blocks& blocks) {
    const std::ptrdiff_t element = 4 / kernels_->word;
    const auto border = static_cast<std::int32_t>(
        (static_cast<std::ptrdiff_t>(cells.border) - static_cast<std::ptrdiff_t>(cells.input) * tiles) /
        element);
    for (const CellGroup* step : cells.steps) {
        blocks.steps.push_back(blocks.listed.size());
        if (!step->empty()) {
            list_step(*step, tiles, vectors, border, blocks);
        }
    }
    blocks.steps.push_back(blocks.listed.size());
}

void StepLayer::make_sets() {
    const PhaseSource& phase = source_.phases[0];
    sets_.resize(numbers_.size());
    for (const auto& [mask, number] : numbers_) {
        std::vector<WordRun>& runs = set_runs_.emplace_back();
        std::vector<std::int32_t>& bias = biases_.emplace_back(padded_lanes_, 0);
        std::copy(phase.bias.begin(), phase.bias.end(), bias.begin());
        for (std::size_t run = 0; run < runs_.size(); ++run) {
            // Terms that the kernel omits: the border, and the offset of its inputs.
            const bool meets = met(mask, run);
            const int missing = !meets ? source_.zero_in : kernels_->signed_inputs ? 128 : 0;
            const int first = runs_[run].first * kernels_->word;
            const int last = std::min(first + runs_[run].words.words * kernels_->word, source_.in_channels);
            for (int lane = 0; lane < source_.lanes; ++lane) {
                const std::int8_t* const weights = phase.weights(runs_[run].tap, lane);
                bias[static_cast<std::size_t>(lane)] +=
                    missing * std::accumulate(weights + first, weights + last, 0);
            }
            if (meets) {
                runs.push_back(runs_[run].words);
            }
        }
        sets_[static_cast<std::size_t>(number)] = {runs.data(), static_cast<int>(runs.size()), bias.data()};
    }
    multiplier_.assign(padded_lanes_, 0.0f);
    std::copy(phase.multiplier.begin(), phase.multiplier.end(), multiplier_.begin());
    phase_ = {nullptr, weights_.get(), 0, multiplier_.data()};
    convolution_.phases = &phase_;
    convolution_.phase_count = 1;
    // The lists do not move from here on.
    for (auto& [key, blocks] : blocks_) {
        const std::int32_t* inputs = blocks.inputs.data();
        std::size_t first = 0;
        std::size_t output = 0;
        for (ListedBlocks& listed : blocks.listed) {
            listed.inputs = inputs;
            listed.outputs = blocks.outputs.data() + output;
            listed.sets = blocks.sets.data() + first;
            listed.valid = blocks.valid.data() + first;
            for (int block = 0; block < listed.blocks; ++block) {
                inputs += sets_[static_cast<std::size_t>(listed.sets[block])].count * listed.rows;
            }
            first += static_cast<std::size_t>(listed.blocks);
            output += static_cast<std::size_t>(listed.blocks * listed.rows);
        }
    }
}

/// Counts the multiply-adds for one picture, over words with weights.
void StepLayer::count_multiply_adds(const StepCells& cells) {
    for (const CellGroup* step : cells.steps) {
        for (const std::int32_t cell : *step) {
            for (const SourceRun& run : runs_) {
                const bool inside = input_of(cell, 0, 1, run, -1 - run.first * kernels_->word) >= 0;
                const int first = run.first * kernels_->word;
                const int last = std::min(first + run.words.words * kernels_->word, source_.in_channels);
                multiply_adds_ += inside ? static_cast<std::uint64_t>((last - first) * source_.lanes) : 0;
            }
        }
    }
}

void StepLayer::run(const LayerCall& layer) const {
    Convolution call = convolution_;
    call.input = layer.input;
    call.output = layer.output;
    call.addition.other = layer.other;
    call.tiles = layer.tiles;
    ListedPoints points{};
    points.sets = sets_.data();
    for (const ChannelGroup& columns : columns_) {
        const Blocks& blocks = blocks_.at({layer.tiles, columns.vectors});
        const std::size_t first = blocks.steps[layer.step];
        points.by_vectors[columns.vectors - 1] = {blocks.listed.data() + first,
                                                  static_cast<int>(blocks.steps[layer.step + 1] - first)};
    }
    kernels_->convolve_listed(call, points);
}

}  // namespace tilewright::cpu
