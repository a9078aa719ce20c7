#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "cpu/layer.h"
#include "cpu/winograd.h"

namespace tilewright::cpu {

/// A 3x3 convolution or a transposed convolution by Winograd's algorithm: see winograd.h. The input is
/// transformed in strips of a few rows of windows, which stay in the cache.
class WinogradLayer : public Layer {
  public:
    /// Whether the algorithm applies and is faster: kernels with 16-bit integers, a map with even sides, and
    /// sums with enough headroom.
    static bool suits(const Stage& stage, const CpuLayerGeometry& source, const Kernels& kernels);

    WinogradLayer(const Stage& stage, CpuLayerGeometry source, const Layout& input, const Layout& output,
                  const Kernels& kernels, int most_tiles);

    void run(const LayerCall& call) const override;
    std::size_t scratch_bytes(int tiles) const override;

  private:
    /// The input elements of the points of a strip, and the output elements of those of the whole map.
    struct Points {
        std::vector<std::int32_t> inputs, outputs;
    };

    std::size_t row_bytes(int tiles) const;
    int strip_rows(int tiles) const;
    Points list_points(int tiles) const;
    void pack_transformed_weights();
    void make_phases();

    /// Returns the windows along a side of the map.
    int windows_along(int side) const { return side / window_outputs(edge_); }

    int edge_;  ///< the algorithm: see winograd.h
    std::vector<Tap> taps_;
    std::vector<std::int32_t> zeros_;
    std::vector<std::vector<std::int32_t>> biases_;
    std::vector<std::vector<float>> multipliers_;
    std::vector<WinogradPhase> phases_;
    std::map<int, Points> points_;  ///< by tiles
};

}  // namespace tilewright::cpu
