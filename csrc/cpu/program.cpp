#include "cpu/program.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include "core/aligned_memory.h"
#include "cpu/direct_layer.h"
#include "cpu/step_layer.h"

namespace tilewright::cpu {
namespace {

constexpr std::size_t kMaxPackedBytes = std::size_t{1} << 30;  // weights and schedules of all layers
constexpr std::size_t kOverread = 4096;
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;  // the values of a block should stay in L2
constexpr std::size_t kMostArenas = 16;  // limit for values that persist between evaluations, in blocks

/// Returns the number of tiles per block if each takes `bytes` bytes.
int fitting_tiles(std::size_t bytes) {
    for (const int tiles : kTileCounts) {
        if (bytes * static_cast<std::size_t>(tiles) <= kBlockBytes) {
            return tiles;
        }
    }
    return 1;
}

/// Estimates the bytes per tile that an evaluation accesses: of persistent values, those around the cells
/// that it fixes.
std::size_t bytes_in_use(std::size_t arena_bytes, const std::vector<CellGroup>& groups, int cells) {
    constexpr std::size_t kAround = 5;  // taps of a causal 3x3 kernel
    const std::size_t count = static_cast<std::size_t>(cells);
    std::size_t most = groups.empty() ? count : 1;
    for (const CellGroup& group : groups) {
        most = std::max(most, group.size());
    }
    const std::size_t in_use = arena_bytes / count * std::min(kAround * most, count);
    return std::max(in_use, arena_bytes / kMostArenas);
}

/// Moves the last op of a stage to a separate stage.
void split_last(std::vector<Stage>& stages) {
    Stage& first = stages.back();
    const Step* const last = first.step + (first.lookup ? 1 : 0) + 1;
    Stage second;
    second.step = last;
    second.output = first.output;
    first.argmax = false;
    first.add = nullptr;
    first.output = (last - 1)->output;
    stages.push_back(second);
}

/// Returns stages that the kernels support. An argmax that its layer cannot fuse becomes a stage of its own,
/// and so does an addition that is evaluated per cell with a layer that depends only on the kind.
std::vector<Stage> choose_stages(const Plan& plan, const Kernels& kernels, bool keep_all) {
    std::vector<Stage> stages;
    for (const Stage& stage : keep_all ? unfused(plan) : fuse(plan)) {
        stages.push_back(stage);
        const bool by_cells = std::holds_alternative<ops::Conv2d>(stage.step->op);
        if ((stage.argmax && !DirectLayer::argmax_fits(stage, kernels)) ||
            (plan.sampler && stage.add && !by_cells)) {
            split_last(stages);
        }
    }
    return stages;
}

}  // namespace

CpuProgram::CpuProgram(const Plan& plan, const Kernels& kernels, bool keep_all)
    : plan_(&plan), kernels_(&kernels), keep_all_(keep_all) {
    const std::vector<Stage> stages = choose_stages(plan, kernels, keep_all);
    std::vector<Dependence> dependences;
    std::vector<CellGroup> groups;
    if (plan.sampler && !keep_all) {
        const MapShape picture = map_shape(plan, plan.sampler->cells);
        dependences = dependences_of(plan, stages);
        if (plan.sampler->method == Sampler::Method::kAutoregressive) {
            groups = wavefronts(dependences, picture.height, picture.width);
            steps_ = PreparedSteps::find(dependences, groups, picture.height, picture.width);
        }
    }
    // If a step fixes few cells, most earlier results remain valid, so it pays to keep them. A step of a
    // masked sampler fixes so many cells that most results change; its blocks should rather stay in the
    // cache.
    keeps_values_ = keep_all || (!dependences.empty() && !groups.empty() && !steps_);
    lay_out_values(stages, dependences);
    most_tiles_ = fitting_tiles(bytes_in_use(
        values_->arena_bytes(), groups, plan.sampler ? map_shape(plan, plan.sampler->cells).cells() : 1));
    for (std::size_t i = 0; i < stages.size(); ++i) {
        Node& node = nodes_.emplace_back();
        node.stage = stages[i];
        node.is_constant = !dependences.empty() && dependences[i].constant();
        node.by_cells = !dependences.empty() && !node.is_constant;
    }
    check_packed_bytes();
    make_layers();
    choose_interrupt_checks();
    if (plan.sampler) {
        prepare_sampler(std::move(dependences), std::move(groups));
    }
}

/// Values that persist between evaluations share no bytes.
void CpuProgram::lay_out_values(const std::vector<Stage>& stages,
                                const std::vector<Dependence>& dependences) {
    std::vector<bool> kept(plan_->values.size(), keeps_values_);
    std::vector<bool> without_margin(stages.size(), false);
    for (std::size_t i = 0; i < dependences.size(); ++i) {
        const bool constant = dependences[i].constant();
        without_margin[i] = steps_ && !constant;
        if (constant || (steps_ && steps_->outlasts(i))) {
            kept[stages[i].output] = true;
        }
    }
    values_.emplace(*plan_, stages, *kernels_, kept, without_margin);
}

void CpuProgram::make_layers() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        Node& node = nodes_[i];
        if (!is_layer(*node.stage.step)) {
            continue;
        }
        if (steps_ && node.by_cells) {
            make_step_layer(i);
            continue;
        }
        node.layer = Layer::make(node.stage, (*values_)[node.stage.step->inputs[0]].layout,
                                 (*values_)[node.stage.output].layout, *kernels_, most_tiles_, node.by_cells);
        for (const int tiles : kTileCounts) {
            scratch_bytes_ =
                std::max(scratch_bytes_, tiles > most_tiles_ ? 0 : node.layer->scratch_bytes(tiles));
        }
    }
}

