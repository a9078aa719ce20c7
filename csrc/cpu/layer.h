#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "core/aligned_memory.h"
#include "core/stages.h"
#include "cpu/convolution.h"
#include "cpu/layer_source.h"
#include "cpu/layout.h"

namespace tilewright::cpu {

/// The numbers of tiles for which schedules are made; any block is a sum of these.
constexpr std::array<int, 4> kTileCounts = {8, 4, 2, 1};

/// A layer with weights and what its stage fuses to it, packed for one instruction set.
class Layer {
  public:
    /// input, output: of the stage; most_tiles: the largest of kTileCounts in use.
    Layer(const Stage& stage, const Layout& input, const Layout& output, const Kernels& kernels,
          int most_tiles);

    /// No fewer bytes than the packed weights and the schedules will take.
    static std::size_t most_bytes(const Stage& stage, const Layout& input, const Layout& output,
                                  const Kernels& kernels, int most_tiles);

    /// Whether the stage's argmax can be taken from registers: its channels fit one group, and its sums leave
    /// the room that a rank needs.
    static bool argmax_fits(const Stage& stage, const Kernels& kernels);

    /// Runs the layer. `other`: the branch to be added, or null. `wanted`: the output cells to make, null for
    /// all; some others may be made too. `scratch`: room for scratch_numbers(tiles) where `wanted` is given.
    void run(const void* input, void* output, const void* other, int tiles, const CellList* wanted = nullptr,
             std::int32_t* scratch = nullptr) const;
    std::size_t scratch_numbers(int tiles) const;

    /// The positions, in cells from an output cell, of the input cells it depends on. Empty where that is not
    /// so simple: a layer with several phases or groups of cells.
    std::vector<std::pair<int, int>> dependence() const { return dependence_; }

    /// How far around the map it may read, what lies there, and whether it does read it: taps that only meet
    /// the border are left out, but points of one block share their taps.
    int reach() const { return source_.reach; }
    bool wraps() const { return source_.wraps; }
    bool reads_border() const { return reads_border_; }
    std::uint8_t zero_in() const { return source_.zero_in; }

    /// Multiply-adds for one tile that are not multiplications by padding.
    std::uint64_t multiply_adds() const { return multiply_adds_; }

  private:
    /// Which rows and columns of the kernel meet the map from a point: a bit for each of source_'s offsets.
    using PointClass = std::pair<std::uint64_t, std::uint64_t>;
    struct OwnedSchedule {
        std::vector<std::int32_t> inputs, outputs, classes, valid;
        bool regular = true;
    };

    void choose_columns();
    void pack_weights();
    void make_schedules(int most_tiles);
    OwnedSchedule make_schedule(int rows, int tiles);
    void append_outputs(int point, int tile, int tiles, std::vector<std::int32_t>& outputs) const;
    PointClass class_of(int y, int x) const;
    bool reached(const PointClass& point_class, const Position& position) const;
    int number_of(const PointClass& point_class);
    void find_dependence();
    bool matters(const PhaseSource& phase, int tap) const;
    static int choose_blocks(const CellList& wanted, int rows, int tiles, std::int32_t* chosen);
    void make_tap_sets();
    void set_epilogue(const Stage& stage);

    LayerSource source_;
    Layout input_;
    Layout output_;
    const Kernels* kernels_;
    bool reads_border_ = false;
    std::uint64_t multiply_adds_ = 0;
    std::vector<std::pair<int, int>> dependence_;
    std::size_t padded_lanes_ = 0;
    std::vector<int> row_offsets_;  ///< distinct dy of all positions
    std::vector<int> column_offsets_;
    std::vector<Columns> columns_;
    AlignedBytes weights_;
    std::size_t phase_bytes_ = 0;
    std::map<PointClass, int> classes_;
    std::map<std::pair<int, int>, OwnedSchedule> schedules_;  ///< by tiles and rows
    std::deque<std::vector<Tap>> taps_;
    std::deque<std::vector<std::int32_t>> biases_;
    std::deque<std::vector<float>> multipliers_;
    std::vector<TapSet> tap_sets_;
    std::vector<Phase> phases_;
    AlignedBytes table_;
    Convolution convolution_{};
};

}  // namespace tilewright::cpu
