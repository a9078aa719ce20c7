#pragma once

#include "core/layer_source.h"
#include "cpu/kernels.h"
#include "cpu/layout.h"

namespace tilewright::cpu {

/// A layer as points and phases, for the registers of one instruction set.
struct LayerSource : tilewright::LayerSource {
    LayerSource(const Stage& stage, const Layout& input, const Layout& output, const Kernels& kernels);

    /// Whether a stage's points make 2x2 cells.
    static bool groups(const Stage& stage, const Kernels& kernels);

    Result result = Result::kBytes;
};

}  // namespace tilewright::cpu
