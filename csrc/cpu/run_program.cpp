#include <algorithm>
#include <chrono>

#include "cpu/pointwise.h"
#include "cpu/program.h"

namespace tilewright::cpu {

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
