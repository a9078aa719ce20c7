// What a CpuProgram does for a plan with a sampler: which cells are evaluated again, and the loop over
// evaluations.

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>
#include <utility>
#include <variant>

#include "cpu/program.h"

namespace tilewright::cpu {

namespace {

constexpr int kMostHeight = 256;  // of a map whose cells are followed

}  // namespace

/// Whether the plan is a step network of maps of one size, so that a later evaluation can leave cells as they
/// are.
bool CpuProgram::can_keep_cells() const {
    if (!plan_->sampler || places_[0].layout.width > 64 || places_[0].layout.height > kMostHeight) {
        return false;
    }
    for (const Node& node : nodes_) {
        const ops::Op& op = node.stage.step->op;
        const Layout& layout = places_[node.stage.output].layout;
        const bool known = std::holds_alternative<ops::EmbedCells>(op) ||
                           std::holds_alternative<ops::Conv2d>(op) ||
                           std::holds_alternative<ops::Scores>(op) ||
                           std::holds_alternative<ops::Lookup>(op) || std::holds_alternative<ops::Add>(op);
        if (!known || layout.height != places_[0].layout.height || layout.width != places_[0].layout.width) {
            return false;
        }
    }
    return nodes_.back().stage.output == plan_->sampler->scores;
}

/// What each stage depends on, and whose borders can stay as they are between two evaluations.
void CpuProgram::follow_cells() {
    std::map<ValueId, int> makers = {{0, -1}};
    std::vector<Dependence> stages;
    for (Node& node : nodes_) {
        const Step& step = *node.stage.step;
        Dependence dependence;
        dependence.positions = {{0, 0}};
        if (node.layer) {
            dependence.positions = node.layer->dependence();
            dependence.wraps = node.layer->wraps();
            if (dependence.positions.empty()) {
                return;
            }
        }
        dependence.input = makers.at(step.inputs[0]);
        if (node.stage.add) {
            dependence.added = makers.at(node.stage.added);
        } else if (step.inputs.size() == 2) {
            dependence.added = makers.at(step.inputs[1]);
        }
        makers[node.stage.output] = static_cast<int>(stages.size());
        stages.push_back(std::move(dependence));
    }
    const Layout& picture = places_[0].layout;
    freshness_ = std::make_unique<Freshness>(std::move(stages), picture.height, picture.width);
    for (Node& node : nodes_) {
        node.border_stays = keeps_values_ && node.layer && !node.layer->wraps();
        for (const Node& other : nodes_) {
            if (node.border_stays && other.layer &&
                other.stage.step->inputs[0] == node.stage.step->inputs[0]) {
                node.border_stays = !other.layer->wraps() && other.layer->zero_in() == node.layer->zero_in();
            }
        }
    }
}

void CpuProgram::prepare_sampling() {
    const std::size_t cells = places_[0].layout.elements();
    const std::size_t tiles = static_cast<std::size_t>(most_tiles_);
    std::size_t words = cells;            // the keys of a random order
    std::size_t numbers = tiles * cells;  // each tile's order
    if (can_keep_cells()) {
        follow_cells();
    }
    if (freshness_) {
        words = std::max(words, tiles * set_words());
        std::size_t scratch = 0;
        for (const Node& node : nodes_) {
            scratch = std::max(scratch, node.layer ? node.layer->scratch_numbers(most_tiles_) : 0);
        }
        // Which stages were run whole, the wanted cells and points, and what layers make of them.
        numbers += nodes_.size() + (tiles + 1) * cells + scratch;
    }
    sampling_words_ = words;
    sampling_bytes_ = words * sizeof(std::uint64_t) + numbers * sizeof(std::int32_t);
}

/// uint64 of what is known of the cells of one tile: the cells that an evaluation will fix, and freshness.
std::size_t CpuProgram::set_words() const {
    return static_cast<std::size_t>(places_[0].layout.height) + freshness_->words();
}

/// Fixes one cell of a tile for good: the lowest entry whose score and noise are greatest together.
std::uint8_t CpuProgram::draw_cell(const Block& block, std::size_t tile, std::int32_t cell,
                                   const std::uint8_t* workspace) const {
    const Sampler& sampler = *plan_->sampler;
    const Place& place = places_[sampler.scores];
    const int width = place.layout.width;
    const std::size_t at =
        static_cast<std::size_t>(place.layout.cell(cell / width, cell % width)) * block.tiles +
        tile * static_cast<std::size_t>(place.layout.padded);
    const std::int32_t* scores =
        reinterpret_cast<const std::int32_t*>(workspace + place.offset * block.tiles) + at;
    std::uint16_t random[256];
    draw_noise(block.seed, block.first + tile, cell, sampler.colours, random);
    int best = 0;
    std::int32_t most = 0;
    for (int k = 0; k < sampler.colours; ++k) {
        const std::int32_t noisy = scores[k] + sampler.noise[random[k] >> 4];
        if (k == 0 || noisy > most) {
            most = noisy;
            best = k;
        }
    }
    return static_cast<std::uint8_t>(best);
}

/// One evaluation of what each of the sets wants: a set for each tile, or one for all.
void CpuProgram::evaluate_wanted(const Block& block, std::uint8_t* workspace, std::uint64_t* sets,
                                 std::size_t set_count, std::int32_t* numbers) const {
    const Layout& layout = places_[0].layout;
    const int tiles = static_cast<int>(block.tiles);
    const int most_points = static_cast<int>(layout.elements()) * tiles;
    std::int32_t* const whole = numbers;
    std::int32_t* const cells = whole + nodes_.size();
    std::int32_t* const points = cells + layout.elements();
    std::int32_t* const scratch = points + most_points;
    // Whether a stage that reads all cells of stage `number` finds bytes in each: the picture's, or values
    // that keep their memory.
    const auto is_filled = [&](int number) { return number < 0 || keeps_values_ || whole[number]; };
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i].looks && requested(block.interrupt)) {
            return;
        }
        std::uint64_t any[kMostHeight] = {};
        int count = 0;
        for (std::size_t set = 0; set < set_count; ++set) {
            const std::uint64_t* rows = freshness_->take(i, sets + set * set_words() + layout.height);
            const int own = freshness_->list(rows, cells);
            for (int n = 0; n < own; ++n) {
                if (set_count > 1) {
                    points[count++] = cells[n] * tiles + static_cast<int>(set);
                } else {
                    for (int tile = 0; tile < tiles; ++tile) {
                        points[count++] = cells[n] * tiles + tile;
                    }
                }
            }
            for (int y = 0; y < layout.height; ++y) {
                any[y] |= rows[y];
            }
        }
        const Dependence& reads = freshness_->stage(i);
        whole[i] = 4 * count > 3 * most_points && is_filled(reads.input) && is_filled(reads.added);
        if (whole[i]) {
            run_node(nodes_[i], block, workspace);  // choosing would cost what it saves
        } else if (count > 0) {
            const Wanted wanted{{cells, freshness_->list(any, cells)}, points, count};
            run_node(nodes_[i], block, workspace, &wanted, scratch);
        }
    }
}

