#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "cpu/layer.h"
#include "cpu/schedule.h"

namespace tilewright::cpu {

/// A layer that multiplies every tap at every point, except for taps in the border.
class DirectLayer : public Layer {
  public:
    DirectLayer(const Stage& stage, CpuLayerGeometry source, const Layout& input, const Layout& output,
                const Kernels& kernels, int most_tiles, bool by_cells);

    /// Whether the argmax can be taken in registers: the channels fit one group, and the sums have room for a
    /// rank.
    static bool argmax_fits(const Stage& stage, const Kernels& kernels);

    void run(const LayerCall& call) const override;
    std::size_t index_scratch_size(int tiles) const override;

  private:
    void run_in_pieces(const Convolution& all, int count, Interrupt* interrupt) const;

    /// The division of the points of some number of tiles into blocks.
    struct Cuts {
        std::map<int, std::array<Blocks, kSchedules>> by_vectors;  ///< registers in a group of columns
        NumberedPoints points;                                     ///< for dividing requested points
        Blocks amx_blocks{16};                                     ///< for AMX
    };

    void cut_points(int most_tiles, bool by_cells);
    PointList list_points(int tiles) const;
    std::array<Blocks, kSchedules> cut(const PointList& points, int vectors);
    double cost_of(const PointClass& point_class, int rows, int vectors) const;
    void append_outputs(int point, int tile, int tiles, std::vector<std::int32_t>& outputs) const;
    PointClass class_of(int y, int x) const;
    bool reached(const PointClass& point_class, const Position& position) const;
    int number_of(const PointClass& point_class);
    bool matters(const PhaseSource& phase, int tap) const;
    void make_tap_sets();

    std::vector<int> row_offsets_;  ///< distinct dy of all positions
    std::vector<int> column_offsets_;
    std::map<PointClass, int> classes_;
    std::map<int, Cuts> cuts_;  ///< by tiles
    std::deque<std::vector<Tap>> taps_;
    std::deque<std::vector<std::int32_t>> biases_;
    std::deque<std::vector<float>> multipliers_;
    std::vector<TapSet> tap_sets_;
    std::vector<Phase> phases_;
};

}  // namespace tilewright::cpu
