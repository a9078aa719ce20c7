#include "cuda/plan_layout.h"

#include <algorithm>
#include <numeric>
#include <variant>

#include "core/arena.h"

namespace tilewright::cuda {
namespace {

constexpr std::size_t kAlignment = 128;  // a wavefront of shared memory
constexpr int kBanksOfChunks = 8;        // chunks per access to shared memory

int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

std::size_t aligned(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

/// Whether the operands of an addition have unit scales, so a layer can add them in registers.
bool adds_integers(const ops::Add& add) { return add.scale_a == 1.0f && add.scale_b == 1.0f; }

Place shape_place(const Plan& plan, ValueId id, bool in_chunks) {
    const MapShape shape = map_shape(plan, id);
    Place place{};
    place.channels = shape.channels;
    place.height = shape.height;
    place.width = shape.width;
    place.cells = shape.cells();
    if (plan.values[id].is_indices()) {
        place.cell_bytes = 1;
    } else if (plan.values[id].is_int32()) {
        place.cell_bytes = 4 * shape.channels;
    } else if (!in_chunks) {
        place.cell_bytes = round_up(shape.channels, 4);
    } else {
        const int chunks = round_up(shape.channels, kChunk) / kChunk;
        const int period = std::gcd(chunks, kBanksOfChunks);
        place.cell_bytes = chunks * kChunk;
        place.mask = period - 1;
        while (period << place.shift < kBanksOfChunks) {
            ++place.shift;
        }
    }
    return place;
}

}  // namespace

std::vector<tilewright::Stage> choose_stages(const Plan& plan, bool keep_all) {
    if (keep_all) {
        return unfused(plan);
    }
    std::vector<tilewright::Stage> stages;
    for (tilewright::Stage& stage : fuse(plan)) {
        if (stage.add && !adds_integers(*stage.add)) {
            const Step& add = *(stage.step + (stage.lookup ? 2 : 1));
            tilewright::Stage own = stage;
            own.add = nullptr;
            own.output = add.inputs[stage.added_first ? 1 : 0];
            stages.push_back(own);
            tilewright::Stage sum{};
            sum.step = &add;
            sum.output = add.output;
            stages.push_back(sum);
        } else {
            stages.push_back(stage);
        }
    }
    std::vector<bool> needed(plan.values.size(), false);
    for (const Output& output : plan.outputs) {
        needed[output.value] = !plan.sampler;
    }
    if (plan.sampler) {
        needed[plan.sampler->scores] = true;
    }
    std::vector<tilewright::Stage> kept;
    for (auto stage = stages.rbegin(); stage != stages.rend(); ++stage) {
        if (needed[stage->output]) {
            kept.push_back(*stage);
            for (const ValueId id : stage->step->inputs) {
                needed[id] = true;
            }
            if (stage->add) {
                needed[stage->added] = true;
            }
        }
    }
    std::reverse(kept.begin(), kept.end());
    return kept;
}

PlanLayout::PlanLayout(const Plan& plan, const std::vector<tilewright::Stage>& stages, int tiles,
                       std::size_t head, bool keep_all) {
    const std::size_t values = plan.values.size();
    const int last = static_cast<int>(stages.size());
    std::vector<bool> in_chunks(values, false);
    for (const tilewright::Stage& stage : stages) {
        if (is_layer(*stage.step)) {
            in_chunks[stage.step->inputs[0]] = true;
        }
    }
    std::vector<LiveRange> ranges(values + 2);  // the last two: a sampler's words and turns
    std::vector<ValueId> range_of(values);
    for (ValueId id = 0; id < values; ++id) {
        places_.push_back(shape_place(plan, id, in_chunks[id]));
        range_of[id] = id;
    }
    const auto size_of = [&](ValueId id) {
        return aligned(static_cast<std::size_t>(tiles) * static_cast<std::size_t>(places_[id].cells) *
                       static_cast<std::size_t>(places_[id].cell_bytes));
    };
    std::vector<int> read_last(values, keep_all ? last : -2);
    for (int i = 0; i < last && !keep_all; ++i) {
        const tilewright::Stage& stage = stages[static_cast<std::size_t>(i)];
        for (const ValueId id : stage.step->inputs) {
            read_last[id] = i;
        }
        if (stage.add) {
            read_last[stage.added] = i;
        }
    }
    for (const Output& output : plan.outputs) {
        read_last[output.value] = last;
    }
    const bool samples = plan.sampler && !keep_all;
    if (samples) {
        for (const tilewright::Input& input : plan.inputs) {
            read_last[input.value] = last;  // every evaluation reads it
        }
        read_last[plan.sampler->scores] = -2;  // sampled in registers, never stored
    }
    for (const tilewright::Input& input : plan.inputs) {
        const ValueId id = input.value;
        ranges[id] = {size_of(id), -1, std::max(read_last[id], -1)};
    }
    for (int i = 0; i < last; ++i) {
        const tilewright::Stage& stage = stages[static_cast<std::size_t>(i)];
        const ValueId id = stage.output;
        if (samples && id == plan.sampler->scores) {
            continue;
        }
        const int last_use = std::max(read_last[id], i);
        const bool over_other = stage.add && read_last[stage.added] == i &&
                                stage.added != stage.step->inputs[0] &&
                                places_[stage.added].cell_bytes == places_[id].cell_bytes &&
                                places_[stage.added].mask == places_[id].mask;
        if (over_other) {
            range_of[id] = range_of[stage.added];
            ranges[range_of[id]].last_use = std::max(ranges[range_of[id]].last_use, last_use);
        } else {
            ranges[id] = {size_of(id), i, last_use};
        }
    }
    if (samples && plan.sampler->method == Sampler::Method::kMasked) {
        const std::size_t bytes =
            aligned(static_cast<std::size_t>(tiles) * plan.values[plan.sampler->cells].elements() * 4);
        ranges[values] = {bytes, -1, -1};
        ranges[values + 1] = {bytes, -1, last};
    }
    const ArenaOffsets arena = assign_offsets(ranges, aligned(head));
    arena_bytes_ = arena.bytes;
    for (ValueId id = 0; id < values; ++id) {
        places_[id].offset = static_cast<std::uint32_t>(arena.offsets[range_of[id]]);
    }
    words_ = static_cast<std::uint32_t>(arena.offsets[values]);
    turns_ = static_cast<std::uint32_t>(arena.offsets[values + 1]);
}

}  // namespace tilewright::cuda
