#pragma once

#include <cstdint>
#include <vector>

#include "cpu/argmax.h"
#include "cpu/layer.h"

namespace tilewright::cpu {

/// Scores with a fused argmax, with pixels in the lanes: see argmax.h.
class ArgmaxLayer : public Layer {
  public:
    static bool suits(const CpuLayerGeometry& source, const Layout& input, const Kernels& kernels);

    ArgmaxLayer(const Stage& stage, CpuLayerGeometry source, const Layout& input, const Layout& output,
                const Kernels& kernels);

    void run(const LayerCall& call) const override;
    std::size_t scratch_bytes(int tiles) const override;

  private:
    void count_multiply_adds();

    std::vector<PixelTap> taps_;
    std::vector<std::int32_t> packed_;  ///< (taps, words, colours): four weights in each
    std::vector<std::int32_t> bias_, below_;
    PixelScores scores_{};
};

}  // namespace tilewright::cpu
