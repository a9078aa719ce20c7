#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "cpu/layer.h"
#include "cpu/winograd.h"

namespace tilewright::cpu {

/// A 3x3 convolution or a transposed one by Winograd's algorithm: see winograd.h. The input is transformed a
/// strip of a few rows of windows at a time, so that the strip stays in the cache.
class WinogradLayer : public Layer {
  public:
    /// Whether a layer can be made so, and gains by it: its kernels multiply 16-bit integers, its map has
    /// even sides and its sums leave the room that is needed.
    static bool suits(const Stage& stage, const LayerSource& source, const Kernels& kernels);

    WinogradLayer(const Stage& stage, LayerSource source, const Layout& input, const Layout& output,
                  const Kernels& kernels, int most_tiles);

    void run(const LayerCall& call) const override;
    std::size_t scratch_bytes(int tiles) const override;

  private:
    /// Where the points of a strip read, and where those of the whole map write, in elements.
    struct Points {
        std::vector<std::int32_t> inputs, outputs;
    };

    std::size_t row_bytes(int tiles) const;
    int strip_rows(int tiles) const;
    Points list_points(int tiles) const;
    void pack_transformed_weights();
    void make_phases();

    int values_;  ///< along an edge of a window, transformed
    int edge_;    ///< products along it, of one phase
    std::vector<Tap> taps_;
    std::vector<std::int32_t> zeros_;
    std::vector<std::vector<std::int32_t>> biases_;
    std::vector<std::vector<float>> multipliers_;
    std::vector<WinogradPhase> phases_;
    std::map<int, Points> points_;  ///< by tiles
};

}  // namespace tilewright::cpu
