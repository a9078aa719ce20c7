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

/// Whether the plan is a step network of maps of one size, so that a later evaluation can leave cells as they
/// are.
bool CpuProgram::can_keep_cells() const {
    if (!plan_->sampler || places_[0].layout.width > 64) {
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
    std::size_t numbers = (tiles + 1) * cells;  // each tile's order, and a list of cells
    for (const Node& node : nodes_) {
        if (node.layer) {
            numbers = std::max(numbers, (tiles + 1) * cells + node.layer->scratch_numbers(most_tiles_));
        }
    }
    std::size_t words = cells;  // the keys of a random order
    if (can_keep_cells()) {
        follow_cells();
    }
    if (freshness_) {
        words = std::max(words, freshness_->words() + static_cast<std::size_t>(places_[0].layout.height));
    }
    sampling_words_ = words;
    sampling_bytes_ = words * sizeof(std::uint64_t) + numbers * sizeof(std::int32_t);
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

void CpuProgram::sample(const Block& block, std::uint8_t* workspace) const {
    const Sampler& sampler = *plan_->sampler;
    const Layout& layout = places_[0].layout;
    const std::int32_t cells = static_cast<std::int32_t>(layout.elements());
    std::uint8_t* const picture = address(0, block.tiles, workspace);
    std::memset(picture, sampler.colours, block.tiles * static_cast<std::size_t>(cells));

    // The memory after the tiles': words, then numbers (prepare_sampling).
    std::uint64_t* const words = reinterpret_cast<std::uint64_t*>(workspace + sampling_offset());
    std::int32_t* const order = reinterpret_cast<std::int32_t*>(words + sampling_words_);
    std::int32_t* const list =
        order + static_cast<std::size_t>(most_tiles_) * static_cast<std::size_t>(cells);
    for (std::size_t tile = 0; tile < block.tiles; ++tile) {
        std::int32_t* own = order + tile * static_cast<std::size_t>(cells);
        if (sampler.method == Sampler::Method::kMasked) {
            draw_order(block.seed, block.first + tile, cells, words, own);
        } else {
            std::iota(own, own + cells, 0);
        }
    }
    std::uint64_t* const marked = freshness_ ? words + freshness_->words() : nullptr;
    for (const Node& node : nodes_) {
        if (node.border_stays) {
            fill_input_border(node, block, workspace);
        }
    }
    for (std::int64_t step = 0; step < sampler.steps; ++step) {
        const std::int64_t begin = step * cells / sampler.steps;
        const std::int64_t end = (step + 1) * cells / sampler.steps;
        const auto for_each_fixed = [&](const auto& visit) {
            for (std::size_t tile = 0; tile < block.tiles; ++tile) {
                for (std::int64_t rank = begin; rank < end; ++rank) {
                    visit(tile,
                          order[tile * static_cast<std::size_t>(cells) + static_cast<std::size_t>(rank)]);
                }
            }
        };
        if (freshness_) {
            if (step == 0 || !keeps_values_) {
                freshness_->begin(words);
            }
            std::fill_n(marked, layout.height, 0);
            for_each_fixed([&](std::size_t, std::int32_t cell) {
                marked[cell / layout.width] |= std::uint64_t{1} << (cell % layout.width);
            });
            freshness_->want(marked, words);
            for (std::size_t i = 0; i < nodes_.size(); ++i) {
                const CellList wanted{list, freshness_->take(i, words, list)};
                if (wanted.count > 0) {
                    run_node(nodes_[i], block, workspace, &wanted, list + cells);
                }
            }
        } else {
            evaluate(block, workspace);
        }
        for_each_fixed([&](std::size_t tile, std::int32_t cell) {
            picture[tile * static_cast<std::size_t>(cells) + static_cast<std::size_t>(cell)] =
                draw_cell(block, tile, cell, workspace);
        });
        if (freshness_ && keeps_values_) {
            freshness_->change(marked, words);
        }
    }
}

}  // namespace tilewright::cpu
