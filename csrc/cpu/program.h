#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/backend.h"
#include "cpu/pointwise.h"
#include "cpu/step_nodes.h"
#include "cpu/value_layout.h"
#include "sampler/cell_sampler.h"
#include "sampler/prepared_steps.h"

namespace tilewright::cpu {

/// A plan prepared for the kernels of one instruction set. The plan must outlive it.
class CpuProgram : public Program {
  public:
    CpuProgram(const Plan& plan, const Kernels& kernels, bool keep_all);

    std::size_t block_tiles(std::size_t left) const override;
    std::size_t workspace_bytes() const override;
    void run(const Block& block, std::uint8_t* workspace) const override;
    void read(ValueId value, std::size_t tile, std::size_t tiles, const std::uint8_t* workspace,
              std::uint8_t* to) const override;
    std::uint64_t multiply_adds() const override;
    std::vector<CellGroup> groups() const override;
    std::vector<StageTime> time_stages(const Block& block, std::uint8_t* workspace,
                                       int rounds) const override;

  private:
    class SampledBlock;

    void check_packed_bytes() const;
    void choose_interrupt_checks();
    void lay_out_values(const std::vector<Stage>& stages, const std::vector<Dependence>& dependences);
    void make_layers();
    void make_step_layer(std::size_t number);
    void prepare_sampler(std::vector<Dependence> dependences, std::vector<CellGroup> groups);

    std::uint8_t* address(ValueId value, const Block& block, std::uint8_t* workspace) const;
    std::size_t border_offset() const;
    std::size_t scratch_offset() const;
    std::size_t index_scratch_offset() const;
    std::size_t sampler_offset() const;

    void copy_inputs(const Block& block, std::uint8_t* workspace) const;
    void fill_input_border(const Node& node, const Block& block, std::uint8_t* workspace) const;
    void fill_border_cell(const Node& node, std::uint8_t* workspace) const;
    /// Computes the node's value, or the requested points of it.
    void run_node(const Node& node, const Block& block, std::uint8_t* workspace,
                  const RequestedPoints* requested = nullptr, std::int32_t* index_scratch = nullptr) const;
    void evaluate(const Block& block, std::uint8_t* workspace) const;
    void evaluate(const Block& block, std::uint8_t* workspace, const StepRequest& request) const;
    void evaluate_step(const Block& block, std::uint8_t* workspace, std::size_t step) const;
    /// Computes what a prepared step needs of the node's value.
    void run_node_of_step(std::size_t number, const Block& block, std::uint8_t* workspace,
                          std::size_t step) const;
    Operand operand(ValueId value, const Block& block, std::uint8_t* workspace) const;
    LayerCall call_of(const Node& node, const Block& block, std::uint8_t* workspace) const;
    PointwiseCall pointwise_call_of(const Node& node, const Block& block, std::uint8_t* workspace) const;

    const Plan* plan_;
    const Kernels* kernels_;
    bool keep_all_;
    bool keeps_values_ = false;           ///< all values have disjoint memory
    std::optional<PreparedSteps> steps_;  ///< what each evaluation computes, if it is known in advance
    std::vector<Node> nodes_;
    std::optional<ValueLayout> values_;
    std::optional<CellSampler> sampler_;
    std::size_t border_bytes_ = 0;        ///< of the border cells
    std::size_t scratch_bytes_ = 0;       ///< for one layer at a time
    std::size_t index_scratch_size_ = 0;  ///< int32 per evaluation of requested points
    int most_tiles_ = 1;
};

}  // namespace tilewright::cpu
