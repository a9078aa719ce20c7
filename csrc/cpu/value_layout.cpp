#include "cpu/value_layout.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "core/aligned_memory.h"
#include "core/arena.h"
#include "cpu/layer_geometry.h"

namespace tilewright::cpu {
namespace {

constexpr std::size_t kMaxValuesBytes = std::size_t{1} << 29;

/// Makes a margin at least as wide as another.
void widen(ops::Axes& margin, const ops::Axes& other) {
    margin = {std::max(margin.y, other.y), std::max(margin.x, other.x)};
}

/// Whether no step reads a value, and a layer with groups computes it.
bool only_a_result(ValueId id, const Layout& layout, const std::vector<Stage>& stages,
                   const Kernels& kernels) {
    bool grouped = false;
    for (const Stage& stage : stages) {
        const std::vector<ValueId>& inputs = stage.step->inputs;
        if (std::find(inputs.begin(), inputs.end(), id) != inputs.end() || (stage.add && stage.added == id)) {
            return false;
        }
        grouped = grouped || (stage.output == id && CpuLayerGeometry::groups(stage, layout, kernels));
    }
    return grouped;
}

}  // namespace

ValueLayout::ValueLayout(const Plan& plan, const std::vector<Stage>& stages, const Kernels& kernels,
                         const std::vector<bool>& kept, const std::vector<bool>& without_margin)
    : places_(plan.values.size()) {
    set_shapes(plan);
    set_margins(stages, without_margin);
    for (const Output& output : plan.outputs) {
        Layout& layout = places_[output.value].layout;
        layout.colours = kernels.word == 4 && layout.channels == kGroupChannels &&
                         only_a_result(output.value, layout, stages, kernels);
    }
    check_budget();
    const int multiple = std::max(kernels.lanes, kernels.word);
    for (Place& place : places_) {
        place.layout.padded =
            place.layout.plain() ? place.layout.channels : round_up(place.layout.channels, multiple);
        const int element = place.int32 ? 4 : place.layout.indices ? 1 : 4 / kernels.word;
        place.bytes = aligned(place.layout.elements() * static_cast<std::size_t>(element));
    }
    set_offsets(plan, stages, kept);
}

void ValueLayout::set_shapes(const Plan& plan) {
    for (ValueId id = 0; id < places_.size(); ++id) {
        const MapShape shape = map_shape(plan, id);
        Place& place = places_[id];
        place.int32 = plan.values[id].is_int32();
        place.layout.indices = plan.values[id].is_indices();
        place.layout.height = shape.height;
        place.layout.width = shape.width;
        place.layout.channels = shape.channels;
    }
}

void ValueLayout::set_margins(const std::vector<Stage>& stages, const std::vector<bool>& without_margin) {
    for (std::size_t i = 0; i < stages.size(); ++i) {
        for (const ValueId id : stages[i].step->inputs) {
            if (!without_margin[i]) {
                widen(places_[id].layout.margin, reach_of(*stages[i].step));
            }
        }
    }
    // A fused addition uses the same offsets for its other branch and its result.
    for (bool changed = true; changed;) {
        changed = false;
        for (const Stage& stage : stages) {
            if (stage.add) {
                ops::Axes& other = places_[stage.added].layout.margin;
                ops::Axes& own = places_[stage.output].layout.margin;
                changed = changed || other.y != own.y || other.x != own.x;
                widen(own, other);
                other = own;
            }
        }
    }
}

/// The limit is the same on every instruction set: it assumes channels in multiples of sixteen, with two
/// bytes each.
void ValueLayout::check_budget() const {
    std::size_t budget = 0;
    for (const Place& place : places_) {
        Layout padded = place.layout;
        padded.padded = round_up(padded.channels, 16);
        budget += padded.elements() * (place.int32 ? 4 : 2);
        if (budget > kMaxValuesBytes) {
            throw std::invalid_argument("Executor(): a tile needs more than " +
                                        std::to_string(kMaxValuesBytes) + " bytes of memory");
        }
    }
}

void ValueLayout::set_offsets(const Plan& plan, const std::vector<Stage>& stages,
                              const std::vector<bool>& kept) {
    const int last = static_cast<int>(stages.size());
    std::vector<LiveRange> ranges(places_.size(), {0, -1, -1});
    const auto read_at = [&](ValueId id, int stage) {
        ranges[id].last_use = std::max(ranges[id].last_use, stage);
    };
    for (const Input& input : plan.inputs) {
        ranges[input.value].bytes = places_[input.value].bytes;
    }
    for (int i = 0; i < last; ++i) {
        const Stage& stage = stages[static_cast<std::size_t>(i)];
        ranges[stage.output] = {places_[stage.output].bytes, i, i};
        for (const ValueId id : stage.step->inputs) {
            read_at(id, i);
        }
        if (stage.add) {
            read_at(stage.added, i);
        }
    }
    for (const Output& output : plan.outputs) {
        read_at(output.value, last);
    }
    if (plan.sampler) {  // every evaluation reads the inputs
        for (const Input& input : plan.inputs) {
            read_at(input.value, last);
        }
        read_at(plan.sampler->scores, last);
    }
    for (ValueId id = 0; id < places_.size(); ++id) {
        if (kept[id]) {
            ranges[id].first_use = 0;
            ranges[id].last_use = last;
        }
    }
    const ArenaOffsets arena = assign_offsets(ranges, 0);
    arena_bytes_ = arena.bytes;
    for (ValueId id = 0; id < places_.size(); ++id) {
        places_[id].offset = arena.offsets[id];
    }
}

}  // namespace tilewright::cpu
