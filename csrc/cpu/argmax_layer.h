#pragma once

#include <cstdint>
#include <vector>

#include "cpu/argmax.h"
#include "cpu/layer.h"

namespace tilewright::cpu {

/// Scores through a 1x1 kernel and their argmax, with pixels in the lanes: see argmax.h.
class ArgmaxLayer : public Layer {
  public:
    static bool suits(const LayerSource& source, const Layout& input, const Kernels& kernels);

    ArgmaxLayer(const Stage& stage, LayerSource source, const Layout& input, const Layout& output,
                const Kernels& kernels);

    void run(const LayerCall& call) const override;

  private:
    std::vector<std::int32_t> packed_;  ///< (words, colours): four weights in each
    std::vector<std::int32_t> bias_, below_;
    PixelScores scores_{};
};

}  // namespace tilewright::cpu
