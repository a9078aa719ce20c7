#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/backend.h"
#include "core/stages.h"
#include "cpu/freshness.h"
#include "cpu/layer.h"
#include "cpu/layout.h"

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
    std::vector<StageTime> time_stages(const Block& block, std::uint8_t* workspace,
                                       int rounds) const override;

  private:
    /// Where a value lies: `offset` bytes for one tile, T times that for T tiles.
    struct Place {
        Layout layout;
        bool int32 = false;
        std::size_t offset = 0;
        std::size_t bytes = 0;
    };
    struct Node {
        Stage stage;
        std::unique_ptr<Layer> layer;  ///< null: a pointwise op
        bool looks = false;            ///< much was computed since an Interrupt was looked at
        bool border_stays = false;     ///< filled once for a block: all who read the map fill it alike
    };

    bool only_a_result(ValueId id) const;
    void lay_out_values();
    void place_values();
    void check_packed_bytes() const;
    void choose_looks();
    /// Makes all cells of the node's value, or those wanted.
    void run_node(const Node& node, const Block& block, std::uint8_t* workspace,
                  const Wanted* wanted = nullptr, std::int32_t* numbers = nullptr) const;
    void fill_input_border(const Node& node, const Block& block, std::uint8_t* workspace) const;
    void evaluate(const Block& block, std::uint8_t* workspace) const;
    std::size_t scratch_offset() const;
    std::size_t sampling_offset() const;

    // sampling.cpp
    bool can_keep_cells() const;
    void follow_cells();
    void prepare_sampling();
    std::size_t set_words() const;
    void evaluate_wanted(const Block& block, std::uint8_t* workspace, std::uint64_t* sets,
                         std::size_t set_count, std::int32_t* numbers) const;
    std::uint8_t draw_cell(const Block& block, std::size_t tile, std::int32_t cell,
                           const std::uint8_t* workspace) const;
    void sample(const Block& block, std::uint8_t* workspace) const;
    std::uint8_t* address(ValueId value, std::size_t tiles, std::uint8_t* workspace) const;

    const Plan* plan_;
    const Kernels* kernels_;
    bool keep_all_;
    std::vector<Place> places_;
    std::vector<Node> nodes_;
    std::unique_ptr<Freshness> freshness_;  ///< null: every evaluation makes everything
    bool keeps_values_ = false;             ///< no two values share memory
    std::size_t arena_bytes_ = 0;           ///< of a tile
    std::size_t scratch_bytes_ = 0;         ///< what a layer needs while it runs
    std::size_t sampling_words_ = 0;        ///< uint64 at the head of what follows
    std::size_t sampling_bytes_ = 0;        ///< of all that
    int most_tiles_ = 1;
};

}  // namespace tilewright::cpu
