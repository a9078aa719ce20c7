#include "sampler/cell_sampler.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/seeds.h"

namespace tilewright {
namespace {

/// Returns which entries may be drawn, or null if all may.
const std::uint8_t* allowed_of(const Sampler& sampler, const Block& block, std::size_t tile) {
    return block.allowed ? block.allowed + tile * static_cast<std::size_t>(sampler.colours) : nullptr;
}

/// Returns the allowed palette entry with the maximum of score plus noise. Ties select the lowest entry.
std::uint8_t draw_cell(const Sampler& sampler, const Block& block, std::size_t tile, std::int32_t cell,
                       std::int32_t round, const std::int32_t* scores) {
    std::uint16_t random[256];
    draw_noise(block.seed, block.numbers[tile], round, cell, sampler.colours, random);
    const std::int32_t* const noise = block.sampling->noise.data();
    const std::uint8_t* const allowed = allowed_of(sampler, block, tile);
    int best = 0;
    std::int32_t most = std::numeric_limits<std::int32_t>::min();  // less than any sum
    for (int k = 0; k < sampler.colours; ++k) {
        const std::int32_t noisy = scores[k] + noise[random[k] >> 4];
        if (noisy > most && (!allowed || allowed[k])) {
            most = noisy;
            best = k;
        }
    }
    return static_cast<std::uint8_t>(best);
}

/// Fills the share of the unknown cells of a picture that start as a random allowed entry.
void begin_cells(const Sampler& sampler, const Block& block, std::size_t tile, const CellList& unknown,
                 std::uint8_t* picture) {
    std::uint8_t entries[256];
    int count = 0;
    const std::uint8_t* const allowed = allowed_of(sampler, block, tile);
    for (int k = 0; k < sampler.colours; ++k) {
        if (!allowed || allowed[k]) {
            entries[count++] = static_cast<std::uint8_t>(k);
        }
    }
    for (int i = 0; i < unknown.count; ++i) {
        const std::int32_t cell = unknown.cells[i];
        const std::int32_t drawn =
            draw_beginning(block.seed, block.numbers[tile], cell, block.sampling->begin, count);
        if (drawn >= 0) {
            picture[cell] = entries[drawn];
        }
    }
}

}  // namespace

CellSampler::CellSampler(const Sampler& sampler, int height, int width, std::size_t most_tiles,
                         std::optional<DirtyRegion> region, std::vector<CellGroup> groups, bool keeps_values)
    : sampler_(&sampler),
      height_(height),
      width_(width),
      most_tiles_(most_tiles),
      region_(std::move(region)),
      groups_(std::move(groups)),
      keeps_values_(keeps_values) {
    if (!tiles_share_cells()) {
        order_.emplace(height, width);
    }
}

std::size_t CellSampler::cell_count() const {
    return static_cast<std::size_t>(height_) * static_cast<std::size_t>(width_);
}

/// Returns the uint64 of a set of tiles that fix the same cells: these cells, and the dirty region.
std::size_t CellSampler::set_words() const { return region_->set_words() + region_->words(); }

/// Returns the uint64 of all sets. The keys of a random order use the same memory before.
std::size_t CellSampler::words() const {
    return std::max(cell_count(), region_ ? most_tiles_ * set_words() : 0);
}

std::size_t CellSampler::order_size() const { return tiles_share_cells() ? 0 : most_tiles_ * cell_count(); }

std::size_t CellSampler::totals_size() const { return tiles_share_cells() ? 0 : most_tiles_; }

std::size_t CellSampler::steps() const {
    return tiles_share_cells() ? groups_.size() : static_cast<std::size_t>(sampler_->steps);
}

std::size_t CellSampler::evaluations(const SamplingOptions& options) const {
    return steps() + static_cast<std::size_t>(options.refine);
}

/// Returns the round of refinement of an evaluation, or 0.
std::int32_t CellSampler::round_of(std::size_t step) const {
    return step < steps() ? 0 : static_cast<std::int32_t>(step - steps() + 1);
}

std::size_t CellSampler::memory_bytes() const {
    const std::size_t indices =
        order_size() + totals_size() + (region_ ? StepRequest::scratch_size(cell_count(), most_tiles_) : 0);
    return words() * sizeof(std::uint64_t) + indices * sizeof(std::int32_t);
}

CellSampler::Memory CellSampler::divide(std::uint8_t* memory) const {
    std::uint64_t* const sets = reinterpret_cast<std::uint64_t*>(memory);
    std::int32_t* const order = reinterpret_cast<std::int32_t*>(sets + words());
    std::int32_t* const totals = order + order_size();
    return {sets, order, totals, totals + totals_size()};
}

/// Sorts the unknown cells of a picture. The keys overwrite the sets, which a masked sampler does not keep.
void CellSampler::sort_cells(const Block& block, const Memory& memory, std::size_t tile,
                             std::int32_t round) const {
    order_->sort(block.sampling->order, block.seed, block.numbers[tile], round,
                 static_cast<std::size_t>(memory.totals[tile]), memory.sets,
                 memory.order + tile * cell_count());
}

/// Determines the unknown cells of each picture, in the order in which they are fixed.
void CellSampler::draw_orders(const Block& block, std::uint8_t* cells, const Memory& memory) const {
    for (std::size_t tile = 0; tile < block.tiles; ++tile) {
        std::int32_t* const order = memory.order + tile * cell_count();
        std::uint8_t* const picture = cells + tile * cell_count();
        std::size_t total = 0;
        for (std::size_t cell = 0; cell < cell_count(); ++cell) {
            order[total] = static_cast<std::int32_t>(cell);
            total += is_unknown(picture[cell]) ? 1 : 0;
        }
        memory.totals[tile] = static_cast<std::int32_t>(total);
        if (block.sampling->begin > 0) {
            begin_cells(*sampler_, block, tile, {order, static_cast<int>(total)}, picture);
        }
        sort_cells(block, memory, tile, 0);
    }
}

/// Makes the cells that a round of refinement resamples unknown.
void CellSampler::begin_round(const Block& block, std::uint8_t* cells, const Memory& memory,
                              std::size_t step) const {
    for (std::size_t tile = 0; tile < block.tiles; ++tile) {
        sort_cells(block, memory, tile, round_of(step));
        const CellList chosen = cells_of_step(block, memory, tile, step);
        for (int i = 0; i < chosen.count; ++i) {
            cells[tile * cell_count() + static_cast<std::size_t>(chosen.cells[i])] =
                static_cast<std::uint8_t>(sampler_->colours);
        }
    }
}

/// Returns the cells that a step fixes, in any order; of an autoregressive picture, some may be known.
CellList CellSampler::cells_of_step(const Block& block, const Memory& memory, std::size_t tile,
                                    std::size_t step) const {
    if (tiles_share_cells()) {
        return {groups_[step].data(), static_cast<int>(groups_[step].size())};
    }
    const std::int32_t* const order = memory.order + tile * cell_count();
    const std::size_t total = static_cast<std::size_t>(memory.totals[tile]);
    if (const std::int32_t round = round_of(step)) {
        return {order, static_cast<int>(refined_cells(total, round, block.sampling->refine))};
    }
    const std::size_t begin = step * total / steps();
    const std::size_t end = (step + 1) * total / steps();
    return {order + begin, static_cast<int>(end - begin)};
}

/// Returns the number of evaluations that a block needs: of an autoregressive sampler, which does not refine,
/// those until every cell is known.
std::size_t CellSampler::needed_evaluations(const Block& block, const std::uint8_t* cells) const {
    std::size_t needed = evaluations(*block.sampling);
    if (!tiles_share_cells()) {
        return needed;
    }
    const auto has_unknown = [&](const CellGroup& group) {
        for (std::size_t tile = 0; tile < block.tiles; ++tile) {
            const std::uint8_t* const picture = cells + tile * cell_count();
            if (std::any_of(group.begin(), group.end(),
                            [&](auto cell) { return is_unknown(picture[cell]); })) {
                return true;
            }
        }
        return false;
    };
    while (needed > 0 && !has_unknown(groups_[needed - 1])) {
        --needed;
    }
    return needed;
}

/// Whether a step of a masked sampler fixes no cell of any picture. The evaluations of an autoregressive one
/// may compute values for later ones.
bool CellSampler::fixes_nothing(const Block& block, const Memory& memory, std::size_t step) const {
    for (std::size_t tile = 0; tile < block.tiles; ++tile) {
        if (tiles_share_cells() || cells_of_step(block, memory, tile, step).count > 0) {
            return false;
        }
    }
    return true;
}

/// Returns what a step's evaluation must compute: the scores of its cells, given the cells fixed before.
StepRequest CellSampler::request_step(const Block& block, const Memory& memory, std::size_t step) const {
    const std::size_t sets = tiles_share_cells() ? 1 : block.tiles;
    for (std::size_t set = 0; set < sets; ++set) {
        std::uint64_t* const fixed = memory.sets + set * set_words();
        std::uint64_t* const region = fixed + region_->set_words();
        if (step == 0 || !keeps_values_) {
            region_->mark_all(region);
        } else {
            region_->mark(fixed, region);  // fixed by the previous step
        }
        std::fill_n(fixed, region_->set_words(), 0);
        const CellList cells = cells_of_step(block, memory, set, step);
        for (int i = 0; i < cells.count; ++i) {
            region_->map().add(cells.cells[i], fixed);
        }
        region_->request(fixed, region);
    }
    return StepRequest(*region_, memory.sets + region_->set_words(), set_words(), sets, cell_count(),
                       static_cast<int>(block.tiles), memory.request_scratch);
}

void CellSampler::fix_cells(const Block& block, const StepNetwork& network, std::size_t tile,
                            const CellList& fixed, std::int32_t round, std::uint8_t* cells) const {
    constexpr int kCellsDrawn = 256;  // between two checks of the interrupt
    for (int i = 0; i < fixed.count; ++i) {
        const std::int32_t cell = fixed.cells[i];
        if (i % kCellsDrawn == kCellsDrawn - 1 && requested(block.interrupt)) {
            return;
        }
        std::uint8_t& value = cells[tile * cell_count() + static_cast<std::size_t>(cell)];
        if (!tiles_share_cells() || is_unknown(value)) {
            value = draw_cell(*sampler_, block, tile, cell, round, network.scores(tile, cell));
        }
    }
}

void CellSampler::run(const Block& block, StepNetwork& network, std::uint8_t* memory) const {
    const Memory parts = divide(memory);
    std::uint8_t* const cells = network.cells();
    if (!tiles_share_cells()) {
        draw_orders(block, cells, parts);
    }
    const std::size_t needed = needed_evaluations(block, cells);
    for (std::size_t step = 0; step < needed; ++step) {
        if (round_of(step) > 0) {
            begin_round(block, cells, parts, step);
        }
        if (fixes_nothing(block, parts, step)) {
            continue;
        }
        if (region_) {
            const StepRequest request = request_step(block, parts, step);
            network.evaluate(step, &request);
        } else {
            network.evaluate(step, nullptr);
        }
        if (requested(block.interrupt)) {
            return;
        }
        for (std::size_t tile = 0; tile < block.tiles; ++tile) {
            fix_cells(block, network, tile, cells_of_step(block, parts, tile, step), round_of(step), cells);
        }
    }
}

}  // namespace tilewright
