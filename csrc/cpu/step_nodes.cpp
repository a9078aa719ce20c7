#include "cpu/step_nodes.h"

namespace tilewright::cpu {

void find_constant_borders(std::vector<Node>& nodes) {
    for (Node& node : nodes) {
        node.has_constant_border = node.layer && !node.layer->wraps();
        for (const Node& other : nodes) {
            if (node.has_constant_border && other.layer &&
                other.stage.step->inputs[0] == node.stage.step->inputs[0]) {
                node.has_constant_border =
                    !other.layer->wraps() && other.layer->zero_in() == node.layer->zero_in();
            }
        }
    }
}

}  // namespace tilewright::cpu
