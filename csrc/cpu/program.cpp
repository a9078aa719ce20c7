#include "cpu/program.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include "core/aligned_memory.h"
#include "cpu/direct_layer.h"
#include "cpu/pointwise.h"
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

/// A block of pictures in a workspace, as the interface to the sampler.
class CpuProgram::SampledBlock : public StepNetwork {
  public:
    SampledBlock(const CpuProgram& program, const Block& block, std::uint8_t* workspace)
        : program_(program),
          block_(block),
          workspace_(workspace),
          place_((*program.values_)[program.plan_->sampler->scores]),
          scores_(reinterpret_cast<const std::int32_t*>(workspace + place_.offset * block.tiles)) {}

    std::uint8_t* cells() override {
        return program_.address(program_.plan_->sampler->cells, block_, workspace_);
    }

    void evaluate(std::size_t step, const StepRequest* request) override {
        if (request) {
            program_.evaluate(block_, workspace_, *request);
        } else if (program_.steps_) {
            program_.evaluate_step(block_, workspace_, step);
        } else {
            program_.evaluate(block_, workspace_);
        }
    }

    const std::int32_t* scores(std::size_t tile, std::int32_t cell) const override {
        const Layout& layout = place_.layout;
        return scores_ +
               static_cast<std::size_t>(layout.cell(cell / layout.width, cell % layout.width)) *
                   block_.tiles +
               tile * static_cast<std::size_t>(layout.padded);
    }

  private:
    const CpuProgram& program_;
    const Block& block_;
    std::uint8_t* workspace_;
    const Place& place_;
    const std::int32_t* scores_;
};

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

std::uint8_t* CpuProgram::address(ValueId value, const Block& block, std::uint8_t* workspace) const {
    return workspace + (*values_)[value].offset * block.tiles;
}

Operand CpuProgram::operand(ValueId value, const Block& block, std::uint8_t* workspace) const {
    const Place& place = (*values_)[value];
    return {address(value, block, workspace), &place.layout, place.int32};
}

LayerCall CpuProgram::call_of(const Node& node, const Block& block, std::uint8_t* workspace) const {
    const Stage& stage = node.stage;
    return {address(stage.step->inputs[0], block, workspace),
            address(stage.output, block, workspace),
            stage.add ? address(stage.added, block, workspace) : nullptr,
            static_cast<int>(block.tiles),
            workspace + scratch_offset(),
            block.interrupt};
}

PointwiseCall CpuProgram::pointwise_call_of(const Node& node, const Block& block,
                                            std::uint8_t* workspace) const {
    const Stage& stage = node.stage;
    PointwiseCall call{{},
                       stage.step->inputs.size(),
                       operand(stage.output, block, workspace),
                       static_cast<int>(block.tiles),
                       block.interrupt,
                       nullptr};
    for (std::size_t i = 0; i < stage.step->inputs.size(); ++i) {
        call.inputs[i] = operand(stage.step->inputs[i], block, workspace);
    }
    return call;
}

void CpuProgram::run_node(const Node& node, const Block& block, std::uint8_t* workspace,
                          const RequestedPoints* requested, std::int32_t* index_scratch) const {
    if (!node.layer) {
        PointwiseCall call = pointwise_call_of(node, block, workspace);
        call.requested = requested;
        run_pointwise(node.stage.step->op, call, 4 / kernels_->word);
        return;
    }
    if (!node.has_constant_border) {
        fill_input_border(node, block, workspace);
    }
    LayerCall call = call_of(node, block, workspace);
    call.requested = requested;
    call.index_scratch = index_scratch;
    node.layer->run(call);
}

void CpuProgram::run_node_of_step(std::size_t number, const Block& block, std::uint8_t* workspace,
                                  std::size_t step) const {
    const Node& node = nodes_[number];
    const CellGroup& cells = steps_->cells(step, number);
    if (cells.empty()) {
        return;
    }
    if (node.layer) {
        LayerCall call = call_of(node, block, workspace);
        call.step = step;
        node.layer->run(call);
        return;
    }
    const int tiles = static_cast<int>(block.tiles);
    std::int32_t* const points = reinterpret_cast<std::int32_t*>(workspace + index_scratch_offset());
    int count = 0;
    for (const std::int32_t cell : cells) {
        for (int tile = 0; tile < tiles; ++tile) {
            points[count++] = cell * tiles + tile;
        }
    }
    const RequestedPoints requested{{cells.data(), static_cast<int>(cells.size())}, points, count};
    run_node(node, block, workspace, &requested);
}

void CpuProgram::fill_input_border(const Node& node, const Block& block, std::uint8_t* workspace) const {
    if (!node.layer || !node.layer->reads_border()) {
        return;
    }
    const ValueId input = node.stage.step->inputs[0];
    fill_border({address(input, block, workspace), &(*values_)[input].layout}, static_cast<int>(block.tiles),
                node.layer->reach(), node.layer->wraps(), node.layer->zero_in(), 4 / kernels_->word);
}

