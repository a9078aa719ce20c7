#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/aligned_memory.h"
#include "core/interrupt.h"
#include "core/stages.h"
#include "cpu/convolution.h"
#include "cpu/layer_geometry.h"
#include "cpu/layout.h"
#include "sampler/step_network.h"

namespace tilewright::cpu {

/// The block sizes, in tiles, for which layers are prepared. Any block is a sum of these.
constexpr std::array<int, 4> kTileCounts = {8, 4, 2, 1};

/// The operands of a layer. `requested` and `index_scratch` are used by samplers only.
struct LayerCall {
    const void* input;
    void* output;
    const void* other;  ///< the branch to be added, or null
    int tiles;
    std::uint8_t* scratch;  ///< scratch_bytes(tiles), aligned
    Interrupt* interrupt;   ///< may end the call early, or null
    const RequestedPoints* requested =
        nullptr;                            ///< points to compute; null: all. The layer may compute more.
    std::int32_t* index_scratch = nullptr;  ///< index_scratch_size(tiles), required with `requested`
    std::size_t step = 0;                   ///< of a StepLayer: the number of the evaluation
};

/// Returns the maximum number of registers per channel group.
int most_vectors_of(const Kernels& kernels);

/// A layer with weights and its fused ops, packed for one instruction set. See direct_layer.h and
/// winograd_layer.h.
class Layer {
  public:
    virtual ~Layer() = default;

    /// input, output: of the stage. most_tiles: the largest of kTileCounts in use. by_cells: whether `run`
    /// will receive requested points.
    static std::unique_ptr<Layer> make(const Stage& stage, const Layout& input, const Layout& output,
                                       const Kernels& kernels, int most_tiles, bool by_cells);

    /// Returns an upper bound for the bytes of packed weights and schedules on any instruction set.
    static std::size_t most_bytes(const Stage& stage, const Layout& input, const Layout& output,
                                  int most_tiles);

    virtual void run(const LayerCall& call) const = 0;
    virtual std::size_t scratch_bytes(int /*tiles*/) const { return 0; }
    virtual std::size_t index_scratch_size(int /*tiles*/) const { return 0; }

    /// The cells beyond the map that the layer may read, their value, and whether they are read.
    ops::Axes reach() const { return source_.reach; }
    bool wraps() const { return source_.wraps; }
    bool reads_border() const { return reads_border_; }
    std::uint8_t zero_in() const { return source_.zero_in; }

    /// Multiply-adds per tile, without padding and idle lanes.
    std::uint64_t multiply_adds() const { return multiply_adds_; }

  protected:
    /// Number of pieces of a call for all points, between which it checks the interrupt: 1 except for huge
    /// layers.
    int pieces(const LayerCall& call) const {
        return 1 + static_cast<int>(static_cast<double>(multiply_adds_) * call.tiles / kPieceOfWork);
    }

    /// Writes the weights of (phase, tap, lane) for all input channels, or returns false for zeros.
    using WeightRow = std::function<bool(std::size_t, int, int, std::int16_t*)>;

    Layer(const Stage& stage, CpuLayerGeometry source, const Layout& input, const Layout& output,
          const Kernels& kernels);

    /// Words of the weights of a tap. packed: the number including trailing zeros.
    struct WordRange {
        int tap;
        int first;
        int words;
        int packed;
    };

    void pack_weights(std::size_t phases, const std::vector<WordRange>& ranges, const WeightRow& row);
    /// Returns all words of `taps` taps.
    std::vector<WordRange> all_words(int taps) const;

    CpuLayerGeometry source_;
    Layout input_;
    Layout output_;
    const Kernels* kernels_;
    bool reads_border_ = false;
    std::uint64_t multiply_adds_ = 0;
    std::size_t padded_lanes_ = 0;
    std::vector<ChannelGroup> columns_;
    AlignedBytes weights_;
    std::size_t phase_bytes_ = 0;
    Convolution convolution_{};

  private:
    void choose_columns();
    void set_epilogue(const Stage& stage);

    AlignedBytes table_;
};

}  // namespace tilewright::cpu
