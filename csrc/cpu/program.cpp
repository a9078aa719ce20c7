#include "cpu/program.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string>
#include <variant>

#include "core/aligned_memory.h"
#include "core/arena.h"
#include "cpu/direct_layer.h"
#include "cpu/pointwise.h"

namespace tilewright::cpu {
namespace {

constexpr std::size_t kMaxValuesBytes = std::size_t{1} << 29;
constexpr std::size_t kMaxPackedBytes = std::size_t{1} << 30;  // weights and schedules of all layers
constexpr std::size_t kOverread = 4096;
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;  // a block's values should stay in the L2 cache

/// The most tiles of a block of which each takes so many bytes.
int fitting_tiles(std::size_t bytes) {
    for (const int tiles : kTileCounts) {
        if (bytes * static_cast<std::size_t>(tiles) <= kBlockBytes) {
            return tiles;
        }
    }
    return 1;
}

int reach_of(const ops::Op& op) {
    struct Reach {
        int operator()(const ops::Conv2d& op) const {
            return op.convolution.kernel / 2 * op.convolution.dilation;
        }
        int operator()(const ops::Scores& op) const {
            return op.convolution.kernel / 2 * op.convolution.dilation;
        }
        int operator()(const ops::ConvTranspose2d&) const { return 1; }
        int operator()(const ops::Embed&) const { return 0; }
        int operator()(const ops::EmbedCells&) const { return 0; }
        int operator()(const ops::Concat&) const { return 0; }
        int operator()(const ops::Slice&) const { return 0; }
        int operator()(const ops::Dense&) const { return 0; }
        int operator()(const ops::Argmax&) const { return 0; }
        int operator()(const ops::Lookup&) const { return 0; }
        int operator()(const ops::Add&) const { return 0; }
        int operator()(const ops::Nearest&) const { return 0; }
    };
    return std::visit(Reach{}, op);
}

}  // namespace

CpuProgram::CpuProgram(const Plan& plan, const Kernels& kernels, bool keep_all)
    : plan_(&plan), kernels_(&kernels), keep_all_(keep_all) {
    for (const Stage& stage : keep_all ? unfused(plan) : fuse(plan)) {
        if (stage.argmax && !DirectLayer::argmax_fits(stage, kernels)) {
            // The sums are kept, and the argmax is a step of its own.
            Stage scores = stage;
            scores.argmax = false;
            scores.output = stage.step->output;
            nodes_.push_back({scores, nullptr});
            Stage argmax;
            argmax.step = stage.step + 1;
            argmax.output = stage.output;
            nodes_.push_back({argmax, nullptr});
        } else {
            nodes_.push_back({stage, nullptr});
        }
    }
    lay_out_values();
    // One more cell changes little of what a network made before: worth the memory. A masked sampler's step
    // changes so many that most would be made again; its blocks rather stay in the cache.
    keeps_values_ =
        keep_all || (can_keep_cells() && plan.sampler->method == Sampler::Method::kAutoregressive);
    place_values();
    most_tiles_ = fitting_tiles(arena_bytes_);
    const bool by_cells = can_keep_cells();
    check_packed_bytes();
    for (Node& node : nodes_) {
        if (is_layer(*node.stage.step)) {
            node.layer = Layer::make(node.stage, places_[node.stage.step->inputs[0]].layout,
                                     places_[node.stage.output].layout, kernels, most_tiles_, by_cells);
            for (const int tiles : kTileCounts) {
                scratch_bytes_ =
                    std::max(scratch_bytes_, tiles > most_tiles_ ? 0 : node.layer->scratch_bytes(tiles));
            }
        }
    }
    choose_looks();
    if (plan_->sampler && !keep_all_) {
        prepare_sampling();
    }
}

/// Before which nodes an evaluation looks whether it is to end: none, for a small network.
void CpuProgram::choose_looks() {
    constexpr double kElement = 16;  // what an element of a step without weights takes, in multiply-adds
    double work = 0;
    for (Node& node : nodes_) {
        node.looks = work > kPieceOfWork;
        work = node.looks ? 0 : work;
        const double elements = kElement * static_cast<double>(places_[node.stage.output].layout.elements());
        work +=
            most_tiles_ * (elements + (node.layer ? static_cast<double>(node.layer->multiply_adds()) : 0));
    }
}

/// The same limit whatever the instruction set, as for values.
void CpuProgram::check_packed_bytes() const {
    // The largest value, without padding, bounds the tiles of a block on every instruction set. Sums are left
    // out: not all of them store those.
    std::size_t largest = 1;
    for (const Value& value : plan_->values) {
        largest = std::max(largest, value.int32 ? 0 : value.bytes());
    }
    const int tiles = fitting_tiles(largest);
    std::size_t bytes = 0;
    for (const Node& node : nodes_) {
        if (is_layer(*node.stage.step)) {
            bytes += Layer::most_bytes(node.stage, places_[node.stage.step->inputs[0]].layout,
                                       places_[node.stage.output].layout, tiles);
            if (bytes > kMaxPackedBytes) {
                throw std::invalid_argument("Executor(): the layers need more than " +
                                            std::to_string(kMaxPackedBytes) + " bytes of memory");
            }
        }
    }
}

void CpuProgram::lay_out_values() {
    const int multiple = std::max(kernels_->lanes, kernels_->word);
    places_.resize(plan_->values.size());
    for (std::size_t id = 0; id < places_.size(); ++id) {
        const Value& value = plan_->values[id];
        Place& place = places_[id];
        place.int32 = value.int32;
        place.layout.indices = plan_->is_indices(id);
        if (value.shape.size() == 3 || place.layout.indices) {
            place.layout.height = static_cast<int>(value.shape[0]);
            place.layout.width = static_cast<int>(value.shape[1]);
            place.layout.channels = place.layout.indices ? 1 : static_cast<int>(value.shape[2]);
        } else {
            place.layout.channels = static_cast<int>(value.elements());
        }
    }
    for (const Node& node : nodes_) {
        const Step& step = *node.stage.step;
        for (const ValueId id : step.inputs) {
            places_[id].layout.margin = std::max(places_[id].layout.margin, reach_of(step.op));
        }
    }
    // A fused addition walks its other branch and its result with the same offsets.
    for (bool changed = true; changed;) {
        changed = false;
        for (const Node& node : nodes_) {
            if (node.stage.add) {
                int& other = places_[node.stage.added].layout.margin;
                int& own = places_[node.stage.output].layout.margin;
                changed = changed || other != own;
                other = own = std::max(other, own);
            }
        }
    }
    for (const Output& output : plan_->outputs) {
        Layout& layout = places_[output.value].layout;
        layout.colours =
            kernels_->word == 4 && layout.channels == kGroupChannels && only_a_result(output.value);
    }
    // The same limit whatever the instruction set: as if channels came in sixteens of two bytes.
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
    for (Place& place : places_) {
        place.layout.padded =
            place.layout.plain() ? place.layout.channels : round_up(place.layout.channels, multiple);
        const int element = place.int32 ? 4 : place.layout.indices ? 1 : 4 / kernels_->word;
        place.bytes = aligned(place.layout.elements() * static_cast<std::size_t>(element));
    }
}

/// Whether no step reads a value, and a layer of groups makes it.
bool CpuProgram::only_a_result(ValueId id) const {
    bool grouped = false;
    for (const Node& node : nodes_) {
        const std::vector<ValueId>& inputs = node.stage.step->inputs;
        if (std::find(inputs.begin(), inputs.end(), id) != inputs.end() ||
            (node.stage.add && node.stage.added == id)) {
            return false;
        }
        grouped = grouped || (node.stage.output == id && LayerSource::groups(node.stage, *kernels_));
    }
    return grouped;
}

void CpuProgram::place_values() {
    const int last = static_cast<int>(nodes_.size());
    std::vector<LiveRange> ranges(places_.size(), {0, -1, -1});
    const auto read_at = [&](ValueId id, int stage) {
        ranges[id].last_use = std::max(ranges[id].last_use, stage);
    };
    for (ValueId id = 0; id < plan_->given; ++id) {
        ranges[id].bytes = places_[id].bytes;
    }
    for (int i = 0; i < last; ++i) {
        const Stage& stage = nodes_[static_cast<std::size_t>(i)].stage;
        ranges[stage.output] = {places_[stage.output].bytes, i, i};
        for (const ValueId id : stage.step->inputs) {
            read_at(id, i);
        }
        if (stage.add) {
            read_at(stage.added, i);
        }
    }
    for (const Output& output : plan_->outputs) {
        read_at(output.value, last);
    }
    if (plan_->sampler) {
        read_at(0, last);
        read_at(plan_->sampler->scores, last);
    }
    if (keeps_values_) {
        for (LiveRange& range : ranges) {
            range.last_use = last;
        }
    }
    const ArenaOffsets arena = assign_offsets(ranges, 0);
    arena_bytes_ = arena.bytes;
    for (ValueId id = 0; id < places_.size(); ++id) {
        places_[id].offset = arena.offsets[id];
    }
}

std::size_t CpuProgram::block_tiles(std::size_t left) const {
    for (const int tiles : kTileCounts) {
        if (tiles <= most_tiles_ && static_cast<std::size_t>(tiles) <= left) {
            return static_cast<std::size_t>(tiles);
        }
    }
    return 1;
}

std::size_t CpuProgram::workspace_bytes() const { return sampling_offset() + sampling_bytes_; }

/// Kernels may load whole registers past the end of a value; what layers and samplers need comes after that.
std::size_t CpuProgram::scratch_offset() const {
    return aligned(arena_bytes_ * static_cast<std::size_t>(most_tiles_) + kOverread);
}

std::size_t CpuProgram::sampling_offset() const {
    return aligned(scratch_offset() + scratch_bytes_ + kOverread);
}

std::uint64_t CpuProgram::multiply_adds() const {
    std::uint64_t sum = 0;
    for (const Node& node : nodes_) {
        sum += node.layer ? node.layer->multiply_adds() : 0;
    }
    return sum * static_cast<std::uint64_t>(plan_->sampler ? plan_->sampler->steps : 1);
}

std::uint8_t* CpuProgram::address(ValueId value, std::size_t tiles, std::uint8_t* workspace) const {
    return workspace + places_[value].offset * tiles;
}

void CpuProgram::run_node(const Node& node, const Block& block, std::uint8_t* workspace, const Wanted* wanted,
                          std::int32_t* numbers) const {
    const int tiles = static_cast<int>(block.tiles);
    const int element = 4 / kernels_->word;
    const Stage& stage = node.stage;
    const auto operand = [&](ValueId id) {
        return Operand{address(id, block.tiles, workspace), &places_[id].layout};
    };
    if (!node.layer) {
        PointwiseCall call{{}, operand(stage.output), tiles, block.kinds, block.interrupt, wanted};
        for (std::size_t i = 0; i < stage.step->inputs.size(); ++i) {
            call.inputs[i] = operand(stage.step->inputs[i]);
        }
        run_pointwise(stage.step->op, call, element);
        return;
    }
    const Operand input = operand(stage.step->inputs[0]);
    const Layer& layer = *node.layer;
    if (!node.border_stays) {
        fill_input_border(node, block, workspace);
    }
    layer.run({input.data, operand(stage.output).data, stage.add ? operand(stage.added).data : nullptr, tiles,
               workspace + scratch_offset(), block.interrupt, wanted, numbers});
}

void CpuProgram::fill_input_border(const Node& node, const Block& block, std::uint8_t* workspace) const {
    if (!node.layer || !node.layer->reads_border()) {
        return;
    }
    const ValueId input = node.stage.step->inputs[0];
    fill_border({address(input, block.tiles, workspace), &places_[input].layout},
                static_cast<int>(block.tiles), node.layer->reach(), node.layer->wraps(),
                node.layer->zero_in(), 4 / kernels_->word);
}

void CpuProgram::evaluate(const Block& block, std::uint8_t* workspace) const {
    for (const Node& node : nodes_) {
        if (node.looks && requested(block.interrupt)) {
            return;
        }
        run_node(node, block, workspace);
    }
}

std::vector<StageTime> CpuProgram::time_stages(const Block& block, std::uint8_t* workspace,
                                               int rounds) const {
    using Clock = std::chrono::steady_clock;
    std::vector<StageTime> times;
    for (const Node& node : nodes_) {
        times.push_back({describe(node.stage), 0.0, node.layer ? node.layer->multiply_adds() : 0});
    }
    const double scale = 1.0 / (static_cast<double>(rounds) * static_cast<double>(block.tiles));
    for (int round = 0; round < rounds && !requested(block.interrupt); ++round) {
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            const Clock::time_point began = Clock::now();
            run_node(nodes_[i], block, workspace);
            times[i].seconds += scale * std::chrono::duration<double>(Clock::now() - began).count();
        }
    }
    return times;
}

void CpuProgram::run(const Block& block, std::uint8_t* workspace) const {
    if (plan_->sampler && !keep_all_) {
        sample(block, workspace);
        return;
    }
    if (plan_->sampler) {
        std::memset(address(0, block.tiles, workspace), plan_->sampler->colours,
                    block.tiles * places_[0].layout.elements());
        evaluate(block, workspace);
        return;
    }
    std::size_t offset = 0;
    for (ValueId id = 0; id < plan_->given; ++id) {
        spread(block.latents + offset, plan_->latent_size(),
               {address(id, block.tiles, workspace), &places_[id].layout}, static_cast<int>(block.tiles),
               4 / kernels_->word);
        offset += plan_->values[id].elements();
    }
    evaluate(block, workspace);
}

void CpuProgram::read(ValueId value, std::size_t tile, std::size_t tiles, const std::uint8_t* workspace,
                      std::uint8_t* to) const {
    const Place& place = places_[value];
    const Operand operand{const_cast<std::uint8_t*>(workspace) + place.offset * tiles, &place.layout};
    collect(operand, static_cast<int>(tile), static_cast<int>(tiles), place.int32, 4 / kernels_->word, to);
}

}  // namespace tilewright::cpu