void CpuProgram::make_step_layer(std::size_t number) {
    Node& node = nodes_[number];
    const Place& input = (*values_)[node.stage.step->inputs[0]];
    const Layout& output = (*values_)[node.stage.output].layout;
    node.border = border_offset() + border_bytes_;
    border_bytes_ += aligned(static_cast<std::size_t>(input.layout.padded * 4 / kernels_->word));
    StepCells cells{{}, input.offset, node.border};
    for (std::size_t step = 0; step < steps_->step_count(); ++step) {
        cells.steps.push_back(&steps_->cells(step, number));
    }
    node.layer = std::make_unique<StepLayer>(
        node.stage, CpuLayerGeometry(node.stage, input.layout, output, *kernels_, true), input.layout, output,
        *kernels_, most_tiles_, cells);
}

/// Selects the nodes before which an evaluation checks the interrupt: none for a small network.
void CpuProgram::choose_interrupt_checks() {
    constexpr double kElement = 16;  // cost of an element of a step without weights, in multiply-adds
    double work = 0;
    for (Node& node : nodes_) {
        node.checks_interrupt = work > kPieceOfWork;
        work = node.checks_interrupt ? 0 : work;
        const double elements =
            kElement * static_cast<double>((*values_)[node.stage.output].layout.elements());
        work +=
            most_tiles_ * (elements + (node.layer ? static_cast<double>(node.layer->multiply_adds()) : 0));
    }
}

/// The limit is the same on every instruction set, as for values.
void CpuProgram::check_packed_bytes() const {
    // The largest value without padding bounds the tiles of a block on every instruction set. Sums are
    // excluded, because some instruction sets do not store them.
    std::size_t largest = 1;
    for (const Value& value : plan_->values) {
        largest = std::max(largest, value.is_int32() ? 0 : value.bytes());
    }
    const int tiles = fitting_tiles(largest);
    std::size_t bytes = 0;
    for (const Node& node : nodes_) {
        if (is_layer(*node.stage.step)) {
            bytes += Layer::most_bytes(node.stage, (*values_)[node.stage.step->inputs[0]].layout,
                                       (*values_)[node.stage.output].layout, tiles);
            if (bytes > kMaxPackedBytes) {
                throw std::invalid_argument("Executor(): the layers need more than " +
                                            std::to_string(kMaxPackedBytes) + " bytes of memory");
            }
        }
    }
}

void CpuProgram::prepare_sampler(std::vector<Dependence> dependences, std::vector<CellGroup> groups) {
    const Layout& picture = (*values_)[plan_->sampler->cells].layout;
    std::optional<DirtyRegion> region;
    if (steps_) {
        index_scratch_size_ = picture.elements() * static_cast<std::size_t>(most_tiles_);  // points of a node
    } else if (!dependences.empty()) {
        region.emplace(std::move(dependences), picture.height, picture.width);
        if (keeps_values_) {
            find_constant_borders(nodes_);
        }
        for (const Node& node : nodes_) {
            index_scratch_size_ =
                std::max(index_scratch_size_, node.layer ? node.layer->index_scratch_size(most_tiles_) : 0);
        }
        index_scratch_size_ += nodes_.size();  // which nodes were run for all points
    }
    sampler_.emplace(*plan_->sampler, picture.height, picture.width, static_cast<std::size_t>(most_tiles_),
                     std::move(region), std::move(groups), keeps_values_);
}

std::size_t CpuProgram::block_tiles(std::size_t left) const {
    for (const int tiles : kTileCounts) {
        if (tiles <= most_tiles_ && static_cast<std::size_t>(tiles) <= left) {
            return static_cast<std::size_t>(tiles);
        }
    }
    return 1;
}

std::size_t CpuProgram::workspace_bytes() const {
    return sampler_offset() + (sampler_ ? sampler_->memory_bytes() : 0);
}

/// Kernels may load whole registers beyond the end of a value. Memory of layers and samplers follows.
std::size_t CpuProgram::border_offset() const {
    return aligned(values_->arena_bytes() * static_cast<std::size_t>(most_tiles_) + kOverread);
}

std::size_t CpuProgram::scratch_offset() const { return aligned(border_offset() + border_bytes_); }

std::size_t CpuProgram::index_scratch_offset() const {
    return aligned(scratch_offset() + scratch_bytes_ + kOverread);
}

std::size_t CpuProgram::sampler_offset() const {
    return aligned(index_scratch_offset() + index_scratch_size_ * sizeof(std::int32_t));
}

std::uint64_t CpuProgram::multiply_adds() const {
    std::uint64_t sum = 0;
    for (const Node& node : nodes_) {
        const bool once = !sampler_ || node.is_constant || steps_;
        sum += node.layer
                   ? node.layer->multiply_adds() * (once ? 1 : sampler_->evaluations(plan_->sampler->options))
                   : 0;
    }
    return sum;
}

std::vector<CellGroup> CpuProgram::groups() const {
    return sampler_ ? sampler_->groups() : std::vector<CellGroup>{};
}

}  // namespace tilewright::cpu
