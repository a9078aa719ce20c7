#include "cpu/step_nodes.h"

#include <map>
#include <utility>
#include <variant>

namespace tilewright::cpu {

bool has_one_map_size(const Plan& plan, const std::vector<Stage>& stages) {
    if (!plan.sampler) {
        return false;
    }
    const MapShape picture = map_shape(plan, 0);
    if (picture.width > kMostDirtyColumns || picture.height > kMostDirtyRows) {
        return false;
    }
    for (const Stage& stage : stages) {
        const ops::Op& op = stage.step->op;
        const MapShape shape = map_shape(plan, stage.output);
        const bool known = std::holds_alternative<ops::EmbedCells>(op) ||
                           std::holds_alternative<ops::Conv2d>(op) ||
                           std::holds_alternative<ops::Scores>(op) ||
                           std::holds_alternative<ops::Lookup>(op) || std::holds_alternative<ops::Add>(op);
        if (!known || shape.height != picture.height || shape.width != picture.width) {
            return false;
        }
    }
    return stages.back().output == plan.sampler->scores;
}

std::vector<Dependence> dependences_of(const std::vector<Node>& nodes) {
    std::map<ValueId, int> makers = {{0, -1}};
    std::vector<Dependence> stages;
    for (const Node& node : nodes) {
        const Step& step = *node.stage.step;
        Dependence dependence;
        dependence.positions = {{0, 0}};
        if (node.layer) {
            dependence.positions = node.layer->dependence();
            dependence.wraps = node.layer->wraps();
            if (dependence.positions.empty()) {
                return {};
            }
        }
        dependence.input = makers.at(step.inputs[0]);
        if (node.stage.add) {
            dependence.added = makers.at(node.stage.added);
        } else if (step.inputs.size() == 2) {
            dependence.added = makers.at(step.inputs[1]);
        }
        makers[node.stage.output] = static_cast<int>(stages.size());
        stages.push_back(std::move(dependence));
    }
    return stages;
}

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
