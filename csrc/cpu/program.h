#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/backend.h"
#include "cpu/step_nodes.h"
#include "cpu/value_layout.h"
#include "sampler/cell_sampler.h"

namespace tilewright::cpu {

/// A plan made ready for the kernels of one instruction set. The plan must outlive it.
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
    void prepare_sampler(std::vector<Dependence> dependences, std::vector<CellGroup> groups);
    std::vector<bool> kept_values(const std::vector<Stage>& stages,
                                  const std::vector<Dependence>& dependences) const;

    std::uint8_t* address(ValueId value, const Block& block, std::uint8_t* workspace) const;
    std::size_t scratch_offset() const;
    std::size_t index_scratch_offset() const;
    std::size_t sampler_offset() const;

    void copy_inputs(const Block& block, std::uint8_t* workspace) const;
    void fill_input_border(const Node& node, const Block& block, std::uint8_t* workspace) const;
    /// Computes the node's value, or the requested points of it.
    void run_node(const Node& node, const Block& block, std::uint8_t* workspace,
                  const RequestedPoints* requested = nullptr, std::int32_t* index_scratch = nullptr) const;
    void evaluate(const Block& block, std::uint8_t* workspace) const;
    void evaluate(const Block& block, std::uint8_t* workspace, const StepRequest& request) const;

    const Plan* plan_;
    const Kernels* kernels_;
    bool keep_all_;
    bool keeps_values_ = false;  ///< no two values share memory
    std::vector<Node> nodes_;
    std::optional<ValueLayout> values_;
    std::optional<CellSampler> sampler_;
    std::size_t scratch_bytes_ = 0;       ///< that a layer needs while it runs
    std::size_t index_scratch_size_ = 0;  ///< int32 that an evaluation of requested points needs
    int most_tiles_ = 1;
};

}  // namespace tilewright::cpu
