#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/stages.h"
#include "cpu/layer.h"

namespace tilewright::cpu {

/// A stage of a program, ready to run.
struct Node {
    Stage stage;
    std::unique_ptr<Layer> layer;   ///< null: a pointwise op
    bool checks_interrupt = false;  ///< expensive nodes precede it since the last check
    bool has_constant_border =
        false;                 ///< whether the border of its input is constant and filled once per block
    std::size_t border = 0;    ///< of a StepLayer: bytes from the workspace to its border cell
    bool by_cells = false;     ///< evaluations compute some of its cells
    bool is_constant = false;  ///< run once per block, because its value does not depend on the picture
};

/// Finds the borders that persist between evaluations if values persist: constants that are equal for all
/// readers of the map.
void find_constant_borders(std::vector<Node>& nodes);

}  // namespace tilewright::cpu
