#pragma once

#include "core/layer_source.h"
#include "cpu/kernels.h"
#include "cpu/layout.h"

namespace tilewright::cpu {

/// A layer as points and phases, for the registers of one instruction set.
struct LayerSource : tilewright::LayerSource {
    /// by_cells: whether points must be single cells.
    LayerSource(const Stage& stage, const Layout& input, const Layout& output, const Kernels& kernels,
                bool by_cells);

    /// Whether a stage's points make 2x2 cells.
    static bool groups(const Stage& stage, const Layout& output, const Kernels& kernels);

    Result result = Result::kBytes;
};

}  // namespace tilewright::cpu
