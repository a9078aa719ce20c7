#pragma once

#include <memory>
#include <vector>

#include "core/stages.h"
#include "cpu/layer.h"
#include "sampler/dirty_region.h"

namespace tilewright::cpu {

/// A stage of a program, ready to run.
struct Node {
    Stage stage;
    std::unique_ptr<Layer> layer;      ///< null: a pointwise op
    bool checks_interrupt = false;     ///< much was computed since the last check
    bool has_constant_border = false;  ///< of its input, filled once for a block
};

/// Whether the stages are a step network of maps of one size, so that an evaluation can leave cells as they
/// are.
bool has_one_map_size(const Plan& plan, const std::vector<Stage>& stages);

/// What the nodes of such a network depend on, in order; empty if a layer does not compute single cells.
std::vector<Dependence> dependences_of(const std::vector<Node>& nodes);

/// Finds the borders that stay between evaluations if values do: constants, the same for all layers that read
/// the map.
void find_constant_borders(std::vector<Node>& nodes);

}  // namespace tilewright::cpu