/// Fills the cell that a StepLayer reads in place of cells beyond the edge.
void CpuProgram::fill_border_cell(const Node& node, std::uint8_t* workspace) const {
    const Layout& layout = (*values_)[node.stage.step->inputs[0]].layout;
    const auto count = static_cast<std::size_t>(layout.padded);
    if (kernels_->word == 4) {
        std::fill_n(workspace + node.border, count, node.layer->zero_in());
    } else {
        std::fill_n(reinterpret_cast<std::int16_t*>(workspace + node.border), count,
                    std::int16_t{node.layer->zero_in()});
    }
}

void CpuProgram::evaluate(const Block& block, std::uint8_t* workspace) const {
    for (const Node& node : nodes_) {
        if (node.checks_interrupt && requested(block.interrupt)) {
            return;
        }
        run_node(node, block, workspace);
    }
}

/// Evaluates the requested points of each node.
void CpuProgram::evaluate(const Block& block, std::uint8_t* workspace, const StepRequest& request) const {
    const int all = static_cast<int>((*values_)[plan_->sampler->cells].layout.elements() * block.tiles);
    std::int32_t* const ran_whole = reinterpret_cast<std::int32_t*>(workspace + index_scratch_offset());
    std::int32_t* const index_scratch = ran_whole + nodes_.size();
    // Whether all cells of a node's value are initialised, so that other nodes may read them. Node -1 is the
    // picture.
    const auto is_filled = [&](int node) { return node < 0 || keeps_values_ || ran_whole[node]; };
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i].checks_interrupt && requested(block.interrupt)) {
            return;
        }
        if (nodes_[i].is_constant) {
            continue;
        }
        const RequestedPoints points = request.points(i);
        const Dependence& reads = request.dependence(i);
        // Selecting most of the points would cost more than it saves.
        ran_whole[i] = 4 * points.point_count > 3 * all && is_filled(reads.input) && is_filled(reads.added);
        if (ran_whole[i]) {
            run_node(nodes_[i], block, workspace);
        } else if (points.point_count > 0) {
            run_node(nodes_[i], block, workspace, &points, index_scratch);
        }
    }
}

void CpuProgram::evaluate_step(const Block& block, std::uint8_t* workspace, std::size_t step) const {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i].checks_interrupt && requested(block.interrupt)) {
            return;
        }
        run_node_of_step(i, block, workspace, step);
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
    const std::size_t steps = steps_ ? steps_->step_count() : 1;
    for (int round = 0; round < rounds && !requested(block.interrupt); ++round) {
        copy_inputs(block, workspace);
        for (std::size_t step = 0; step < steps; ++step) {
            for (std::size_t i = 0; i < nodes_.size(); ++i) {
                const Clock::time_point began = Clock::now();
                if (!steps_) {
                    run_node(nodes_[i], block, workspace);
                } else {
                    run_node_of_step(i, block, workspace, step);
                }
                times[i].seconds += scale * std::chrono::duration<double>(Clock::now() - began).count();
            }
        }
    }
    return times;
}

/// Copies the inputs of a block to the values that stages read. Later stages may overwrite them.
void CpuProgram::copy_inputs(const Block& block, std::uint8_t* workspace) const {
    for (std::size_t i = 0; i < plan_->inputs.size(); ++i) {
        const ValueId id = plan_->inputs[i].value;
        const Place& place = (*values_)[id];
        spread((*block.inputs)[i].data(), plan_->values[id].bytes(),
               {address(id, block, workspace), &place.layout, place.int32}, static_cast<int>(block.tiles),
               4 / kernels_->word);
    }
}

void CpuProgram::run(const Block& block, std::uint8_t* workspace) const {
    copy_inputs(block, workspace);
    if (sampler_ && !keep_all_) {  // a trace is one evaluation
        for (const Node& node : nodes_) {
            if (node.has_constant_border) {
                fill_input_border(node, block, workspace);
            }
            if (node.border > 0) {
                fill_border_cell(node, workspace);
            }
            if (node.is_constant) {
                run_node(node, block, workspace);
            }
        }
        SampledBlock network(*this, block, workspace);
        sampler_->run(block, network, workspace + sampler_offset());
        return;
    }
    evaluate(block, workspace);
}

void CpuProgram::read(ValueId value, std::size_t tile, std::size_t tiles, const std::uint8_t* workspace,
                      std::uint8_t* to) const {
    const Place& place = (*values_)[value];
    const Operand operand{const_cast<std::uint8_t*>(workspace) + place.offset * tiles, &place.layout,
                          place.int32};
    collect(operand, static_cast<int>(tile), static_cast<int>(tiles), 4 / kernels_->word, to);
}

}  // namespace tilewright::cpu
