#pragma once

#include "core/layer_geometry.h"
#include "cpu/kernels.h"
#include "cpu/layout.h"

namespace tilewright::cpu {

/// The geometry of a layer for the registers of one instruction set.
struct CpuLayerGeometry : tilewright::LayerGeometry {
    /// by_cells: whether every point must compute a single cell.
    CpuLayerGeometry(const Stage& stage, const Layout& input, const Layout& output, const Kernels& kernels,
                     bool by_cells);

    /// Whether the points of a stage compute 2x2 cells.
    static bool groups(const Stage& stage, const Layout& output, const Kernels& kernels);

    Result result = Result::kBytes;
};

}  // namespace tilewright::cpu
