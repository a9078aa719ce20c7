#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "cpu/layer.h"
#include "cpu/listed_points.h"
#include "cpu/schedule.h"
#include "sampler/wavefronts.h"

namespace tilewright::cpu {

/// The cells that a StepLayer computes, and the addresses of its input.
struct StepCells {
    std::vector<const CellGroup*> steps;  ///< of each evaluation, the cells
    std::size_t input;                    ///< bytes from the workspace to the input of one tile; T times that
    std::size_t border;  ///< offset of padded input channels of `zero_in`, for any number of tiles
};

/// A convolution whose cells are known in advance for every evaluation of a sampler. Addresses are listed
/// when it is created, and words with zero weights are skipped.
class StepLayer : public Layer {
  public:
    StepLayer(const Stage& stage, CpuLayerGeometry source, const Layout& input, const Layout& output,
              const Kernels& kernels, int most_tiles, const StepCells& cells);

    /// Computes the cells of evaluation `call.step`.
    void run(const LayerCall& call) const override;

  private:
    /// A word run and its tap.
    struct SourceRun {
        int tap;
        int first;  ///< word
        WordRun words;
    };

    /// The runs inside the map, one bit each.
    using RunMask = std::uint64_t;

    /// The blocks for some number of tiles and of registers.
    struct Blocks {
        std::vector<std::int32_t> inputs, outputs, sets, valid;
        std::vector<ListedBlocks> listed;
        std::vector<std::size_t> steps;  ///< the first block of each step
    };

    void find_runs();
    void list_blocks(int tiles, int vectors, const StepCells& cells, Blocks& blocks);
    void list_step(const CellGroup& cells, int tiles, int vectors, std::int32_t border, Blocks& blocks);
    PointList list_points(const CellGroup& cells, int tiles) const;
    bool lists_all() const { return runs_.size() > 64; }
    bool met(RunMask mask, std::size_t run) const { return lists_all() || (mask >> run & 1); }
    RunMask mask_of(int cell) const;
    std::int32_t input_of(int cell, int tile, int tiles, const SourceRun& run, std::int32_t border) const;
    double cost_of(RunMask mask, int rows, int vectors) const;
    int set_of(RunMask mask);
    void make_sets();
    void count_multiply_adds(const StepCells& cells);

    std::vector<SourceRun> runs_;
    std::map<RunMask, int> numbers_;  ///< of the sets
    std::deque<std::vector<WordRun>> set_runs_;
    std::deque<std::vector<std::int32_t>> biases_;
    std::vector<RunSet> sets_;
    std::vector<float> multiplier_;
    Phase phase_{};
    std::map<std::pair<int, int>, Blocks> blocks_;  ///< by tiles and registers of a group of columns
};

}  // namespace tilewright::cpu
