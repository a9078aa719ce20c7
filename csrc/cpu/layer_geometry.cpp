#include "cpu/layer_geometry.h"

#include <variant>

namespace tilewright::cpu {
namespace {

MapShape shape_of(const Layout& layout) { return {layout.height, layout.width, layout.channels}; }

}  // namespace

CpuLayerGeometry::CpuLayerGeometry(const Stage& stage, const Layout& input, const Layout& output,
                                   const Kernels& kernels, bool by_cells)
    : tilewright::LayerGeometry(stage, shape_of(input), shape_of(output),
                                !by_cells && groups(stage, output, kernels)) {
    if (std::holds_alternative<ops::Scores>(stage.step->op)) {
        result = stage.argmax ? Result::kArgmax : Result::kSums;
    }
}

bool CpuLayerGeometry::groups(const Stage& stage, const Layout& output, const Kernels& kernels) {
    // The lanes of four cells must fit one channel group.
    return 4 * kGroupChannels <= kernels.lanes * kernels.most_vectors && can_group(stage, shape_of(output));
}

}  // namespace tilewright::cpu