void CpuProgram::sample(const Block& block, std::uint8_t* workspace) const {
    const Sampler& sampler = *plan_->sampler;
    const Layout& layout = places_[0].layout;
    const std::int32_t cells = static_cast<std::int32_t>(layout.elements());
    constexpr std::int32_t kCellsDrawn = 256;  // between two looks at the interrupt
    std::uint8_t* const picture = address(0, block.tiles, workspace);
    std::memset(picture, sampler.colours, block.tiles * static_cast<std::size_t>(cells));

    // The memory after the tiles': words, then numbers (prepare_sampling).
    std::uint64_t* const words = reinterpret_cast<std::uint64_t*>(workspace + sampling_offset());
    std::int32_t* const order = reinterpret_cast<std::int32_t*>(words + sampling_words_);
    std::int32_t* const numbers =
        order + static_cast<std::size_t>(most_tiles_) * static_cast<std::size_t>(cells);
    for (std::size_t tile = 0; tile < block.tiles; ++tile) {
        std::int32_t* own = order + tile * static_cast<std::size_t>(cells);
        if (sampler.method == Sampler::Method::kMasked) {
            draw_order(block.seed, block.first + tile, cells, words, own);
        } else {
            std::iota(own, own + cells, 0);
        }
    }
    for (const Node& node : nodes_) {
        if (node.border_stays) {
            fill_input_border(node, block, workspace);
        }
    }
    // Tiles of an autoregressive sampler fix the same cells.
    const std::size_t sets = sampler.method == Sampler::Method::kMasked ? block.tiles : 1;
    for (std::int64_t step = 0; step < sampler.steps; ++step) {
        const std::int64_t begin = step * cells / sampler.steps;
        const std::int64_t end = (step + 1) * cells / sampler.steps;
        const auto for_each_fixed = [&](std::size_t tile, const auto& visit) {
            const std::int32_t* own = order + tile * static_cast<std::size_t>(cells);
            std::for_each(own + begin, own + end, visit);
        };
        for (std::size_t set = 0; freshness_ && set < sets; ++set) {
            std::uint64_t* const fixed = words + set * set_words();
            std::uint64_t* const state = fixed + layout.height;
            if (step == 0 || !keeps_values_) {
                freshness_->begin(state);
            } else {
                freshness_->change(fixed, state);
            }
            std::fill_n(fixed, layout.height, 0);
            for_each_fixed(set, [&](std::int32_t cell) {
                fixed[cell / layout.width] |= std::uint64_t{1} << (cell % layout.width);
            });
            freshness_->want(fixed, state);
        }
        if (freshness_) {
            evaluate_wanted(block, workspace, words, sets, numbers);
        } else {
            evaluate(block, workspace);
        }
        if (requested(block.interrupt)) {
            return;
        }
        for (std::size_t tile = 0; tile < block.tiles; ++tile) {
            for_each_fixed(tile, [&](std::int32_t cell) {
                if (cell % kCellsDrawn == 0 && requested(block.interrupt)) {
                    return;
                }
                picture[tile * static_cast<std::size_t>(cells) + static_cast<std::size_t>(cell)] =
                    draw_cell(block, tile, cell, workspace);
            });
        }
    }
}

}  // namespace tilewright::cpu
