#include "cpu/layer_source.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>

namespace tilewright::cpu {
namespace {

constexpr int kAlignment = 64;  // bytes that AMX loads at once

MapShape shape_of(const Layout& layout) { return {layout.height, layout.width, layout.channels}; }

}  // namespace

LayerSource::LayerSource(const Stage& stage, const Layout& input, const Layout& output,
                         const Kernels& kernels)
    : tilewright::LayerSource(stage, shape_of(input), shape_of(output), groups(stage, kernels)) {
    if (std::holds_alternative<ops::Scores>(stage.step->op)) {
        result = stage.argmax ? Result::kArgmax : Result::kSums;
    }
    const auto* dense = std::get_if<ops::Dense>(&stage.step->op);
    if (dense && dense->inputs == in_channels) {
        leave_out_zeros(*dense);
    }
}

/// Layers that pick a part of the latent have weights for that part alone.
void LayerSource::leave_out_zeros(const ops::Dense& op) {
    int first = op.inputs;
    int end = 0;
    for (std::size_t i = 0; i < op.weights.size(); ++i) {
        if (op.weights[i] != 0) {
            const int in = static_cast<int>(i % static_cast<std::size_t>(op.inputs));
            first = std::min(first, in);
            end = std::max(end, in + 1);
        }
    }
    first = first / kAlignment * kAlignment;
    if (end <= first) {
        return;
    }
    first_channel = first;
    in_channels = end - first;
    for (PhaseSource& phase : phases) {
        phase.weights = [all = std::move(phase.weights), first](int position, int lane) {
            return all(position, lane) + first;
        };
    }
}

bool LayerSource::groups(const Stage& stage, const Kernels& kernels) {
    // The lanes of four cells must fit one group of registers.
    return 4 * kGroupChannels <= kernels.lanes * kernels.most_vectors && can_group(stage);
}

}  // namespace tilewright::cpu
